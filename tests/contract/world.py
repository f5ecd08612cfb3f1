"""A small world for one service of the cloud: real addresses, processes and time; tasks that are threads of ours."""

from __future__ import annotations

import http.server
import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from harness.cloud.names import AnswerSet, Names, Table
from harness.cloud.pace import PacedTime
from harness.cloud.service import Answer, Call, Service
from harness.cloud.services.rds import Rds
from harness.config import load_config
from harness.errors import MachineFailed
from harness.estate import Estate, Role, load_estate
from harness.facts import Problem
from harness.machines.addresses import AddressBlock
from harness.machines.processes import Spawner
from harness.machines.workspace import Workspace

S = TypeVar("S", bound=Service)
ESTATE = Path(__file__).parents[2] / "scenarios" / "labelmint.toml"


@dataclass(frozen=True, slots=True)
class FakeEndpoint:
    host: str


class FakeRds(Service):
    """Endpoints without databases."""

    name = "rds"

    def endpoint(self, role: Role) -> FakeEndpoint:
        database = self.world.estate.database(role)
        return FakeEndpoint(f"{database.identifier}.c0.{database.region}.rds.amazonaws.com")


class TinyWorld:
    """A World of the given services; `answers` is what the resolver would say."""

    def __init__(self, *, pace: float = 0.0, estate: Estate | None = None) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="lmtest-"))
        self._root.chmod(0o755)  # pytest's own directories are closed to the servers' account
        self.facts: list[object] = []
        self.answers: dict[tuple[str, str], AnswerSet] = {}
        self.estate = estate or load_estate(ESTATE)
        self.workspace = Workspace.create(self._root, "test")
        self.spawner = Spawner(self.workspace)
        self.config = load_config()
        self.addresses = AddressBlock.lease(self.config.cache_dir)
        self.names = Names(self._publish)
        self.pace = PacedTime(pace, self.facts.append)
        self.endpoint_url = "http://127.0.0.1:1"
        self.resolver = ("127.0.0.1", 53)
        self.services: dict[type[Service], Service] = {}

    def add(self, kind: type[S]) -> S:
        made = kind(self)
        self.services[kind] = made
        return made

    def zone_of(self, region: str) -> int:
        return 1 if region == self.estate.regions.primary else 2

    def record(self, fact: object) -> None:
        self.facts.append(fact)

    def neighbour(self, kind: type[S]) -> S:
        if issubclass(kind, Rds):
            return cast(S, FakeRds(self))
        service = self.services[kind]
        assert isinstance(service, kind)
        return service

    def access_key(self, actor: str) -> tuple[str, str]:
        return f"AKIA{actor.upper()}", "secret"

    def is_reachable(self, region: str) -> bool:
        return True

    def moto(self, service: str, region: str) -> Any:
        raise AssertionError(f"there is no moto for {service} in {region}")

    def close(self) -> None:
        for service in self.services.values():
            service.close()
        self.pace.close()
        self.spawner.close()
        self.addresses.release()
        left = self.workspace.remove()
        shutil.rmtree(self._root, ignore_errors=True)
        assert left == ()
        assert [fact for fact in self.facts if isinstance(fact, Problem)] == []

    def _publish(self, table: Table) -> None:
        self.answers = dict(table)


def call(service: Service, operation: str, region: str = "us-east-1", /, **params: Any) -> Answer:
    """Call an operation as the overlay would. Raises what the service raises."""
    for name in dir(type(service)):
        if getattr(getattr(type(service), name), "__aws_operation__", None) == operation:
            asked = Call(service.name, operation, region, "automation", "request", params)
            service.check(asked)
            answer: Answer = getattr(service, name)(asked)
            return answer
    raise AssertionError(f"{service.name} has no {operation}")


class Backend:
    """An HTTP server that answers /health with `status`, and anything with the settings that it was started with."""

    def __init__(self, address: str, port: int, env: Mapping[str, str] | None = None) -> None:
        outer = self
        self.status = 200

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = json.dumps(dict(env or {})).encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_: object) -> None: ...

        self._server = Server((address, port), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class FakeTask:
    """A task that is a thread of ours."""

    def __init__(self, name: str, backend: Backend, on_exit: Callable[[int], None] | None) -> None:
        self.name = name
        self.backend = backend
        self.exit_code: int | None = None
        self._on_exit = on_exit

    def is_running(self) -> bool:
        return self.exit_code is None

    def kill(self) -> None:
        self._end(-9)

    def stop(self, grace: timedelta = timedelta(seconds=5)) -> None:
        self._end(0)

    def _end(self, code: int) -> None:
        if self.exit_code is None:
            self.exit_code = code
            self.backend.close()
            if self._on_exit:
                self._on_exit(code)


class FakeHost:
    """Stands in for TaskHost; `status` is what the tasks' /health says, by the database they were told of."""

    status: Mapping[str, int] = {}

    def __init__(self, region: str, spawner: Spawner, workspace: Workspace) -> None:
        self.region = region
        self.fail = ""
        self.tasks: list[FakeTask] = []

    def start(self) -> None: ...

    def run(
        self,
        task_id: str,
        env: Mapping[str, str],
        address: str,
        port: int,
        log: Path,
        on_exit: Callable[[int], None] | None = None,
    ) -> FakeTask:
        if self.fail:
            raise MachineFailed(self.fail)
        backend = Backend(address, port, env)
        backend.status = self.status.get(env.get("DATABASE_HOST", ""), 200)
        self.tasks.append(FakeTask(task_id, backend, on_exit))
        return self.tasks[-1]

    def kill(self) -> None:
        for task in self.tasks:
            task.kill()
