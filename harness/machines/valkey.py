"""A cache's node with its relatives: replication and promotion.

A ValkeyServer is Killable, Losable, Pausable, Promotable and Replicating (see harness.capabilities).
"""

from __future__ import annotations

from datetime import timedelta

from harness.errors import MachineFailed
from harness.machines.valkey_node import ValkeyNode
from harness.wait import until

_CUT_WITHIN = timedelta(seconds=10)
_OFTEN = timedelta(milliseconds=5)
_PROOF = "drill:accepts-writes"


class ValkeyServer(ValkeyNode):
    """A primary until it is told to follow another."""

    def follow(self, primary: ValkeyServer) -> None:
        """Be a replica of `primary`, now or from the start on; what it held is replaced."""
        self._follow((primary.address, primary.port))

    def promote(self) -> None:
        """Take writes from now on. Raises MachineFailed when it does not answer."""
        self._follow(None)
        if not self.accepts_writes():
            raise MachineFailed(f"{self.name} cannot be promoted: it does not take writes")

    def accepts_writes(self) -> bool:
        """Whether a write is taken here and now."""
        return bool(self.asked(lambda session: session.pipeline([("SET", _PROOF, 1), ("DEL", _PROOF)])))

    def source(self) -> tuple[str, int] | None:
        """Address and port of the server that it is told to follow."""
        return self._settings.source

    def cut_replication(self) -> None:
        """Take its source away; it keeps what it has, stays read-only and misses all that happens from now on."""
        self._change(cut=True)
        self._apply_source()
        until(f"{self.name} is cut off", lambda: not self.is_receiving(), within=_CUT_WITHIN, every=_OFTEN)

    def restore_replication(self) -> None:
        """Let it follow its source again."""
        self._change(cut=False)
        self._apply_source()

    def is_cut(self) -> bool:
        return self._settings.cut

    def is_receiving(self) -> bool:
        """Whether the link to its source is up."""
        said = self.asked(lambda session: session.info("replication")) or {}
        return said.get("master_link_status") == "up"

    def offset(self) -> int | None:
        """How much of the replication stream it has; None when it does not answer."""
        said = self.asked(lambda session: session.info("replication"))
        if said is None:
            return None
        return int(said["master_repl_offset" if said["role"] == "master" else "slave_repl_offset"])

    def _follow(self, source: tuple[str, int] | None) -> None:
        self._change(source=source)
        self._apply_source()

    def _apply_source(self) -> None:
        host, port = self._settings.follows() or ("NO", "ONE")
        self.asked(lambda session: session.call("REPLICAOF", host, port))
