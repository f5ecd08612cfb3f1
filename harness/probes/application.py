"""Probes of the application through the public name, as a user's browser would reach it."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from harness.aws import Aws
from harness.dial import Directory, NameNotFound, resolve
from harness.estate import Estate
from harness.facts import Probed, ServedBy, Stage
from harness.probes.database import endpoint_of

TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status, decoded JSON (empty where the body is none), and what it says of the cache."""

    status: int
    body: dict[str, Any]
    cache: str = ""
    """"hit", "miss" or "gone"; empty where no cache was asked."""


def get(directory: Directory, host: str, path: str) -> Reply:
    """GET http://host/path by the estate's resolver. Raises OSError, HTTPException or NameNotFound."""
    return fetch(resolve(directory, host).addresses[0], directory.port(80), path, host)


def fetch(address: str, port: int, path: str, host: str) -> Reply:
    """GET a path at an address, asking for that host. Raises OSError, HTTPException."""
    connection = http.client.HTTPConnection(address, port, timeout=TIMEOUT)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        raw = answer.read()
    finally:
        connection.close()
    try:
        body = json.loads(raw)
    except ValueError:
        body = {}
    return Reply(answer.status, body if isinstance(body, dict) else {}, answer.headers.get("x-labelmint-cache", ""))


def health(directory: Directory, estate: Estate, stage: Stage) -> Probed:
    """`/health` at the public name."""
    what = f"/health at {estate.zone.public_name}"
    try:
        reply = get(directory, estate.zone.public_name, "/health")
    except (OSError, http.client.HTTPException, NameNotFound) as error:
        return Probed(stage, what, ok=False, detail=str(error))
    return Probed(stage, what, ok=reply.status == 200, detail=f"{reply.status} {reply.body}")


def database_behind(directory: Directory, aws: Aws, estate: Estate) -> ServedBy:
    """Which database the application that answers at the public name says it uses."""
    asked = estate.zone.public_name
    try:
        reply = get(directory, asked, "/health")
    except (OSError, http.client.HTTPException, NameNotFound):
        return ServedBy(asked, "", "", writable=False)
    database = reply.body.get("database") or {}
    host, region = str(database.get("host", "")), str(reply.body.get("region", ""))
    for known in estate.databases:
        if host and endpoint_of(aws, known) == host:
            return ServedBy(asked, known.identifier, known.role, bool(database.get("writable")), region)
    return ServedBy(asked, host, "", bool(database.get("writable")), region)
