"""`python -m harness.machines.application`: one task of the service, configured by environment variables."""

from __future__ import annotations

import os
import sys

from harness.machines.application.errors import BadSettings
from harness.machines.application.serve import listen, serve
from harness.machines.application.settings import read_settings


def main() -> int:
    """Serve until told to stop. Returns 1 when the settings or the address cannot be used."""
    try:
        settings = read_settings(os.environ)
        listener = listen(settings.listen)
    except (BadSettings, OSError) as error:
        sys.stderr.write(f"the task cannot start: {error}\n")
        return 1
    serve(settings, listener)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
