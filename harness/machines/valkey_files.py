"""A Valkey server's configuration: what ElastiCache's parameter groups and its managed service would have set."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

ADMIN = "drill"
REPLICA = "replica"
DUMP = "dump.rdb"
NOWHERE = ("127.0.0.1", 1)
"""What a replica that is cut off follows: nothing answers there, and it stays a replica with what it has."""
_RESTRICTED = (
    "acl bgrewriteaof bgsave cluster config debug failover migrate module psync replicaof save shutdown slaveof sync"
)
"""Commands that ElastiCache keeps for itself (User Guide, Supported and restricted commands)."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """Of administrators and replicas, without blanks and quotes; clients need none, as in a cache without AUTH."""

    admin: str = field(repr=False)
    replica: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ValkeySettings:
    """What may change while the server lives."""

    source: tuple[str, int] | None = None
    cut: bool = False
    clients_allowed: bool = True

    def follows(self) -> tuple[str, int] | None:
        """Address and port of what it replicates; None of a primary."""
        return NOWHERE if self.cut and self.source else self.source

    def client_rules(self) -> tuple[str, ...]:
        """The rights of those who give no name, as ACL SETUSER takes them."""
        rights = ("nopass", "~*", "&*", "+@all", *(f"-{command}" for command in _RESTRICTED.split()))
        return ("on" if self.clients_allowed else "off", *rights)


def configuration(
    settings: ValkeySettings, *, address: str, port: int, data: Path, socket: Path, keys: Passwords
) -> str:
    """The whole file. A cache keeps nothing on disk; replicas load from the line at once (0.01 s instead of 1 s)."""
    source = settings.follows()
    lines = [
        f"bind {address}", f"bind-source-addr {address}", f"port {port}", "protected-mode no", "tcp-backlog 128",
        f"unixsocket {_quoted(socket)}", "unixsocketperm 700",
        f"dir {_quoted(data)}", f"dbfilename {DUMP}", 'save ""', "appendonly no",
        "repl-diskless-sync yes", "repl-diskless-sync-delay 0", "repl-diskless-load flush-before-load",
        "replica-read-only yes", "replica-serve-stale-data yes", "repl-ping-replica-period 1", "repl-timeout 10",
        f"masteruser {REPLICA}", f"masterauth {keys.replica}",
        f"user default {' '.join(settings.client_rules())}",
        f"user {ADMIN} on >{keys.admin} ~* &* +@all",
        f"user {REPLICA} on >{keys.replica} +psync +replconf +ping",
        *([f"replicaof {source[0]} {source[1]}"] if source else []),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _quoted(path: Path) -> str:
    """A path as one word of the file, whatever signs are in it."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
