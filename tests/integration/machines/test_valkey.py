"""Nodes of a cache: what they hold, what they lose, whom they follow, whom they let in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import valkey

from harness.capabilities import Killable, Losable, Pausable, Promotable, Replicating
from harness.config import load_config
from harness.errors import MachineFailed
from harness.machines.addresses import AddressBlock
from harness.machines.processes import Spawner
from harness.machines.valkey import ValkeyServer
from harness.machines.valkey_files import Passwords
from harness.machines.valkey_program import valkey_program
from harness.machines.workspace import Workspace
from harness.wait import until

SOON = timedelta(seconds=10)
Build = Callable[[str], ValkeyServer]


@pytest.fixture
def build(workspace: Workspace, spawner: Spawner, block: AddressBlock) -> Build:
    program = valkey_program(load_config().cache_dir)
    return lambda name: ValkeyServer(
        name,
        address=block.next(1),
        port=block.ports[6379],
        program=program,
        workspace=workspace,
        spawner=spawner,
        passwords=Passwords("admins-secret", "replicas-secret"),
    )


def client(node: ValkeyServer) -> valkey.Valkey:
    """As an application connects."""
    return valkey.Valkey(host=node.address, port=node.port, socket_timeout=2)


def pair(build: Build) -> tuple[ValkeyServer, ValkeyServer]:
    """A primary and a replica that has all."""
    primary, replica = build("primary"), build("replica")
    replica.follow(primary)
    primary.start()
    replica.start()
    until("the replica follows", replica.is_receiving, within=SOON)
    return primary, replica


def test_a_node_has_the_capabilities_that_faults_ask_for(build: Build) -> None:
    node = build("node")
    for needed in (Killable, Losable, Pausable, Promotable, Replicating):
        assert isinstance(node, needed)


def test_a_node_that_died_comes_back_empty(build: Build) -> None:
    """A cache's memory does not survive its host; a save on the way does not bring it back either."""
    node = build("node")
    node.start()
    client(node).set("user:1", "ada")
    node.kill()
    assert not node.is_running()
    node.start()
    assert client(node).get("user:1") is None


def test_a_lost_node_does_not_start_until_it_comes_back(build: Build) -> None:
    node = build("node")
    node.start()
    node.lose()
    node.lose()
    with pytest.raises(MachineFailed):
        node.start()
    node.come_back()
    node.come_back()
    assert node.accepts_writes()


def test_a_replica_has_what_its_primary_has_refuses_writes_and_can_take_over(build: Build) -> None:
    primary, replica = pair(build)
    assert not replica.accepts_writes()
    with pytest.raises(valkey.exceptions.ReadOnlyError):
        client(replica).set("user:1", "eve")
    client(primary).set("user:1", "ada")
    until("the replica has it", lambda: client(replica).get("user:1") == b"ada", within=SOON)
    assert replica.offset() == primary.offset()
    primary.kill()
    replica.promote()
    assert replica.accepts_writes()
    assert client(replica).get("user:1") == b"ada"


def test_a_replica_that_is_cut_off_misses_what_happens_and_catches_up_later(build: Build) -> None:
    primary, replica = pair(build)
    client(primary).set("user:1", "ada")
    until("the replica has it", lambda: client(replica).get("user:1") == b"ada", within=SOON)
    replica.cut_replication()
    assert not replica.is_receiving()
    client(primary).set("user:2", "eve")
    assert client(replica).get("user:1") == b"ada"
    assert client(replica).get("user:2") is None
    assert not replica.accepts_writes()
    replica.restore_replication()
    until("the replica has caught up", lambda: client(replica).get("user:2") == b"eve", within=SOON)


def test_a_closed_node_refuses_clients_and_ends_their_connections_but_not_its_replicas(build: Build) -> None:
    primary, replica = pair(build)
    session = client(primary)
    session.set("user:1", "ada")
    primary.set_ingress(False)
    for connection in (session, client(primary)):
        with pytest.raises(valkey.exceptions.AuthenticationError):
            connection.get("user:1")
    assert replica.is_receiving()
    primary.kill()
    primary.start()
    with pytest.raises(valkey.exceptions.AuthenticationError):
        client(primary).ping()
    primary.set_ingress(True)
    assert client(primary).ping()


@pytest.mark.parametrize("command", ["CONFIG GET *", "BGSAVE", "REPLICAOF NO ONE", "SHUTDOWN", "ACL LIST"])
def test_clients_do_not_get_the_commands_that_elasticache_keeps_for_itself(build: Build, command: str) -> None:
    node = build("node")
    node.start()
    with pytest.raises(valkey.exceptions.NoPermissionError):
        client(node).execute_command(command)  # type: ignore[no-untyped-call]
    with pytest.raises(valkey.exceptions.AuthenticationError):
        valkey.Valkey(host=node.address, port=node.port, username="drill", password="guessed").ping()


def test_a_snapshot_outlives_its_node_and_brings_back_exactly_what_was_held_then(build: Build, work_dir: Path) -> None:
    node, other = build("node"), build("other")
    node.start()
    client(node).mset({f"user:{n}": n for n in range(1000)})
    node.save(work_dir / "one.rdb")
    client(node).set("user:0", "later")
    node.lose()
    other.load(work_dir / "one.rdb")
    other.start()
    assert other.keys() == 1000
    assert client(other).get("user:0") == b"0"
    other.kill()
    other.start()
    assert other.keys() == 0


def test_a_damaged_snapshot_is_found_out_at_the_start(build: Build, work_dir: Path) -> None:
    node, other = build("node"), build("other")
    node.start()
    client(node).mset({f"user:{n}": "x" * 100 for n in range(100)})
    node.save(work_dir / "one.rdb")
    bytes_of = bytearray((work_dir / "one.rdb").read_bytes())
    bytes_of[len(bytes_of) // 2] ^= 0xFF
    (work_dir / "one.rdb").write_bytes(bytes_of)
    other.load(work_dir / "one.rdb")
    with pytest.raises(MachineFailed):
        other.start()


def test_a_frozen_node_answers_nobody_until_it_goes_on(build: Build) -> None:
    node = build("node")
    node.start()
    node.pause()
    assert node.is_paused()
    assert node.keys() is None
    node.resume()
    assert client(node).ping()


def test_no_password_reaches_the_log(build: Build, workspace: Workspace) -> None:
    pair(build)
    logs = "".join(log.read_text() for log in (workspace.root / "logs").glob("*.log"))
    assert "admins-secret" not in logs
    assert "replicas-secret" not in logs
