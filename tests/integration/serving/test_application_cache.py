"""The service's cache: read through, told apart in its health, and done without when it is gone."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from harness.config import load_config
from harness.machines.addresses import AddressBlock
from harness.machines.postgres import PostgresServer
from harness.machines.processes import Spawner
from harness.machines.resolver import AnswerSet, Resolver
from harness.machines.seed import APP_USER
from harness.machines.tasks import TaskHost
from harness.machines.valkey import ValkeyServer
from harness.machines.valkey_files import Passwords
from harness.machines.valkey_program import valkey_program
from harness.machines.workspace import Workspace
from harness.wait import until
from tests.integration.serving.conftest import PASSWORD

DATABASE, CACHE = "primary.c0.us-east-1.rds.amazonaws.com", "cache.x.ng.0001.use1.cache.amazonaws.com"
SOON = timedelta(seconds=10)
Ask = Callable[[str], tuple[int, Any, str]]


@pytest.fixture
def cache(workspace: Workspace, spawner: Spawner, block: AddressBlock) -> ValkeyServer:
    node = ValkeyServer(
        "cache",
        address=block.next(1),
        port=block.ports[6379],
        program=valkey_program(load_config().cache_dir),
        workspace=workspace,
        spawner=spawner,
        passwords=Passwords("admins-secret", "replicas-secret"),
    )
    node.start()
    return node


@pytest.fixture
def primary(database: Callable[[str], PostgresServer]) -> PostgresServer:
    server = database("primary")
    server.start()
    return server


@pytest.fixture
def ask(
    host: TaskHost, resolver: Resolver, block: AddressBlock, workspace: Workspace, primary: PostgresServer,
    cache: ValkeyServer,
) -> Iterator[Ask]:  # fmt: skip
    """GET a path; status, document, and what the service says of its cache."""
    resolver.publish(
        {
            ("amazonaws.com", "SOA"): AnswerSet(900, ("ns-1.amazonaws.com. x.amazonaws.com. 1 7200 900 1209600 60",)),
            (DATABASE, "A"): AnswerSet(0, (primary.address,)),
            (CACHE, "A"): AnswerSet(0, (cache.address,)),
        }
    )
    settings = {
        "DATABASE_HOST": DATABASE, "DATABASE_PORT": str(primary.port), "DATABASE_NAME": "labelmint",
        "DATABASE_USER": APP_USER, "DATABASE_PASSWORD": PASSWORD, "RESOLVER": f"{resolver.address}:{resolver.port}",
        "CACHE_HOST": CACHE, "CACHE_PORT": str(cache.port),
    }  # fmt: skip
    address, port = block.next(1), block.ports[3000]
    task = host.run("task-1", settings, address, port, workspace.log("task-1"))
    line = http.client.HTTPConnection(address, port, timeout=5)

    def get(path: str) -> tuple[int, Any, str]:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read()), answer.getheader("x-labelmint-cache", "")

    yield get
    line.close()
    task.stop()


def seen(ask: Ask) -> str:
    return str(ask("/health")[1]["cache"]["status"])


def wait_seen(ask: Ask, state: str) -> None:
    until(f"the cache is {state}", lambda: seen(ask) == state, within=SOON)


@pytest.mark.parametrize("path", ["/users/1", "/projects/2", "/users?limit=3", "/projects"])
def test_what_was_read_once_comes_from_the_cache_and_is_the_same(ask: Ask, path: str) -> None:
    first, second = ask(path), ask(path)
    assert (first[0], first[2], second[2]) == (200, "miss", "hit")
    assert first[1] == second[1]


def test_entries_have_names_that_say_what_they_are_and_an_end(ask: Ask, cache: ValkeyServer) -> None:
    for path in ("/users/1", "/users/01", "/projects?limit=3"):
        ask(path)
    with cache.session() as session:
        keys = session.call("KEYS", "labelmint:*s:*")
        assert isinstance(keys, list)
        assert sorted(map(str, keys)) == ["labelmint:projects:first-3", "labelmint:users:1"]
        left = session.call("TTL", "labelmint:users:1")
    assert isinstance(left, int)
    assert 0 < left <= 300


def test_what_is_not_there_or_makes_no_sense_is_not_kept(ask: Ask, cache: ValkeyServer) -> None:
    assert [ask(path)[0] for path in ("/users/999", "/users/x", "/users?limit=0")] == [404, 400, 400]
    with cache.session() as session:
        assert session.call("KEYS", "labelmint:users:*") == []


def test_a_spoiled_entry_is_read_again(ask: Ask, cache: ValkeyServer) -> None:
    with cache.session() as session:
        session.call("SET", "labelmint:users:1", "{")
    assert ask("/users/1")[2] == "miss"
    assert ask("/users/1")[2] == "hit"


def test_without_its_cache_the_service_serves_from_the_database_and_says_so(ask: Ask, cache: ValkeyServer) -> None:
    wait_seen(ask, "ok")
    ask("/users/1")
    cache.kill()
    assert ask("/users/1")[::2] == (200, "gone")
    wait_seen(ask, "unavailable")
    assert ask("/health")[0] == 200
    cache.start()
    wait_seen(ask, "ok")
    until("it is used again", lambda: ask("/users/1")[2] == "hit", within=SOON)


def test_a_cache_that_hangs_costs_a_request_little_and_the_next_one_nothing(ask: Ask, cache: ValkeyServer) -> None:
    ask("/users/1")
    cache.pause()
    began = time.monotonic()
    assert ask("/users/1")[::2] == (200, "gone")
    assert time.monotonic() - began < 0.6
    began = time.monotonic()
    assert ask("/users/1")[::2] == (200, "gone")
    assert time.monotonic() - began < 0.15, "it is left alone for a while"
    cache.resume()
    until("it is used again", lambda: ask("/users/1")[2] == "hit", within=SOON)


def test_a_closed_security_group_and_a_read_only_cache_are_told_apart(
    ask: Ask, cache: ValkeyServer, block: AddressBlock
) -> None:
    wait_seen(ask, "ok")
    cache.set_ingress(False)
    wait_seen(ask, "unavailable")
    assert ask("/users/1")[::2] == (200, "gone")
    cache.set_ingress(True)
    wait_seen(ask, "ok")
    cache.cut_replication()
    with cache.session() as session:
        session.call("REPLICAOF", "127.0.0.1", 1)
    wait_seen(ask, "read-only")
    assert [ask("/users/1")[::2] for _ in range(2)] == [(200, "miss"), (200, "miss")], "nothing can be kept"


def test_the_database_alone_decides_whether_the_service_is_healthy(
    ask: Ask, cache: ValkeyServer, primary: PostgresServer
) -> None:
    ask("/users/1")
    primary.kill()
    assert ask("/health")[0] == 503
    assert ask("/users/1")[::2] == (200, "hit"), "what is in the cache can still be read"
    assert ask("/users/2")[0] == 503
