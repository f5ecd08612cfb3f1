"""What a feature says and nobody defined is found before anything is started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import harness

ROOT = Path(harness.__file__).resolve().parents[1]
FEATURE = """Feature: X
  Scenario: a slip of the pen
    Given these recovery objectives:
      | RTO | 4 hours |
    Then the RTO is mett
"""


def test_a_sentence_that_nobody_defined_is_named_with_its_line(tmp_path: Path) -> None:
    """The whole drill would have been performed before that sentence's turn came."""
    (tmp_path / "x.feature").write_text(FEATURE)
    (tmp_path / "test_x.py").write_text('from pytest_bdd import scenarios\nscenarios("x.feature")\n')
    here = str(tmp_path)
    command = [sys.executable, "-m", "pytest", "-p", "steps", "-q", "--rootdir", here, here]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 4
    assert 'x.feature:5: nothing defines "Then the RTO is mett"' in ran.stderr
    assert "objectives" not in ran.stderr
