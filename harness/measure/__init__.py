"""What the clients' ledgers say: how long they were without service, which writes are gone, whether they worked."""

from harness.measure.assemble import measure

__all__ = ["measure"]
