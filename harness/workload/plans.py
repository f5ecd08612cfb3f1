"""The clients of a drill before they run: their names, their files, what they are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from harness.dial import Directory
from harness.estate import Estate
from harness.facts import ClientKind, ClientStarted
from harness.login import Login
from harness.workload.terms import KeeperTerms, ReaderTerms, Terms, VisitorTerms, WriterTerms
from harness.workload.workload import Workload

FOLDER = "ledger"
_VISITORS = ("fresh", "ttl")


@dataclass(frozen=True, slots=True)
class Plan:
    """A client before it runs."""

    started: ClientStarted
    terms: Terms


def plans(directory: Directory, estate: Estate, login: Login, workload: Workload, folder: Path) -> Iterator[Plan]:
    """Two visitors with the writer numbers 1 and 2, and one process of direct writers with those from 3 on.

    Where a cache is at stake, a reader and a keeper follow, and they alone decide.
    """
    resolver_host, resolver_port = directory.resolver
    users, projects = estate.seed.users, estate.seed.projects
    decides = not workload.uses_cache
    for writer, follows in enumerate(_VISITORS, start=1):
        name = f"visitor-{follows}"
        file = f"{FOLDER}/{name}.bin"
        every = timedelta(seconds=1 / workload.visitor_hz)
        yield Plan(
            ClientStarted(name, ClientKind.VISITOR, file, follows, (writer,), every, decides),
            VisitorTerms(
                file=str(folder / file), writer=writer, hz=workload.visitor_hz, follows=follows,
                host=estate.zone.public_name, port=directory.port(80), users=users, projects=projects,
                resolver_host=resolver_host, resolver_port=resolver_port, pace=directory.pace,
            ),
        )  # fmt: skip
    first = len(_VISITORS) + 1
    if workload.writer_threads:
        yield _of_database(directory, estate, login, workload, folder, first=first, decides=decides)
    if workload.uses_cache:
        yield from _of_cache(directory, estate, workload, folder, first=first + workload.writer_threads)


def _of_database(
    directory: Directory, estate: Estate, login: Login, workload: Workload, folder: Path, *, first: int, decides: bool
) -> Plan:
    resolver_host, resolver_port = directory.resolver
    users, projects = estate.seed.users, estate.seed.projects
    writers = tuple(range(first, first + workload.writer_threads))
    file = f"{FOLDER}/writers.bin"
    every = timedelta(seconds=1 / workload.writer_rate if workload.writer_rate else 0)
    return Plan(
        ClientStarted(
            "writers", ClientKind.WRITER, file, "ttl", writers, every, decides and workload.writers_decide
        ),
        WriterTerms(
            file=str(folder / file), writers=writers, rate=workload.writer_rate,
            host=estate.zone.database_name, port=directory.port(5432), users=users, projects=projects,
            resolver_host=resolver_host, resolver_port=resolver_port, pace=directory.pace,
            user=login.user, password=login.password, database=login.database,
        ),
    )  # fmt: skip


def _of_cache(directory: Directory, estate: Estate, workload: Workload, folder: Path, *, first: int) -> Iterator[Plan]:
    resolver_host, resolver_port = directory.resolver
    file, every = f"{FOLDER}/reader.bin", timedelta(seconds=1 / workload.reader_hz)
    yield Plan(
        ClientStarted("reader", ClientKind.READER, file, "ttl", (first,), every, decides=True),
        ReaderTerms(
            file=str(folder / file), writer=first, hz=workload.reader_hz, follows="ttl",
            host=estate.zone.public_name, port=directory.port(80), users=estate.seed.users,
            projects=estate.seed.projects, resolver_host=resolver_host, resolver_port=resolver_port,
            pace=directory.pace,
        ),
    )  # fmt: skip
    file, every = f"{FOLDER}/keeper.bin", timedelta(seconds=1 / workload.keeper_rate)
    yield Plan(
        ClientStarted("keeper", ClientKind.KEEPER, file, "ttl", (first + 1,), every, decides=True),
        KeeperTerms(
            file=str(folder / file), writer=first + 1, rate=workload.keeper_rate, host=estate.zone.public_name,
            port=directory.port(80), cache_port=directory.port(6379), resolver_host=resolver_host,
            resolver_port=resolver_port, pace=directory.pace,
        ),
    )  # fmt: skip
