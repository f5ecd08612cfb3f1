"""A client has to start in a fraction of a second, beside everything else that starts then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"boto3", "botocore", "moto", "numpy", "pydantic", "pytest"}


@pytest.mark.parametrize("program", ["visitor_program", "writer_program"])
def test_a_client_imports_nothing_heavy(program: str) -> None:
    script = f"import sys, harness.workload.{program}; print(*sys.modules)"
    root = Path(__file__).parents[3]

    output = subprocess.run([sys.executable, "-c", script], cwd=root, check=True, capture_output=True, text=True).stdout

    assert not HEAVY & {name.partition(".")[0] for name in output.split()}
