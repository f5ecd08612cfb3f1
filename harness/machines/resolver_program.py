"""The estate's DNS server, a program of its own: UDP and TCP, answering from a table that is replaced as a whole.

Arguments: address, port, and the number of a socket over which the harness sends lines of JSON,
  {"generation": n, "records": [[name, type, ttl, [value, ...]], ...]}, each answered by
  {"generation": n, "unusable": [record, ...]}.
The first line it says is {"ready": true} or {"failed": reason}. When the socket closes, the harness is gone and the
program ends.

A zone is a name that has an SOA record. Imports are few, so that it serves within 0.15 s.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Iterable
from typing import Any

import uvloop
from dnslib import CLASS, QTYPE, RCODE, RR, DNSError, DNSHeader, DNSRecord
from dnslib.label import DNSLabel

_LONGEST_CHAIN = 16
_UDP_ROOM = 512
_MOST_KEPT = 10_000


def canonical(name: str) -> str:
    """Names are compared without case and without the final dot."""
    return name.rstrip(".").lower()


class Table:
    """What the names mean at one moment; `unusable` lists the records that are none."""

    def __init__(self, records: Iterable[tuple[str, str, int, list[str]]]) -> None:
        self._records: dict[str, dict[str, list[RR]]] = {}
        self._exists: set[str] = set()
        self._kept: dict[bytes, bytes] = {}
        self.unusable: list[str] = []
        for name, kind, ttl, values in records:
            for value in values:
                try:
                    [record] = RR.fromZone(f"{canonical(name)}. {ttl} IN {kind} {value}")
                except (DNSError, ValueError, IndexError, KeyError, AttributeError, TypeError):
                    self.unusable.append(f"{name} {kind} {value}")
                    continue
                self._keep(canonical(name), kind.upper(), record)

    def reply(self, question: bytes) -> bytes:
        """The whole reply to a query, as TCP carries it. Raises DNSError when the query cannot be read."""
        known = self._kept.get(question[2:])
        if known is None:
            known = bytes(self._answer(DNSRecord.parse(question)).pack())[2:]
            if len(self._kept) < _MOST_KEPT:
                self._kept[question[2:]] = known
        return question[:2] + known

    def _keep(self, name: str, kind: str, record: RR) -> None:
        self._records.setdefault(name, {}).setdefault(kind, []).append(record)
        while name not in self._exists:
            self._exists.add(name)
            name = name.partition(".")[2]

    def _answer(self, query: DNSRecord) -> DNSRecord:
        reply = query.reply(ra=0, aa=1)
        if query.header.opcode or len(query.questions) != 1 or query.q.qclass != CLASS.IN:
            reply.header.rcode = RCODE.NOTIMP
            return reply
        name, kind = query.q.qname, str(QTYPE.get(query.q.qtype))
        answered = False
        for _ in range(_LONGEST_CHAIN):
            answered = self._add(reply, name, kind)
            if answered or not self._add(reply, name, "CNAME"):
                break
            name = reply.rr[-1].rdata.label
        if not answered:
            self._say_why(reply, canonical(str(name)))
        return reply

    def _add(self, reply: DNSRecord, name: DNSLabel, kind: str) -> bool:
        found = self._records.get(canonical(str(name)), {}).get(kind, [])
        for record in found:
            reply.add_answer(RR(name, record.rtype, ttl=record.ttl, rdata=record.rdata))
        return bool(found)

    def _say_why(self, reply: DNSRecord, name: str) -> None:
        """No answer, or none at the end of a chain: no such name, no such type, or a name that is not ours."""
        zone = self._zone_of(name)
        if zone is not None:
            soa = self._records[zone]["SOA"][0]
            reply.add_auth(RR(zone, QTYPE.SOA, ttl=min(soa.ttl, soa.rdata.times[4]), rdata=soa.rdata))
            if name not in self._exists:
                reply.header.rcode = RCODE.NXDOMAIN
        elif not reply.rr and name not in self._records:
            reply.header.rcode = RCODE.REFUSED

    def _zone_of(self, name: str) -> str | None:
        while name:
            if "SOA" in self._records.get(name, {}):
                return name
            name = name.partition(".")[2]
        return None


class Server(asyncio.DatagramProtocol):
    """Answers by the table that was published last."""

    def __init__(self) -> None:
        self.table = Table([])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._send = transport.sendto  # type: ignore[attr-defined]  # uvloop's is no asyncio.DatagramTransport

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        reply = self._reply(data)
        if len(reply) > _UDP_ROOM:
            cut = DNSRecord.parse(data).reply(ra=0, aa=1)
            cut.header.tc = 1  # the client asks again by TCP
            reply = bytes(cut.pack())
        self._send(reply, addr)

    async def serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One TCP client: each message has its length before it."""
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                reply = self._reply(await reader.readexactly(length))
                writer.write(len(reply).to_bytes(2, "big") + reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _reply(self, data: bytes) -> bytes:
        try:
            return self.table.reply(data)
        except DNSError:
            return bytes(DNSRecord(DNSHeader(id=int.from_bytes(data[:2], "big"), qr=1, rcode=RCODE.FORMERR)).pack())


async def serve(address: str, port: int, control: socket.socket) -> None:
    """Serve until the control socket closes."""
    server = Server()
    reader, writer = await asyncio.open_unix_connection(sock=control, limit=2**26)

    def say(message: dict[str, object]) -> None:
        writer.write(json.dumps(message).encode() + b"\n")

    try:
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: server, local_addr=(address, port))
        await asyncio.start_server(server.serve_stream, address, port)
    except OSError as error:
        say({"failed": f"{address}:{port} cannot be used: {error.strerror or error}"})
        await writer.drain()
        return
    say({"ready": True})
    while line := await reader.readline():
        message = json.loads(line)
        server.table = Table(message["records"])
        say({"generation": message["generation"], "unusable": server.table.unusable})


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(sys.argv[1], int(sys.argv[2]), socket.socket(fileno=int(sys.argv[3]))))
