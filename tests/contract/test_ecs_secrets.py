"""How a task's `secrets` are resolved: through the API, from Parameter Store and Secrets Manager, each time anew."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from harness.aws import Aws, Credentials
from harness.cloud.services.ecs.definitions import TaskDefinitions
from harness.cloud.services.ecs.secrets import CannotStart, TaskSettings
from tests.contract.world import TinyWorld

REGION = "us-east-1"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:labelmintit/production/database"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """moto alone, for it owns these two services."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def aws(endpoint: str) -> Aws:
    made = Aws(endpoint, Credentials("AKIAX", "secret"), region=REGION)
    made.ssm().put_parameter(Name="/production/host", Value="db.example.com", Type="String")
    made.ssm().put_parameter(Name="plain", Value="kept", Type="SecureString")
    secret = '{"username": "labelmint", "password": "hush"}'
    made.secretsmanager().create_secret(Name="labelmintit/production/database", SecretString=secret)
    return made


@pytest.fixture
def settings(endpoint: str, aws: Aws) -> Iterator[TaskSettings]:
    world = TinyWorld()
    world.endpoint_url = endpoint
    yield TaskSettings(world)
    world.close()


def resolve(
    settings: TaskSettings, secrets: dict[str, str], environment: dict[str, str] | None = None
) -> dict[str, str]:
    container: dict[str, Any] = {
        "name": "labelmint",
        "image": "labelmint:1",
        "environment": [{"name": name, "value": value} for name, value in (environment or {}).items()],
        "secrets": [{"name": name, "valueFrom": source} for name, source in secrets.items()],
    }
    definitions = TaskDefinitions(REGION, "123456789012")
    return settings.resolve(definitions.register({"family": "x", "containerDefinitions": [container]}), REGION)


def test_every_form_of_source(settings: TaskSettings) -> None:
    found = resolve(
        settings,
        {
            "BY_ARN": f"{PARAMETER}/production/host",
            "BY_NAME": "/production/host",
            "PLAIN": f"{PARAMETER}/plain",
            "USER": f"{SECRET}:username::",
            "WHOLE": SECRET,
        },
        {"AWS_REGION": REGION},
    )

    assert found == {
        "AWS_REGION": REGION,
        "BY_ARN": "db.example.com",
        "BY_NAME": "db.example.com",
        "PLAIN": "kept",
        "USER": "labelmint",
        "WHOLE": '{"username": "labelmint", "password": "hush"}',
    }


def test_what_changed_is_seen_by_the_next_task(settings: TaskSettings, aws: Aws) -> None:
    aws.ssm().put_parameter(Name="/production/changing", Value="old", Type="String")
    before = resolve(settings, {"X": "/production/changing"})
    aws.ssm().put_parameter(Name="/production/changing", Value="new", Type="String", Overwrite=True)

    assert (before, resolve(settings, {"X": "/production/changing"})) == ({"X": "old"}, {"X": "new"})


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "/production/missing",
            "from ssm: service call has been retried 1 time(s): invalid ssm parameters: /production/m",
        ),
        (f"{SECRET}-other:username::", "ResourceNotFoundException: Secrets Manager can't find the specified secret."),
        (f"{SECRET}:port::", "retrieved secret from Secrets Manager did not contain json key port"),
    ],
)
def test_what_is_missing_is_named_in_awss_words(settings: TaskSettings, source: str, words: str) -> None:
    with pytest.raises(CannotStart) as refused:
        resolve(settings, {"X": source})

    assert str(refused.value).startswith("ResourceInitializationError: unable to pull secrets or registry auth: ")
    assert words in str(refused.value)
    assert "hush" not in str(refused.value)
