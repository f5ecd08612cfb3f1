"""What serves is compared by name."""

from __future__ import annotations

from harness.probes.live import untouched


def test_what_serves_is_untouched_when_something_new_stands_beside_it() -> None:
    before = {"database": "large", "record": "to it"}
    assert untouched(before, before | {"restored": "large"}).ok
    assert not untouched(before, before | {"database": "small"}).ok
    gone = untouched(before, {"database": "large"})
    assert not gone.ok
    assert gone.detail == "record"
