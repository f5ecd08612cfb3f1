"""Route 53's health checks as the API knows them; `harness.cloud.prober` does the asking."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from harness.cloud.prober import HealthCheckers, Observation, Watched
from harness.cloud.service import AwsError, World

_SHOWN = (
    "IPAddress",
    "Port",
    "Type",
    "ResourcePath",
    "FullyQualifiedDomainName",
    "RequestInterval",
    "FailureThreshold",
)


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One check: its id, who asked for it, and its configuration in the shape of the API."""

    id: str
    caller_reference: str
    config: Mapping[str, Any]


class HealthChecks:
    """All checks of the account. Thread-safe; refusals are AwsError."""

    def __init__(self, world: World, checkers: HealthCheckers) -> None:
        self._world = world
        self._checkers = checkers
        self._lock = threading.Lock()
        self._checks: dict[str, HealthCheck] = {}

    def create(self, caller_reference: str, config: Mapping[str, Any]) -> HealthCheck:
        """Raises HealthCheckAlreadyExists for a caller reference used for another configuration."""
        config = _complete(config)
        check = HealthCheck(str(uuid.uuid5(uuid.NAMESPACE_DNS, caller_reference)), caller_reference, config)
        with self._lock:
            known = self._checks.setdefault(check.id, check)
        if known.config != config:
            raise AwsError(
                "HealthCheckAlreadyExists",
                f"A health check has already been created with the specified caller reference {caller_reference}.",
                409,
            )
        return known

    def watch(self, check: HealthCheck, name: str) -> None:
        """Begin to ask; until then the check is healthy. A check that is asked for already stays as it is."""
        self._checkers.watch(self._watched(check, name))

    def get(self, check_id: str) -> HealthCheck:
        """Raises NoSuchHealthCheck."""
        with self._lock:
            check = self._checks.get(check_id)
        if check is None:
            raise AwsError("NoSuchHealthCheck", f"A health check with id {check_id} does not exist.", 404)
        return check

    def all(self) -> list[HealthCheck]:
        with self._lock:
            return list(self._checks.values())

    def ids(self) -> frozenset[str]:
        with self._lock:
            return frozenset(self._checks)

    def _watched(self, check: HealthCheck, name: str) -> Watched:
        config = check.config
        host = str(config.get("FullyQualifiedDomainName") or config["IPAddress"])
        port = self._world.addresses.ports.get(int(config["Port"]), int(config["Port"]))

        def endpoint() -> tuple[str, int] | None:
            address = config.get("IPAddress") or self._world.names.address(host)
            return (str(address), port) if address else None

        return Watched(
            id=check.id,
            name=name,
            endpoint=endpoint,
            path=str(config["ResourcePath"]),
            host=host,
            interval=timedelta(seconds=int(config["RequestInterval"])),
            failure_threshold=int(config["FailureThreshold"]),
        )


def _complete(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with AWS's defaults. Raises InvalidInput, or NotImplemented for what is not asked over HTTP."""
    if asked.get("Type") != "HTTP":
        raise AwsError("NotImplemented", f"the embedded cloud has no health check of type {asked.get('Type')}", 501)
    if not asked.get("FullyQualifiedDomainName") and not asked.get("IPAddress"):
        raise AwsError("InvalidInput", "Invalid parameter : Either IPAddress or FullyQualifiedDomainName is required.")
    if asked.get("RequestInterval", 30) not in (10, 30):
        raise AwsError("InvalidInput", "Invalid parameter : Request interval must be 10 or 30.")
    defaults = {"Port": 80, "ResourcePath": "/", "RequestInterval": 30, "FailureThreshold": 3}
    kept = {key: value for key, value in {**defaults, **asked}.items() if key in _SHOWN}
    return {**kept, "MeasureLatency": False, "Inverted": False, "Disabled": False, "EnableSNI": False}


def shown_check(check: HealthCheck) -> dict[str, Any]:
    return {
        "Id": check.id,
        "CallerReference": check.caller_reference,
        "HealthCheckConfig": dict(check.config),
        "HealthCheckVersion": 1,
    }


def shown_observations(seen: Iterable[Observation]) -> list[dict[str, Any]]:
    return [
        {
            "Region": one.region,
            "IPAddress": one.address,
            "StatusReport": {"Status": one.status, "CheckedTime": one.at},
        }
        for one in seen
    ]


class Tags:
    """Tags of zones and health checks, by id. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tags: dict[str, dict[str, str]] = {}

    def of(self, resource: str) -> dict[str, str]:
        with self._lock:
            return dict(self._tags.get(resource, {}))

    def change(self, resource: str, added: Mapping[str, str], removed: Iterable[str]) -> None:
        with self._lock:
            kept = {**self._tags.get(resource, {}), **added}
            self._tags[resource] = {key: value for key, value in kept.items() if key not in set(removed)}
