"""The configuration files say what the instance is to be, and survive odd values."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

from harness.machines.postgres_files import InstanceSettings, access_text, settings_text, synchronous_names
from harness.machines.replication import Source
from harness.machines.template import Login

SOURCE = Source("127.64.1.1", 5432, Path("/w/it's here.pass"), "standby", "slot", timedelta(seconds=90))
STANDBY = InstanceSettings(
    "standby", "127.64.1.2", 5432, Path("/w/s/1"), Path("/w/archive"), timedelta(minutes=5), source=SOURCE
)


def test_a_standby_knows_its_source_by_a_password_file() -> None:
    """No password is in the configuration, which goes into the evidence."""
    text = STANDBY.files()["postgresql.conf"]
    assert "host=''127.64.1.1''" in text
    assert r"passfile=''/w/it\\''s here.pass''" in text
    assert "recovery_min_apply_delay = '90000ms'" in text
    assert "password=" not in text


def test_a_standby_that_is_cut_off_has_nowhere_to_connect_to() -> None:
    cut = dataclasses.replace(STANDBY, cut=True)
    assert "primary_conninfo = ''\n" in cut.files()["postgresql.conf"]


def test_durability_is_never_traded_for_speed() -> None:
    """A drill on a server that loses what it acknowledged would measure nothing."""
    text = STANDBY.files()["postgresql.conf"]
    for setting in ("fsync = 'on'", "synchronous_commit = 'on'", "archive_mode = 'on'"):
        assert setting in text


def test_the_application_is_let_in_or_refused() -> None:
    assert "labelmint_app 127.0.0.0/8 scram-sha-256" in access_text(app_allowed=True)
    assert "labelmint_app 127.0.0.0/8 reject" in access_text(app_allowed=False)
    assert "replication labelmint_replication 127.0.0.0/8 scram-sha-256" in access_text(app_allowed=False)


def test_quotes_and_backslashes_stay_inside_a_value() -> None:
    assert settings_text({"a": r"it's \d"}) == "a = 'it''s \\\\d'\n"


def test_synchronous_standbys() -> None:
    assert synchronous_names(()) == ""
    assert synchronous_names(("a-b", "c")) == 'FIRST 1 ("a-b", "c")'


def test_a_login_keeps_its_password_to_itself() -> None:
    assert "hush" not in repr(Login("labelmint_app", "hush"))
