"""HTTP connections say how far a request got, and are used again only when they can be."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from harness.workload.web import Broken, Connections, Reply

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nLocation: /here\r\n\r\nok"
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

Address = tuple[str, int]


def served(answers: list[bytes], use: Callable[[Connections, Address], Awaitable[None]]) -> int:
    """Run `use` beside a server that gives these answers, an empty one by hanging up; how often it was connected to."""
    taken: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            while await reader.read(4096):
                answer = answers.pop(0)
                writer.write(answer)
                if not answer or b"Connection: close" in answer:
                    break
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def both() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        connections = Connections()
        try:
            async with asyncio.timeout(5):
                await use(connections, server.sockets[0].getsockname()[:2])
        finally:
            connections.close()
            server.close()
            await asyncio.gather(*(task for task in taken if task))

    asyncio.run(both())
    return len(taken)


async def ask(connections: Connections, address: Address) -> Reply:
    connection = await connections.take(address)
    reply = await connection.exchange(REQUEST)
    connections.give_back(address, connection)
    return reply


def test_a_connection_is_used_again() -> None:
    async def use(connections: Connections, address: Address) -> None:
        for _ in range(3):
            reply = await ask(connections, address)
            assert (reply.status, reply.body, reply.headers[b"location"]) == (200, b"ok", b"/here")

    assert served([OK, OK, OK], use) == 1


def test_a_connection_that_the_server_closes_is_not_used_again() -> None:
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    async def use(connections: Connections, address: Address) -> None:
        assert (await ask(connections, address)).status == 200
        assert (await ask(connections, address)).status == 200

    assert served([closing, OK], use) == 2


def test_after_a_failure_idle_connections_are_not_trusted() -> None:
    """A server that died by power cut leaves connections that look alive."""

    async def use(connections: Connections, address: Address) -> None:
        await ask(connections, address)
        connections.distrust(address)
        await ask(connections, address)

    assert served([OK, OK, OK], use) == 2


def test_a_server_that_hangs_up_on_a_request_broke_it() -> None:
    async def use(connections: Connections, address: Address) -> None:
        with pytest.raises(Broken):
            await ask(connections, address)

    served([b""], use)


def test_what_is_not_http_broke_the_request() -> None:
    async def use(connections: Connections, address: Address) -> None:
        with pytest.raises(Broken, match="not HTTP"):
            await ask(connections, address)

    served([b"SSH-2.0-OpenSSH\r\n\r\n"], use)


def test_an_answer_in_pieces_is_put_together() -> None:
    chunked = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"

    async def use(connections: Connections, address: Address) -> None:
        assert await ask(connections, address) == Reply(201, {b"transfer-encoding": b"chunked"}, b"abcde")

    served([chunked], use)


def test_a_request_that_was_given_up_takes_its_connection_along() -> None:
    """Its late answer would be taken for the next one's."""

    async def use(connections: Connections, address: Address) -> None:
        connection = await connections.take(address)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await connection.exchange(REQUEST)
        assert not connection.usable()

    served([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"], use)


def test_where_nobody_listens_nothing_is_sent() -> None:
    async def use(connections: Connections, address: Address) -> None:
        with pytest.raises(OSError, match="Connect call failed"):
            await connections.take(("127.255.255.1", 1))

    served([], use)
