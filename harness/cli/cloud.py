"""`drill cloud up`: the estate by itself, served to any client until it is told to stop."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from harness.aws import Actor
from harness.cli import preflight
from harness.cli.project import project_root, read_settings
from harness.cli.rehearsal import Interruption
from harness.cli.stopping import INTERRUPTED
from harness.dial import resolve
from harness.environments.embedded import EmbeddedEnvironment
from harness.errors import UsageError
from harness.estate import Estate, load_estate
from harness.events import EventLog

SCHEMA = 1
POSTGRES, HTTP = 5432, 80


def serve(*, seed: int | None, pace: float | None, estate: Path | None, as_json: bool) -> int:
    """Raise the estate and serve it. Raises UsageError, EnvironmentFailed.

    Returns 130 after Ctrl-C, or when it was stopped before it served, else 0.
    """
    root = project_root()
    config = read_settings(root)
    if pace is not None:
        config = config.model_copy(update={"pace": pace})
    described = _seeded(load_estate(estate.absolute() if estate else config.estate), seed)
    preflight.check(config, config.out_dir)
    run = f"cloud-{uuid4().hex[:8]}"
    log = _open_log(config.out_dir / f"{run}.jsonl")
    place = EmbeddedEnvironment(described, config, log, run)
    serving = False
    with Interruption() as interruption:
        try:
            print("raising the estate", file=sys.stderr)
            place.up()
            if interruption.first is None:
                shown = served(described, place)
                print(json.dumps(shown) if as_json else text(shown), flush=True)
                serving = True
                print(f"serving until Ctrl-C; every call is logged in {log.path}", file=sys.stderr)
            while interruption.first is None:
                interruption.wait()
        finally:
            print("taking the estate down", file=sys.stderr)
            left = place.down()
            log.close()
    for path in left:
        print(f"left over: {path}", file=sys.stderr)
    return 0 if serving and interruption.signal is not signal.SIGINT else INTERRUPTED


def served(estate: Estate, place: EmbeddedEnvironment) -> dict[str, Any]:
    """The object that `drill cloud up --json` prints."""
    key = place.cloud.keys(Actor.COMMAND_LINE)
    host, port = place.directory.resolver
    name, login = estate.zone.database_name, place.login()
    public = estate.zone.public_name
    return {
        "schema": SCHEMA,
        "endpoint_url": place.cloud.endpoint_url,
        "credentials": {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key},
        "account_id": estate.account_id,
        "resolver": f"{host}:{port}",
        "database": {
            "name": name,
            "address": resolve(place.directory, name).addresses[0],
            "port": place.directory.port(POSTGRES),
            "user": login.user,
            "password": login.password,
            "database": login.database,
        },
        "public": {
            "name": public,
            "address": resolve(place.directory, public).addresses[0],
            "port": place.directory.port(HTTP),
        },
        "default_region": estate.regions.primary,
        "regions": [estate.regions.primary, estate.regions.dr],
        "names": names(estate),
    }


def names(estate: Estate) -> dict[str, str]:
    """Role -> identifier of everything in the estate, and the two host names of the zone."""
    return {
        **estate.names,
        "public-name": estate.zone.public_name,
        "database-name": estate.zone.database_name,
    }


def text(shown: dict[str, Any]) -> str:
    """The same for people: lines to paste into a shell, then the names."""
    key = shown["credentials"]
    exports = {
        "AWS_ENDPOINT_URL": shown["endpoint_url"],
        "AWS_ACCESS_KEY_ID": key["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": key["secret_access_key"],
        "AWS_DEFAULT_REGION": shown["default_region"],
    }
    lines = ["unset AWS_SESSION_TOKEN", *(f"export {name}={value}" for name, value in exports.items())]
    # its overridesslcommonname.py names the endpoint of rds in us-east-1 itself
    lines += [
        "",
        "# with AWS CLI 1, lest rds goes to the real AWS:",
        'alias aws="aws --endpoint-url $AWS_ENDPOINT_URL"',
    ]
    database = shown["database"]
    said = {
        "PGHOSTADDR": "address",
        "PGPORT": "port",
        "PGUSER": "user",
        "PGPASSWORD": "password",
        "PGDATABASE": "database",
    }
    lines += [
        "",
        f"# for psql, where {database['name']} points now; after a failover ask the resolver",
        *(f"export {variable}={database[key]}" for variable, key in said.items()),
    ]
    public = shown["public"]
    place = f"{public['name']}:{public['port']}"
    lines += ["", "# the application, where its name points now:"]
    lines += [f"# curl --resolve {place}:{public['address']} http://{place}/health"]
    regions = ", ".join(shown["regions"])
    lines += ["", f"# account {shown['account_id']}, regions {regions}, resolver {shown['resolver']}"]
    lines += [f"# {role:<18} {name}" for role, name in shown["names"].items()]
    return "\n".join(lines)


def _seeded(estate: Estate, submissions: int | None) -> Estate:
    if submissions is None:
        return estate
    return estate.model_copy(update={"seed": estate.seed.model_copy(update={"task_submissions": submissions})})


def _open_log(path: Path) -> EventLog:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return EventLog(path)
    except OSError as error:
        hint = "Set DRILL_OUT_DIR to a folder of yours."
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint=hint) from error
