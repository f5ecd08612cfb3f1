"""Where the project's own files are: features, scenarios and settings, wherever `drill` is called from."""

from __future__ import annotations

from pathlib import Path

import harness
from harness.config import Config, load_config
from harness.errors import UsageError


def project_root() -> Path:
    """The checkout that this harness belongs to. Raises UsageError when it was installed without its features."""
    root = Path(harness.__file__).resolve().parents[1]
    if not (root / "features").is_dir():
        raise UsageError(
            f"there are no features beside the installed harness in {root}",
            hint="Install the project from its checkout with pip install --editable .",
        )
    return root


def read_settings(root: Path, config: Config | None = None) -> Config:
    """The settings, read unless given, with relative paths taken from the project's folder. Raises BadConfig."""
    config = config or load_config()
    paths = {name: root / value for name, value in config if isinstance(value, Path)}
    return config.model_copy(update=paths)
