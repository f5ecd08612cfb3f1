"""LabelMint's service on a real PostgreSQL: what it acknowledges is stored, and what it does not know it says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from harness.machines.addresses import AddressBlock
from harness.machines.postgres import PostgresServer
from harness.machines.resolver import AnswerSet, Resolver
from harness.machines.seed import APP_USER
from harness.machines.tasks import Task, TaskHost
from harness.machines.workspace import Workspace
from harness.wait import until
from tests.integration.serving.backends import exchange
from tests.integration.serving.conftest import PASSWORD

NAME = "primary.us-east-1.rds.amazonaws.com"
SUBMISSION = {"project_id": 1, "user_id": 2, "writer": 7, "seq": 1, "payload": "a label"}
BAD_INPUT: tuple[dict[str, object], ...] = (
    {"project_id": "one"}, {"project_id": True}, {"user_id": 0}, {"writer": 2**31}, {"seq": -1}, {"seq": 2**63},
    {"payload": None}, {"payload": "nul \0"}, {"payload": "\ud800"}, {"payload": "x" * 70_000}, {"project_id": 999},
)  # fmt: skip
BOUND = 2.5
"""Seconds within which any request is answered: the service takes one, the rest is for a machine that is busy."""
SOON = timedelta(seconds=10)


@dataclass
class Client:
    """Talks to one task of the service."""

    task: Task
    address: tuple[str, int]

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and decoded answer, which must come within the bound."""
        text = None if body is None else json.dumps(body).encode()
        began = time.monotonic()
        status, headers, answer = exchange(self.address, method, path, text)
        took = time.monotonic() - began
        assert took < BOUND
        assert headers["x-labelmint-task"] == self.task.name
        return status, json.loads(answer)

    def get(self, path: str) -> tuple[int, Any]:
        return self.ask("GET", path)

    def submit(self, **changes: object) -> tuple[int, Any]:
        return self.ask("POST", "/task-submissions", SUBMISSION | changes)

    def later(self, **changes: object) -> Callable[[], tuple[int, Any]]:
        """Submit behind our back; call what is returned for the answer."""
        thread = ThreadPoolExecutor(1)
        answer = thread.submit(self.submit, **changes)
        thread.shutdown(wait=False)
        return answer.result


Service = Callable[[PostgresServer], Client]


@pytest.fixture
def service(host: TaskHost, resolver: Resolver, block: AddressBlock, workspace: Workspace) -> Service:
    """Starts a task that uses the given server under its name."""

    def start(server: PostgresServer) -> Client:
        point(resolver, server)
        environment = settings(server, resolver)
        address = (block.next(1), block.ports[3000])
        return Client(host.run("task-1", environment, *address, workspace.log("task-1")), address)

    return start


@pytest.fixture
def primary(database: Callable[[str], PostgresServer]) -> PostgresServer:
    made = database("primary")
    made.start()
    return made


@pytest.fixture
def client(service: Service, primary: PostgresServer) -> Client:
    return service(primary)


def settings(server: PostgresServer, resolver: Resolver) -> dict[str, str]:
    return {
        "DATABASE_HOST": NAME,
        "DATABASE_PORT": str(server.port),
        "DATABASE_NAME": server.database,
        "DATABASE_USER": APP_USER,
        "DATABASE_PASSWORD": PASSWORD,
        "RESOLVER": f"{resolver.address}:{resolver.port}",
        "DNS_PACE": "0.01",
    }


def point(resolver: Resolver, server: PostgresServer) -> None:
    resolver.publish({(NAME, "A"): AnswerSet(5, (server.address,))})


def stored(server: PostgresServer, seq: int = 1) -> int:
    """How often that submission is in the database."""
    with server.admin() as session:
        query = "SELECT FROM task_submissions WHERE writer = 7 AND seq = %s"
        return session.execute(query, [seq]).rowcount


def waiting(server: PostgresServer, event: str) -> bool:
    with server.admin() as session:
        return bool(session.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = %s", [event]).fetchall())


def test_health_names_the_database_that_answered(client: Client, primary: PostgresServer) -> None:
    status, health = client.get("/health")

    assert status == 200
    assert (health["status"], health["region"], health["task"]) == ("ok", "us-east-1", "task-1")
    assert health["database"] == {
        "host": NAME, "identifier": "primary", "address": primary.address, "writable": True,
    }  # fmt: skip


def test_an_acknowledged_submission_is_stored_and_can_be_read_back(client: Client, primary: PostgresServer) -> None:
    status, answer = client.submit()

    assert status == 201
    assert stored(primary) == 1
    status, row = client.get(f"/task-submissions/{answer['id']}")
    assert (status, {name: row[name] for name in SUBMISSION}) == (200, SUBMISSION)
    assert client.get("/task-submissions?writer=7&seq=1") == (200, {"items": [row]})
    assert client.get("/task-submissions?writer=7&seq=2") == (200, {"items": []})


def test_users_and_projects_can_be_read(client: Client) -> None:
    assert client.get("/users/3")[1]["email"] == "user3@example.com"
    assert client.get("/projects/3")[1]["owner_id"] == 4
    assert len(client.get("/users?limit=5")[1]["items"]) == 5
    assert len(client.get("/projects")[1]["items"]) == 5


def test_what_is_not_there_is_404(client: Client) -> None:
    for path in ("/users/999", "/task-submissions/999999", "/projects/0"):
        assert client.get(path)[0] == 404


def test_bad_input_is_refused_and_not_stored(client: Client, primary: PostgresServer) -> None:
    """Also a project that does not exist, which only the database knows."""
    for changes in BAD_INPUT:
        status, answer = client.submit(**changes)
        assert (changes, status, answer["outcome"]) == (changes, 400, "refused")
    assert stored(primary) == 0


def test_a_question_that_makes_no_sense_is_400(client: Client) -> None:
    for path in ("/users/x", "/users/9223372036854775808", "/users?limit=0", "/task-submissions"):
        assert client.get(path)[0] == 400


def test_a_body_that_is_not_json_is_400(client: Client) -> None:
    for body in (b"", b"{", b"[]", b"\xff"):
        assert exchange(client.address, "POST", "/task-submissions", body)[0] == 400


def test_health_fails_on_a_standby_and_is_good_after_its_promotion(
    service: Service, database: Callable[[str], PostgresServer], primary: PostgresServer
) -> None:
    standby = database("standby")
    standby.follow(primary, slot=None, application_name="standby")
    standby.start()
    until("the standby has the accounts", lambda: standby.lag() == timedelta(0), within=timedelta(seconds=20))
    client = service(standby)

    status, health = client.get("/health")
    assert (status, health["reason"], health["database"]["writable"]) == (503, "the database is read-only", False)
    status, answer = client.submit()
    assert (status, answer["outcome"]) == (503, "refused")
    assert client.get("/users/1")[0] == 200

    standby.promote()
    assert client.get("/health")[0] == 200
    assert client.submit()[0] == 201


def test_a_dead_database_is_refused_at_once_and_used_when_it_is_back(client: Client, primary: PostgresServer) -> None:
    assert client.submit()[0] == 201
    primary.kill()

    status, answer = client.submit(seq=2)
    assert (status, answer["outcome"]) == (503, "refused")
    assert client.get("/health")[0] == 503

    primary.start()
    assert client.get("/health")[0] == 200
    assert client.submit(seq=3)[0] == 201
    assert [stored(primary, seq) for seq in (1, 2, 3)] == [1, 0, 1]


def test_a_hanging_database_is_answered_within_a_second(client: Client, primary: PostgresServer) -> None:
    """With connections open or not, and for more clients than the service has connections."""
    assert client.submit()[0] == 201
    assert client.get("/health")[0] == 200
    primary.pause()

    late = [client.later(seq=seq) for seq in range(10, 18)]
    assert client.get("/health")[0] == 503
    assert {status for status, _ in (answer() for answer in late)} == {503}
    assert client.get("/health")[0] == 503

    primary.resume()
    until("the service is healthy", lambda: client.get("/health")[0] == 200, within=SOON)
    assert client.submit(seq=20)[0] == 201


def test_a_hanging_database_leaves_the_fate_of_a_sent_submission_unknown(
    client: Client, primary: PostgresServer
) -> None:
    """It may be stored when the server goes on: to call it refused could be a lie."""
    assert client.submit()[0] == 201
    primary.pause()

    status, answer = client.submit(seq=2)
    assert (status, answer["outcome"]) == (503, "unknown")
    primary.resume()


def test_a_server_that_dies_within_the_commit_leaves_its_fate_unknown(client: Client, primary: PostgresServer) -> None:
    """It waits for a standby that never answers, so the row is in its log when it dies, and there when it is back."""
    client.submit()
    primary.require_sync(("nobody",))
    answer = client.later(seq=2)
    until("the commit waits for the standby", lambda: waiting(primary, "SyncRep"), within=SOON)
    primary.kill()

    status, said = answer()
    assert (status, said["outcome"]) == (503, "unknown")

    primary.require_sync(())
    primary.start()
    assert stored(primary, 2) == 1


def test_a_commit_on_one_server_alone_is_not_acknowledged(client: Client, primary: PostgresServer) -> None:
    """PostgreSQL reports such a commit as a success, with a warning. Nor may the session that waits stay behind."""
    client.submit()
    primary.require_sync(("nobody",))

    status, said = client.submit(seq=2)

    assert (status, said["outcome"]) == (503, "unknown")
    assert stored(primary, 2) == 1
    until("nobody waits any more", lambda: not waiting(primary, "SyncRep"), within=SOON)
    primary.require_sync(())
    assert client.submit(seq=3)[0] == 201


def test_a_statement_that_takes_too_long_is_refused_by_the_server(client: Client, primary: PostgresServer) -> None:
    with primary.admin() as session, session.transaction():
        session.execute("LOCK TABLE task_submissions")
        status, said = client.submit()

    assert (status, said["outcome"]) == (503, "refused")
    assert stored(primary) == 0


def test_it_follows_its_database_to_another_address(
    client: Client, database: Callable[[str], PostgresServer], primary: PostgresServer, resolver: Resolver
) -> None:
    other = database("other")
    other.start()
    assert client.get("/health")[1]["database"]["identifier"] == "primary"

    point(resolver, other)
    primary.kill()

    until("the other one answers", lambda: client.get("/health")[0] == 200, within=SOON)
    assert client.get("/health")[1]["database"]["identifier"] == "other"
    assert client.submit()[0] == 201
    assert stored(other) == 1


def test_a_silent_resolver_does_not_make_it_hang(client: Client, primary: PostgresServer, resolver: Resolver) -> None:
    resolver.pause()
    until("its answer has expired", lambda: client.get("/health")[0] == 503, within=SOON)

    assert client.submit()[1]["outcome"] == "refused"


def test_a_task_that_is_told_to_stop_finishes_what_it_has_begun(client: Client, primary: PostgresServer) -> None:
    client.submit()
    with primary.admin() as session:
        with session.transaction():
            session.execute("LOCK TABLE task_submissions")
            answer = client.later(seq=2)
            until("it waits for the lock", lambda: waiting(primary, "relation"), within=SOON)
            stopper = threading.Thread(target=client.task.stop)
            stopper.start()
            until("nothing new is taken", lambda: not is_listening(client.address), within=SOON)
        assert answer()[0] == 201
    stopper.join(timeout=5)

    assert client.task.exit_code == 0
    assert stored(primary, 2) == 1


def test_it_keeps_few_connections(client: Client, primary: PostgresServer) -> None:
    for answer in [client.later(seq=seq) for seq in range(30)]:
        assert answer()[0] == 201
    client.get("/health")

    with primary.admin() as session:
        query = "SELECT FROM pg_stat_activity WHERE usename = %s"
        assert session.execute(query, [APP_USER]).rowcount <= 5


def test_a_wrong_password_is_said_in_health_and_not_shown(
    host: TaskHost, resolver: Resolver, block: AddressBlock, primary: PostgresServer, workspace: Workspace
) -> None:
    point(resolver, primary)
    environment = settings(primary, resolver) | {"DATABASE_PASSWORD": "a wrong one"}
    address = (block.next(1), block.ports[3000])
    client = Client(host.run("task-9", environment, *address, workspace.log("task-9")), address)

    status, health = client.get("/health")

    assert status == 503
    assert "password authentication failed" in health["reason"]
    assert "a wrong one" not in json.dumps(health) + workspace.log("task-9").read_text()


def is_listening(address: tuple[str, int]) -> bool:
    try:
        exchange(address, path="/nowhere")
    except OSError:
        return False
    return True
