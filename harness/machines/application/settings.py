"""What a task is told at its start. Later changes need a new task, as with ECS environment variables and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.machines.application.errors import BadSettings
from harness.machines.application.releases import GOOD, RELEASES


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the task listens, where its database is, and who it is.

    `resolver` is the DNS server that it asks; `dns_pace` the seconds for which it keeps an answer per second of TTL.
    """

    task: str
    region: str
    listen: tuple[str, int]
    database_host: str
    database_port: int
    database_name: str
    database_user: str
    database_password: str = field(repr=False)
    resolver: tuple[str, int]
    dns_pace: float = 1.0
    cache_host: str = ""
    """Empty: without a cache."""
    cache_port: int = 6379
    cache_warm_up: bool = False
    """Whether the task fills the cache when it starts."""
    release: str = GOOD
    """Which release of the program this task runs."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables. Raises BadSettings naming the variable."""

    def text(name: str, default: str | None = None) -> str:
        value = environment.get(name, default)
        if not value:
            raise BadSettings(f"{name} is not set")
        return value

    def number(name: str, default: str) -> float:
        try:
            return float(text(name, default))
        except ValueError:
            raise BadSettings(f"{name} is not a number") from None

    return Settings(
        task=text("TASK_ID"),
        region=text("AWS_REGION"),
        listen=(text("LISTEN_ADDRESS", "127.0.0.1"), int(number("LISTEN_PORT", "3000"))),
        database_host=text("DATABASE_HOST"),
        database_port=int(number("DATABASE_PORT", "5432")),
        database_name=text("DATABASE_NAME"),
        database_user=text("DATABASE_USER"),
        database_password=text("DATABASE_PASSWORD"),
        resolver=_address("RESOLVER", text("RESOLVER")),
        dns_pace=number("DNS_PACE", "1"),
        cache_host=environment.get("CACHE_HOST", ""),
        cache_port=int(number("CACHE_PORT", "6379")),
        cache_warm_up=environment.get("CACHE_WARM_UP", "") == "yes",
        release=_release(environment.get("RELEASE", GOOD)),
    )


def _release(name: str) -> str:
    if name not in RELEASES:
        raise BadSettings(f"RELEASE is not one of {', '.join(sorted(RELEASES))}: {name!r}")
    return name


def _address(name: str, value: str) -> tuple[str, int]:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdecimal():
        raise BadSettings(f"{name} is not host:port: {value!r}")
    return host, int(port)
