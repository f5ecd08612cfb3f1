from pathlib import Path

import pytest

from harness.errors import BadEstate
from harness.estate import Role, load_estate

FILE = Path(__file__).parents[2] / "scenarios" / "labelmint.toml"


def spoiled(tmp_path: Path, old: str, new: str) -> Path:
    text = FILE.read_text()
    assert old in text
    path = tmp_path / "estate.toml"
    path.write_text(text.replace(old, new, 1))
    return path


def test_the_estate_of_the_runbook_is_sound() -> None:
    estate = load_estate(FILE)
    assert estate.database(Role.PRIMARY_DATABASE).identifier == "labelmintit-production-db-enhanced"
    assert estate.database(Role.DR_DATABASE).region == "us-west-2"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("account_id", "acount_id", "account_id"),
        ('primary = "us-east-1"', "", "regions.primary"),
        ('dr = "us-west-2"', 'dr = "us-east-1"', "both us-east-1"),
        (
            'identifier = "labelmintit-production-db-read-replica"',
            'identifier = "labelmintit-production-db-enhanced"',
            "duplicate",
        ),
        ('role = "read-replica"', 'role = "primary-database"', "duplicate role"),
        ('role = "read-replica"', 'role = "spare-database"', "role"),
        ('region = "us-west-2"', 'region = "eu-west-1"', "eu-west-1"),
        ("ttl = 30", "ttl = -1", "ttl"),
        ('points_to = "primary-database"', "", "alias or points_to"),
        (
            'source = "primary-database"\nsecurity_group = "sg-0a1b2c3d4e5f60002"',
            'security_group = "sg-none"',
            "no security group",
        ),
        ("[zone]", "[zone", "not TOML"),
        ('\nname = "db.labelmintit.com"', '\nname = "db.example.org"', "db.labelmintit.com has no record"),
        (
            'database_name = "db.labelmintit.com"',
            'database_name = "db.labelmint.com"',
            "db.labelmint.com has no record",
        ),
        ('role = "dr-cache"', 'role = "cache"', "duplicate role"),
        ("nodes = 3", "nodes = 7", "nodes"),
        ("nodes = 3", "nodes = 1", "two nodes"),
        ('source = "cache"', 'source = "dr-cache"', "no primary cache"),
        ('identifier = "labelmintit-production-redis-enhanced"', 'identifier = "Redis"', "identifier"),
        ('security_group = "sg-0a1b2c3d4e5f60004"', 'security_group = "sg-none"', "no security group sg-none"),
        ('cache_settings = "/labelmintit/production/cache"\n', "", "go together"),
        ('role = "dr-uploads"', 'role = "uploads"', "duplicate role"),
        ('replicates_to = "dr-uploads"', 'replicates_to = "uploads"', "no other bucket"),
        ('replicates_to = "dr-uploads"', 'replicates_to = "dr-uploads"\nversioning = false', "versioned"),
        ('vault = "labelmintit-production-postgres-backup-vault"', 'vault = "none"', "no vault none"),
        ('protects = ["primary-database"]', 'protects = ["cache"]', "no database or bucket"),
    ],
)
def test_a_wrong_estate_is_refused_with_the_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(BadEstate, match=says) as refused:
        load_estate(spoiled(tmp_path, old, new))
    assert refused.value.hint


def test_an_estate_needs_no_caches(tmp_path: Path) -> None:
    text = "\n".join(line for line in FILE.read_text().splitlines() if not line.startswith("cache"))
    before, _, rest = text.partition("[[caches]]")
    path = tmp_path / "estate.toml"
    path.write_text(before + "[[balancers]]" + rest.partition("[[balancers]]")[2])
    estate = load_estate(path)
    assert estate.caches == ()
    with pytest.raises(BadEstate, match="no cache"):
        estate.cache(Role.CACHE)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadEstate, match=r"nowhere\.toml") as refused:
        load_estate(tmp_path / "nowhere.toml")
    assert "DRILL_ESTATE" in refused.value.hint
