"""Look at the scorecards with your own eyes: `python -m tests.browser.screenshot FOLDER` photographs every golden one.

Needs a headless Chromium on the path; light and dark, wide and narrow, and the printed page as PDF.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.evidence import load
from reports.render import Shown, render, render_run
from tests.golden.story import STORIES, sealed

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--no-pdf-header-footer",
)  # fmt: skip
LOOKS = {
    "light": ("--window-size=1200,3600",),
    "dark": ("--window-size=1200,3600", "--blink-settings=preferredColorScheme=0"),
    "narrow": ("--window-size=500,3600",),
}


def main(out: Path) -> int:
    """Write the pages and their pictures; 1 when there is no browser."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        sys.stderr.write("no Chromium on the path\n")
        return 1
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        bundles = [sealed(Path(work) / name, story).folder for name, story in STORIES.items()]
        pages = {bundle.name: render(bundle, out / f"{bundle.name}.html") for bundle in bundles}
        pages["index"] = render_run([Shown(one.name, load(one).verdict, one) for one in bundles], out / "run")
        for name, page in pages.items():
            for look, options in LOOKS.items():
                _run(browser, f"--screenshot={out / f'{name}-{look}.png'}", *options, page.resolve().as_uri())
            _run(browser, f"--print-to-pdf={out / f'{name}.pdf'}", page.resolve().as_uri())
    return 0


def _run(browser: str, *arguments: str) -> None:
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *QUIET, f"--user-data-dir={profile}", *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("reports/out/screenshots"))
    sys.exit(main(parser.parse_args().folder))
