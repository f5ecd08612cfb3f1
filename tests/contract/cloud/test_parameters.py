"""Parameter Store keeps versions and refuses as SSM does; a cloud starts empty of what an earlier one held."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from harness.cloud.moto_backend import MotoBackend
from harness.cloud.services.elasticache.names import short
from harness.cloud.services.rds import Rds
from harness.cloud.services.ssm import Ssm
from tests.contract.cloud.raising import EAST, PRIMARY, WEST, Raised, raised, refusal

SETTINGS = "/labelmintit/production/database"


@pytest.fixture(scope="module", autouse=True)
def without_databases() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rds, "raise_estate", lambda self: None)
        yield


@pytest.fixture(scope="module")
def estate(without_databases: None) -> Iterator[Raised]:
    with raised(Rds, Ssm) as made:
        yield made


def test_the_application_finds_its_database(estate: Raised) -> None:
    ssm = estate.aws.ssm()
    found = {one["Name"]: one["Value"] for one in ssm.get_parameters_by_path(Path=SETTINGS)["Parameters"]}

    assert found[f"{SETTINGS}/endpoint"].startswith(f"{PRIMARY}.")
    assert found[f"{SETTINGS}/port"] == str(estate.cloud.addresses.ports[5432])
    assert found[f"{SETTINGS}/name"] == estate.cloud.estate.seed.database
    assert refusal(lambda: estate.aws.ssm(WEST).get_parameter(Name=f"{SETTINGS}/endpoint"))[0] == "ParameterNotFound"
    secret = estate.aws.secretsmanager().get_secret_value(SecretId="labelmintit/production/database")["SecretString"]
    assert set(json.loads(secret)) == {"username", "password"}


@pytest.mark.parametrize(("region", "path"), [(EAST, "production"), (WEST, "production-dr")])
def test_the_application_finds_the_cache_of_its_region(estate: Raised, region: str, path: str) -> None:
    below = estate.aws.ssm(region).get_parameters_by_path(Path=f"/labelmintit/{path}/cache")["Parameters"]
    found = {one["Name"].rpartition("/")[2]: one["Value"] for one in below}
    assert found["endpoint"].endswith(f".ng.0001.{short(region)}.cache.amazonaws.com")
    assert found["port"] == str(estate.cloud.addresses.ports[6379])


def test_a_parameter_is_overwritten_only_when_asked_to(estate: Raised) -> None:
    ssm = estate.aws.ssm()
    ssm.put_parameter(Name="/a/b", Value="1", Type="String")

    assert refusal(lambda: ssm.put_parameter(Name="/a/b", Value="2", Type="String"))[0] == "ParameterAlreadyExists"
    assert ssm.put_parameter(Name="/a/b", Value="2", Overwrite=True)["Version"] == 2
    assert [one["Value"] for one in ssm.get_parameter_history(Name="/a/b")["Parameters"]] == ["1", "2"]
    assert ssm.get_parameter(Name="/a/b:1")["Parameter"]["Value"] == "1"
    assert refusal(lambda: ssm.put_parameter(Name="/new", Value="x"))[0] == "ValidationException"


def test_missing_names_are_told(estate: Raised) -> None:
    answer = estate.aws.ssm().get_parameters(Names=[f"{SETTINGS}/port", "/nothing"])

    assert [one["Name"] for one in answer["Parameters"]] == [f"{SETTINGS}/port"]
    assert answer["InvalidParameters"] == ["/nothing"]


def test_a_secure_string_is_shown_when_decrypted(estate: Raised) -> None:
    ssm = estate.aws.ssm()
    ssm.put_parameter(Name="/safe", Value="word", Type="SecureString")

    assert ssm.get_parameter(Name="/safe")["Parameter"]["Value"] != "word"
    assert ssm.get_parameter(Name="/safe", WithDecryption=True)["Parameter"]["Value"] == "word"


def test_the_next_cloud_of_a_process_starts_afresh() -> None:
    """moto keeps its state in the process; what one drill wrote must not be there in the next."""
    with raised(Rds, Ssm) as first:
        first.aws.secretsmanager(EAST).create_secret(Name="left", SecretString="x")
        password = first.cloud.service(Rds).login().password
    with raised(Rds, Ssm) as second:
        names = {one["Name"] for one in second.aws.secretsmanager(EAST).list_secrets()["SecretList"]}
        assert names == {"labelmintit/production/database"}
        assert second.cloud.service(Rds).login().password != password
    assert MotoBackend(second.cloud.estate.account_id).backend("secretsmanager", EAST).secrets == {}
