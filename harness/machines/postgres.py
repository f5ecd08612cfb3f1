"""A database instance with its relatives: replication and promotion.

A PostgresServer is Killable, Losable, Pausable, Promotable, Replicating and FailsToPromote (see harness.capabilities).
"""

from __future__ import annotations

from datetime import timedelta

import psycopg

from harness.errors import MachineFailed, NeverHappened
from harness.machines import access
from harness.machines.instance import Instance
from harness.machines.processes import failure
from harness.machines.replication import Source, ensure_slots, has_receiver, is_in_recovery, is_streaming, replica_lag
from harness.wait import until

_PROMOTED_WITHIN = timedelta(seconds=60)
_CUT_WITHIN = timedelta(seconds=10)
_OFTEN = timedelta(milliseconds=5)


class PostgresServer(Instance):
    """One instance; a primary until it is told to follow another."""

    _fails_promotion = False
    _promotion_failed = False

    def follow(
        self,
        primary: PostgresServer,
        *,
        slot: str | None,
        application_name: str,
        apply_delay: timedelta = timedelta(0),
    ) -> None:
        """Be a standby of `primary`: from its first start on, or, being a standby already, from now on.

        `slot` makes the primary keep what was not yet sent.
        """
        access.write_password_file(self._password_file, self._replicator)
        source = Source(primary.address, primary.port, self._password_file, application_name, slot, apply_delay)
        self._change(source=source)
        if slot:
            primary.keep_slot(slot)

    def keep_slot(self, slot: str) -> None:
        """Have a replication slot of that name: now when it runs as a primary, else as soon as it does."""
        self._slots.add(slot)
        if self._is_set_up and self.is_running():
            with self.admin() as session:
                ensure_slots(session, {slot})

    def cut_replication(self) -> None:
        """Take its source away; returns when nothing arrives any more: it misses all that happens from now on."""
        self._change(cut=True)
        until(f"{self.name} is cut off", lambda: not self._ask(has_receiver), within=_CUT_WITHIN, every=_OFTEN)

    def restore_replication(self) -> None:
        """Let it connect to its source again; it does so within about 0.2 s if the source is there."""
        self._change(cut=False)

    def is_receiving(self) -> bool:
        """Whether its source is delivering to it now."""
        return bool(self._ask(is_streaming))

    def lag(self) -> timedelta | None:
        """How far it is behind its source, as RDS's ReplicaLag; None of a primary and when it does not answer."""
        return self._ask(replica_lag)

    def require_sync(self, names: tuple[str, ...]) -> None:
        """Let every commit of a client wait until one of these standbys (application names) has it; none for nobody."""
        self._change(waits_for=names)

    def promote(self) -> None:
        """End recovery and return when it takes writes. Raises MachineFailed when that does not come about."""
        self._promotion_failed = False
        try:
            with self.admin() as session:
                if not is_in_recovery(session):
                    raise MachineFailed(f"{self.name} cannot be promoted: it is no standby")
                if self._fails_promotion:
                    self._make_wal_writable(False)
                session.execute("SELECT pg_promote(wait => false)")
            until(f"the promotion of {self.name}", self._is_promoted, within=_PROMOTED_WITHIN, every=_OFTEN)
            self._is_set_up = True
            if self._slots:
                self._ask(lambda session: ensure_slots(session, self._slots))
        except (psycopg.Error, NeverHappened) as error:
            self._promotion_failed = True
            raise failure(
                f"{self.name} did not finish its promotion: {error}", self._server.last_words(), self.data
            ) from error

    def accepts_writes(self) -> bool:
        """Whether a write commits here and now; it does not ask a synchronous standby."""
        return bool(self._ask(access.can_write))

    def break_next_promotion(self) -> None:
        """Let its storage refuse new files from the moment of its promotion, as a volume does that goes read-only."""
        self._fails_promotion = True

    def mend_promotion(self) -> None:
        """Give it good storage; a server that died of the bad one starts as the standby it was. May be called twice."""
        self._fails_promotion = False
        if (self.data / "pg_wal").exists():
            self._make_wal_writable(True)
        if self._promotion_failed and not self.is_lost():
            self.start()
        self._promotion_failed = False

    def promotion_failed(self) -> bool:
        return self._promotion_failed

    def _is_promoted(self) -> bool:
        if not self.is_running():
            raise psycopg.OperationalError("the server ended")
        return self.accepts_writes()

    def _make_wal_writable(self, writable: bool) -> None:
        (self.data / "pg_wal").chmod(0o700 if writable else 0o500)
