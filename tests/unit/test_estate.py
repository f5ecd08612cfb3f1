import tomllib
from pathlib import Path

import pytest

from harness.cli import cloud
from harness.errors import BadEstate
from harness.estate import Role, load_estate
from harness.estate.model import KINDS

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
        ("account_id", "acount_id", r"acount_id: there is no such key; account_id: field required\n"),
        ("users = 500", "users = 500000", "seed.users"),
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
        ('identifier = "labelmintit-production-db-enhanced"', 'identifier = "9 bad name"', "identifier"),
        ('role = "dr-cache"', 'role = "cache"', "duplicate role"),
        ("nodes = 3", "nodes = 7", "nodes"),
        ("nodes = 3", "nodes = 1", "two nodes"),
        ('source = "cache"', 'source = "dr-cache"', "no primary cache"),
        ('identifier = "labelmintit-production-redis-enhanced"', 'identifier = "Redis"', "identifier"),
        ('security_group = "sg-0a1b2c3d4e5f60004"', 'security_group = "sg-none"', "no security group sg-none"),
        ('cache_settings = "/labelmintit/production/cache"\n', "", "go together"),
        ('alias = "balancer"', 'alias = "cache"', "its alias cache is a cache, not a balancer"),
        ('points_to = "primary-database"', 'points_to = "balancer"', "points to, balancer is a balancer, not a data"),
        (
            'production-primary"\nbalancer = "balancer"',
            'production-primary"\nbalancer = "cache"',
            "health check .* cache is a cache, not a balancer",
        ),
        ('database = "read-replica"', 'database = "cache"', "replica-lag: its database cache is a cache"),
        ('balancer = "balancer"\nsettings', 'balancer = "application"\nsettings', "its balancer application is a serv"),
        ('database = "dr-database"', 'database = "dr-cache"', "its database dr-cache is a cache"),
        ('\ncache = "cache"', '\ncache = "balancer"', "its cache balancer is a balancer, not a cache"),
        ('source = "primary-database"', 'source = "cache"', "its source cache is a cache, not a database"),
        ('source = "cache"', 'source = "primary-database"', "its source primary-database is a database"),
        ('role = "read-replica"', 'role = "dr-application"', "duplicate role dr-application"),
        ('role = "dr-uploads"', 'role = "uploads"', "duplicate role"),
        ('replicates_to = "dr-uploads"', 'replicates_to = "uploads"', "no other bucket"),
        ('replicates_to = "dr-uploads"', 'replicates_to = "dr-uploads"\nversioning = false', "versioned"),
        ('vault = "labelmintit-production-postgres-backup-vault"', 'vault = "none"', "no vault none"),
        ('cache = "cache"\nstatistic', "statistic", "one database, one cache or one balancer"),
        ('role = "restored-cache"', 'role = "restored-cache"\nsource = "dr-cache"', "a recovery makes has no source"),
        ('protects = ["primary-database"]', 'protects = ["cache"]', "no database or bucket"),
    ],
)
def test_a_wrong_estate_is_refused_with_the_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(BadEstate, match=says) as refused:
        load_estate(spoiled(tmp_path, old, new))
    assert refused.value.hint


def test_two_of_one_name_in_one_region_are_refused(tmp_path: Path) -> None:
    """Balancers, target groups and services are told apart by their names within a region."""
    text = FILE.read_text().replace(
        'role = "dr-balancer"\nregion = "us-west-2"', 'role = "dr-balancer"\nregion = "us-east-1"'
    )
    text = text.replace(
        'role = "dr-application"\nregion = "us-west-2"', 'role = "dr-application"\nregion = "us-east-1"'
    )
    path = tmp_path / "estate.toml"
    path.write_text(text)
    load_estate(path)
    for own, other, what in (
        ("labelmintit-production-dr-alb", "labelmintit-production-alb", "balancer"),
        ("labelmintit-production-dr-tg", "labelmintit-production-tg", "target group"),
    ):
        path.write_text(text.replace(own, other))
        with pytest.raises(BadEstate, match=f"duplicate {what} {other} in us-east-1"):
            load_estate(path)
    both = {"production-dr-cluster": "production-cluster", "production-dr-service": "production-service"}
    for own, other in both.items():
        text = text.replace(own, other)
    path.write_text(text)
    with pytest.raises(BadEstate, match="duplicate service labelmintit-production-service of labelmintit"):
        load_estate(path)


def test_a_resource_cannot_be_in_the_place_of_another_kind(tmp_path: Path) -> None:
    text = FILE.read_text().replace('[[caches]]\nrole = "cache"', '[[caches]]\nrole = "dr-balancer"')
    path = tmp_path / "estate.toml"
    path.write_text(text.replace('role = "dr-balancer"\nregion', 'role = "cache"\nregion'))
    with pytest.raises(BadEstate, match="cannot be the dr-balancer: that is a balancer"):
        load_estate(path)


def test_every_role_has_a_kind_and_what_is_missing_is_asked_for_in_its_table() -> None:
    assert set(KINDS) == set(Role)
    bare = load_estate(FILE).model_copy(update={"balancers": ()})
    with pytest.raises(BadEstate, match="no dr-balancer") as missing:
        bare.placed(Role.DR_BALANCER)
    assert "[[balancers]]" in missing.value.hint
    with pytest.raises(BadEstate) as asked:
        bare.database(Role.CACHE)
    assert "[[caches]]" in asked.value.hint


def test_names_cover_every_role_in_use() -> None:
    """`drill cloud up` tells the name of all that the estate file gives a role, and that is raised."""
    estate, written = load_estate(FILE), tomllib.loads(FILE.read_text())
    parts = [one for part in written.values() if isinstance(part, list) for one in part if one.get("raised", True)]
    roles = {one["role"] for one in parts if "role" in one}
    assert roles == set(estate.names)
    told = cloud.names(estate)
    assert estate.names.items() <= told.items()
    assert told["cache"] == "labelmintit-production-redis-enhanced"
    assert told["public-name"] == estate.zone.public_name


def test_an_estate_needs_no_caches(tmp_path: Path) -> None:
    text = "\n".join(line for line in FILE.read_text().splitlines() if not line.startswith("cache"))
    before, _, rest = text.partition("[[caches]]")
    path = tmp_path / "estate.toml"
    rest = "[[balancers]]" + rest.partition("[[balancers]]")[2]
    parts = [part for part in rest.split("\n[[alarms]]") if "redis" not in part]
    path.write_text(before + "\n[[alarms]]".join(parts))
    estate = load_estate(path)
    assert estate.caches == ()
    with pytest.raises(BadEstate, match="no cache"):
        estate.cache(Role.CACHE)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadEstate, match=r"nowhere\.toml") as refused:
        load_estate(tmp_path / "nowhere.toml")
    assert "DRILL_ESTATE" in refused.value.hint
