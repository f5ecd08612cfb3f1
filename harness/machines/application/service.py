"""The service's routes. Each answer says in its headers which region and which task gave it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harness.machines.application.cache import Cache, CacheGone
from harness.machines.application.database import Database, Row
from harness.machines.application.errors import BadInput, Outcome, Rejected, Unavailable
from harness.machines.application.names import Names
from harness.machines.application.releases import RELEASES
from harness.machines.application.settings import Settings
from harness.machines.application.submission import read_submission, whole

log = logging.getLogger("labelmint")

Ask = Callable[[str, Request], Awaitable[Response]]

_CONNECTIONS = 4
_MOST_ROWS = 1000
_STATE = """
    SELECT current_setting('cluster_name') AS identifier, host(inet_server_addr()) AS address,
           NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS writable
"""
_INSERT = """
    INSERT INTO task_submissions (project_id, user_id, writer, seq, payload)
    VALUES (%s, %s, %s, %s, %s) RETURNING id, created_at
"""
_BY_WRITER = "SELECT * FROM task_submissions WHERE writer = %s AND seq = %s ORDER BY id"


class Service:
    """Answers requests from the database; the health check has a connection to itself, so load cannot fail it."""

    def __init__(self, settings: Settings) -> None:
        names = Names(settings.resolver, settings.dns_pace)
        self._settings = settings
        self._database = Database(settings, names, _CONNECTIONS)
        self._health_database = Database(settings, names, 1)
        self._cache = Cache(settings, names)

    async def health(self, _: Request) -> Response:
        """200 only when the database answers a query and takes writes; else 503 with the reason.

        The cache is told apart: without it the service is slower, but it serves.
        """
        state: Row = {"host": self._settings.database_host, "writable": False}
        reason = ""
        try:
            state.update((await self._health_database.run(_STATE))[0])
        except (Unavailable, Rejected) as error:
            reason = str(error)
        if not reason and not state["writable"]:
            reason = "the database is read-only"
        answer = {
            "status": "unavailable" if reason else "ok",
            "region": self._settings.region,
            "task": self._settings.task,
            "database": state,
            **({"cache": self._cache.seen()} if self._cache.is_configured else {}),
            **({"reason": reason} if reason else {}),
        }
        return JSONResponse(answer, status_code=503 if reason else 200)

    async def submit(self, request: Request) -> Response:
        """201 only after the commit; a 503 says whether the submission was refused or its fate is unknown."""
        try:
            given = read_submission(json.loads(await request.body()))
        except ValueError:
            raise BadInput("the body is not JSON") from None
        values = (given.project_id, given.user_id, given.writer, given.seq, given.payload)
        [stored] = await self._database.run(_INSERT, values)
        where = f"/task-submissions/{stored['id']}"
        return JSONResponse(_plain(stored), status_code=201, headers={"location": where})

    async def submissions(self, request: Request) -> Response:
        """The submissions that a writer numbered `seq`: one, none, or more if it was stored twice."""
        writer, seq = (whole(name, request.query_params.get(name), 0) for name in ("writer", "seq"))
        return JSONResponse({"items": [_plain(row) for row in await self._database.run(_BY_WRITER, (writer, seq))]})

    async def submission(self, request: Request) -> Response:
        return await self._one("task_submissions", request)

    async def user(self, request: Request) -> Response:
        return await self._cached("users", request, self._one)

    async def users(self, request: Request) -> Response:
        return await self._cached("users", request, self._many)

    async def project(self, request: Request) -> Response:
        return await self._cached("projects", request, self._one)

    async def projects(self, request: Request) -> Response:
        return await self._cached("projects", request, self._many)

    async def warm_up(self) -> None:
        """Fill the cache as if every user and project had been asked for; requests are served meanwhile."""
        try:
            for table in ("users", "projects"):
                for row in await self._database.run(f"SELECT * FROM {table} ORDER BY id"):  # noqa: S608 - our names
                    await self._cache.fill(_key(table, row["id"]), _plain(row))
        except (Unavailable, Rejected, CacheGone) as error:
            log.warning("the cache was not warmed up: %s", error)

    async def close(self) -> None:
        await self._database.close()
        await self._health_database.close()
        await self._cache.close()

    async def _cached(self, table: str, request: Request, ask: Ask) -> Response:
        """What the cache holds, else what the database says, which is kept; `x-labelmint-cache` says which.

        The header is "hit", "miss", or "gone": then the cache did not answer, and the database did alone.
        """
        if not self._cache.is_configured:
            return await ask(table, request)
        one = "id" in request.path_params
        key = _key(table, _id(request) if one else f"first-{_limit(request)}")
        try:
            document, seen = await self._cache.get(key), "miss"
        except CacheGone:
            document, seen = None, "gone"
        if document is not None:
            return JSONResponse(document, headers={"x-labelmint-cache": "hit"})
        response = await ask(table, request)
        if seen == "miss" and response.status_code == 200:
            await self._cache.put(key, json.loads(bytes(response.body)))
        response.headers["x-labelmint-cache"] = seen
        return response

    async def _one(self, table: str, request: Request) -> Response:
        wanted = _id(request)
        rows = await self._database.run(f"SELECT * FROM {table} WHERE id = %s", (wanted,))  # noqa: S608 - our names
        if not rows:
            return JSONResponse({"error": f"{table} has no {wanted}"}, status_code=404)
        return JSONResponse(_plain(rows[0]))

    async def _many(self, table: str, request: Request) -> Response:
        limit = _limit(request)
        rows = await self._database.run(f"SELECT * FROM {table} ORDER BY id LIMIT %s", (limit,))  # noqa: S608
        return JSONResponse({"items": [_plain(row) for row in rows]})


def _key(table: str, what: int | str) -> str:
    return f"labelmint:{table}:{what}"


def _id(request: Request) -> int:
    return whole("id", request.path_params["id"], 0)


def _limit(request: Request) -> int:
    return whole("limit", request.query_params.get("limit", "100"), 1, _MOST_ROWS)


def application(settings: Settings) -> ASGIApp:
    """The whole service as an ASGI application."""
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(service.warm_up()) if settings.cache_warm_up else None
        yield
        if warming:
            await warming
        await service.close()

    routes = [
        Route("/health", service.health),
        Route("/task-submissions", service.submit, methods=["POST"]),
        Route("/task-submissions", service.submissions),
        Route("/task-submissions/{id}", service.submission),
        Route("/users", service.users),
        Route("/users/{id}", service.user),
        Route("/projects", service.projects),
        Route("/projects/{id}", service.project),
    ]
    handlers = {Unavailable: _unavailable, Rejected: _bad_request, BadInput: _bad_request}
    starlette = Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan)
    return RELEASES[settings.release](_Signed(starlette, settings))


async def _unavailable(_: Request, error: Exception) -> Response:
    outcome = error.outcome if isinstance(error, Unavailable) else Outcome.UNKNOWN
    return JSONResponse({"error": str(error), "outcome": outcome}, status_code=503)


async def _bad_request(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error), "outcome": Outcome.REFUSED}, status_code=400)


def _plain(row: Row) -> Row:
    """The row with its times as ISO 8601 text."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}


class _Signed:
    """Adds the region and the task to every answer's headers."""

    def __init__(self, inner: ASGIApp, settings: Settings) -> None:
        self._inner = inner
        self._headers = [
            (b"x-labelmint-region", settings.region.encode()),
            (b"x-labelmint-task", settings.task.encode()),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        await self._inner(scope, receive, signed)
