"""`drill cloud up` serves the estate to any client, and leaves nothing when it is told to stop."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.aws import Aws, Credentials
from harness.cli.project import project_root
from harness.config import load_config

KEYS = {
    "schema",
    "database",
    "public",
    "default_region",
    "endpoint_url",
    "credentials",
    "account_id",
    "resolver",
    "regions",
    "names",
}


def first_line(process: subprocess.Popen[str], within: float) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], within)
    return process.stdout.readline() if ready else ""


def databases(served: dict[str, Any]) -> set[str]:
    """What a boto3 of another process sees in the primary region."""
    key = served["credentials"]
    aws = Aws(
        served["endpoint_url"], Credentials(key["access_key_id"], key["secret_access_key"]), region=served["regions"][0]
    )
    return {found["DBInstanceIdentifier"] for found in aws.rds().describe_db_instances()["DBInstances"]}


def submissions(served: dict[str, Any]) -> int:
    """What somebody sees who takes the printed figures for the database."""
    there = served["database"]
    with psycopg.connect(
        hostaddr=there["address"], port=there["port"], user=there["user"], password=there["password"],
        dbname=there["database"],
    ) as session:  # fmt: skip
        row = session.execute("SELECT count(*) FROM task_submissions").fetchone()
    assert row
    return int(row[0])


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_the_estate_is_served_and_taken_down(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    """One object when it is ready; the exit code tells by whom it was ended; the workspace is gone."""
    process = subprocess.Popen(
        [sys.executable, "-m", "harness.cli", "cloud", "up", "--json", "--seed", "10"], cwd=project_root(), text=True,
        env={**os.environ, "DRILL_OUT_DIR": str(tmp_path)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        served = json.loads(first_line(process, within=120))
        assert set(served) == KEYS
        assert served["names"]["read-replica"] in databases(served)
        assert submissions(served) == 10
        process.send_signal(sent)
        rest, told = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, rest) == (code, ""), told
    (log,) = tmp_path.glob("cloud-*.jsonl")
    assert not (load_config().work_dir / f"labelmint-drill-run-{log.stem}").exists()
    for secret in (served["credentials"]["secret_access_key"], served["database"]["password"]):
        assert secret not in log.read_text() + told


def test_an_estate_file_with_a_wrong_key_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "estate.toml"
    broken.write_text('name = "x"\nnonsense = 1\n')
    ran = subprocess.run(
        [sys.executable, "-m", "harness.cli", "cloud", "up", "--estate", str(broken)],
        cwd=project_root(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 4
    assert "estate.toml: " in ran.stderr
