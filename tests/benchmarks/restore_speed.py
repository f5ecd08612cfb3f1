"""What does the embedded cloud add to a restore?

A point in time is restored through its API at pace 0, from the call until RDS says `available` and the application's
account gets an answer, beside the same done by hand: the same base backup unpacked, the same log replayed to the same
moment with the same settings, promoted, and asked the same.

The restored instance keeps no backups: RDS takes the first one before it says `available`, and nobody does that by
hand. How long it takes with them, as drills restore, is told too.

    python -m tests.benchmarks.restore_speed [--quick]
"""

from __future__ import annotations

import argparse
import shutil
import signal
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg

from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.rds import Rds
from harness.cloud.services.ssm import Ssm
from harness.dial import conninfo
from harness.estate import Role
from harness.machines.archive import Replay
from harness.machines.backup import BaseBackup, unpack
from harness.machines.postgres_files import InstanceSettings
from harness.machines.seed import SUPERUSER
from harness.machines.workspace import give_to_servers
from tests.contract.cloud.raising import PRIMARY, Raised, raised
from tests.contract.cloud.test_rds_restores import archived, gone_for_good

MOST = 1.5
ROWS = 100_000
"""Written before the moment; with what else is in it the log that is replayed has some 25 MB."""
_WRITE = """
INSERT INTO task_submissions (project_id, user_id, writer, seq, payload)
SELECT 1 + i %% 50, 1 + i %% 500, 1, i, md5(i::text) FROM generate_series(1, %s) i
"""
_COUNT = b"SELECT count(*) FROM task_submissions WHERE writer = 1"
_LONGEST = timedelta(minutes=2)


def main() -> int:
    """Print a row for each round; 1 when the median ratio is above the most."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 15")
    rounds = 3 if parser.parse_args().quick else 15
    with raised(Rds, Ec2, Ssm, pace=0.0) as estate:
        restores = _prepared(estate)
        print(f"{'by hand s':>9} {'API s':>7} {'ratio':>6} {'with backups s':>14}")
        seen = []
        for turn in range(rounds):
            if turn % 2:
                hand, api = restores.by_hand(turn), restores.by_api(turn)
            else:
                api, hand = restores.by_api(turn), restores.by_hand(turn)
            kept = restores.by_api(turn, backups=35)
            seen.append((hand, api, api / hand, kept))
            print(f"{hand:9.3f} {api:7.3f} {api / hand:6.2f} {kept:14.3f}")
    hand, api, ratio, kept = (statistics.median(column) for column in zip(*seen, strict=True))
    print(f"median {hand:.3f} s by hand, {api:.3f} s by the API, {kept:.3f} s with backups")
    print(f"median ratio {ratio:.2f}, at most {MOST}; with backups {kept / hand:.2f}")
    return int(ratio > MOST)


def _prepared(estate: Raised) -> Restores:
    with estate.machine(PRIMARY).server.admin() as session:
        session.execute(_WRITE.encode(), [ROWS])
    moment = datetime.now(UTC)
    archived(estate, moment)
    rds = estate.cloud.service(Rds)
    kept = rds.backups.of(rds.instances.of_role(Role.PRIMARY_DATABASE))
    base = kept.base_for(moment)
    assert base
    return Restores(estate, base, Replay(kept.archive.folder, moment=moment), moment)


@dataclass(frozen=True, slots=True)
class Restores:
    """Two ways to the same database; each returns the seconds that it took, and removes what it made."""

    estate: Raised
    base: BaseBackup
    replay: Replay
    moment: datetime

    def by_api(self, turn: int, *, backups: int = 0) -> float:
        """As a procedure would, by calls and looks; RDS would keep backups for so many days."""
        estate, name = self.estate, f"restored-{turn}-{backups}"
        rds = estate.aws.rds()
        begun = time.monotonic()
        rds.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=PRIMARY, TargetDBInstanceIdentifier=name, RestoreTime=self.moment,
            VpcSecurityGroupIds=[estate.cloud.estate.database(Role.PRIMARY_DATABASE).security_group],
            BackupRetentionPeriod=backups,
        )  # fmt: skip
        estate.wait_status(name, "available")
        endpoint, login = estate.instance(name)["Endpoint"], estate.cloud.service(Rds).login()
        _ask(conninfo(
            estate.cloud.directory, endpoint["Address"], endpoint["Port"],
            user=login.user, password=login.password, database=login.database,
        ))  # fmt: skip
        lasted = time.monotonic() - begun
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        gone_for_good(estate, name)
        return lasted

    def by_hand(self, turn: int) -> float:
        """As somebody would who has the files and the programs."""
        cloud = self.estate.cloud
        begun = time.monotonic()
        data, own_log = (cloud.workspace.folder(f"by-hand/{turn}-{what}") for what in ("data", "log"))
        sockets = cloud.workspace.socket_folder()
        address, port = cloud.addresses.next(1), cloud.addresses.ports[5432]
        for archive in self.base.files():
            unpack(archive, data if archive == self.base.content else data / "pg_wal", cloud.spawner)
        settings = InstanceSettings(
            "by-hand", address, port, sockets, own_log, timedelta(minutes=5), replay=self.replay
        )
        for file, text in {**settings.files(), "recovery.signal": ""}.items():
            (data / file).write_text(text)
            give_to_servers(data / file)
        programs = cloud.service(Rds)._foundry.programs
        server = cloud.spawner.start("by-hand", [programs / "postgres", "-D", data], as_server_user=True)
        administrators = {"host": str(sockets), "port": port, "user": SUPERUSER, "dbname": self.base.database}
        _until(lambda: _is_promoted(administrators))
        login = cloud.service(Rds).login()
        _ask({
            "host": address, "port": port, "user": login.user, "password": login.password,
            "dbname": login.database, "sslmode": "disable", "gssencmode": "disable",
        })  # fmt: skip
        lasted = time.monotonic() - begun
        server.signal(signal.SIGINT)
        server.stop()
        for folder in (data, own_log):
            shutil.rmtree(folder)
        return lasted


def _is_promoted(parameters: dict[str, object]) -> bool:
    try:
        with psycopg.connect(**parameters) as session:  # type: ignore[arg-type]
            return session.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
    except psycopg.OperationalError:
        return False


def _ask(parameters: Mapping[str, object]) -> None:
    with psycopg.connect(**parameters) as session:  # type: ignore[arg-type]
        assert session.execute(_COUNT).fetchone() == (ROWS,)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _LONGEST.total_seconds()
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("by hand it was not restored")
        time.sleep(0.005)


if __name__ == "__main__":
    sys.exit(main())
