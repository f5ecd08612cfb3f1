"""Every run has loopback addresses of its own, and ports that can be bound there."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from harness.errors import MachineFailed, NoFreeAddress
from harness.machines import addresses
from harness.machines.addresses import STANDARD_PORTS, AddressBlock


def test_addresses_of_a_zone_are_counted(block: AddressBlock) -> None:
    """127.A.zone.n, until there are 254."""
    assert [block.next(0), block.next(1), block.next(1)] == [
        f"127.{block.block}.{tail}" for tail in ("0.1", "1.1", "1.2")
    ]
    for _ in range(252):
        block.next(1)
    with pytest.raises(NoFreeAddress):
        block.next(1)


def test_what_the_block_offers_can_be_bound(block: AddressBlock) -> None:
    assert set(block.ports) == set(STANDARD_PORTS)
    assert len(set(block.ports.values())) == len(STANDARD_PORTS)
    for port in block.ports.values():
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((block.next(2), port))


def test_a_run_of_somebody_else_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user has another cache, and still never gets the same block."""
    monkeypatch.setattr(addresses, "BLOCKS", range(200, 202))
    mine = [AddressBlock.lease(tmp_path / "mine")]
    try:
        mine.append(AddressBlock.lease(tmp_path / "theirs"))
        assert mine[0].block != mine[1].block
    except NoFreeAddress:
        pass  # a drill beside this test holds the other one
    with pytest.raises(NoFreeAddress) as refused:
        AddressBlock.lease(tmp_path / "third")
    assert refused.value.hint
    for block in mine:
        block.release()
        block.release()


def test_a_taken_standard_port_gets_a_substitute(tmp_path: Path) -> None:
    """A server of the host on all addresses keeps us from that port; another one stands for it."""
    first = AddressBlock.lease(tmp_path)
    with socket.socket() as wildcard:
        wildcard.bind(("0.0.0.0", 0))
        wildcard.listen()
        taken = wildcard.getsockname()[1]
        assert not addresses._can_serve(f"127.{first.block}.0.1", taken)
        assert addresses._can_serve(f"127.{first.block}.0.1", first.ports[5432])
    first.release()


def test_a_cache_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MachineFailed, match="file"):
        AddressBlock.lease(tmp_path / "file")
