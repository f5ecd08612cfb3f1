"""The balancer is a real Envoy that treats its targets as an Application Load Balancer does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from harness.errors import MachineFailed
from harness.machines.addresses import AddressBlock
from harness.machines.balancer import EnvoyBalancer
from harness.machines.processes import Spawner
from harness.machines.workspace import Workspace
from harness.wait import until
from tests.integration.serving.backends import Backend, send, serving

SOON = timedelta(seconds=5)
Address = tuple[str, int]


def make(workspace: Workspace, spawner: Spawner, address: Address) -> EnvoyBalancer:
    return EnvoyBalancer(
        "alb", *address, workspace, spawner,
        health_path="/health", check_interval=timedelta(seconds=0.1), healthy_threshold=2, unhealthy_threshold=2,
    )  # fmt: skip


@pytest.fixture
def balancer(workspace: Workspace, spawner: Spawner, block: AddressBlock) -> EnvoyBalancer:
    made = make(workspace, spawner, (block.next(1), block.ports[80]))
    made.start()
    return made


@pytest.fixture
def backends(block: AddressBlock) -> Iterator[list[Backend]]:
    with ExitStack() as stack:
        yield [stack.enter_context(serving(name, (block.next(1), block.ports[3000]))) for name in ("one", "two")]


def where(machine: EnvoyBalancer | Backend) -> Address:
    if isinstance(machine, EnvoyBalancer):
        return machine.address, machine.port
    return str(machine.server_address[0]), machine.server_address[1]


def answers(balancer: EnvoyBalancer) -> set[tuple[int, str]]:
    """What it gives to ten requests."""
    return {send(where(balancer)) for _ in range(10)}


def use(balancer: EnvoyBalancer, *targets: Backend) -> None:
    """Give it these targets and wait until it found them healthy."""
    balancer.set_targets(where(target) for target in targets)
    wanted = {where(target): "healthy" for target in targets}
    until("the targets are healthy", lambda: balancer.target_health() == wanted, within=SOON)


def test_requests_go_to_all_healthy_targets_in_turn(balancer: EnvoyBalancer, backends: list[Backend]) -> None:
    use(balancer, *backends)

    given = [send(where(balancer)) for _ in range(10)]

    assert given.count((200, "one")) == given.count((200, "two")) == 5


def test_without_a_target_the_answer_is_503(balancer: EnvoyBalancer) -> None:
    assert send(where(balancer))[0] == 503
    assert balancer.target_health() == {}


def test_a_target_that_fails_its_checks_gets_no_requests(balancer: EnvoyBalancer, backends: list[Backend]) -> None:
    use(balancer, *backends)

    backends[0].healthy = False
    until("it is unhealthy", lambda: balancer.target_health()[where(backends[0])] == "unhealthy", within=SOON)
    until("only the other one is used", lambda: answers(balancer) == {(200, "two")}, within=SOON)

    backends[0].healthy = True
    until("it is healthy", lambda: balancer.target_health()[where(backends[0])] == "healthy", within=SOON)
    until("both are used", lambda: answers(balancer) == {(200, "one"), (200, "two")}, within=SOON)


def test_when_all_targets_are_unhealthy_all_are_used(balancer: EnvoyBalancer, backends: list[Backend]) -> None:
    """A load balancer fails open: a check that is wrong everywhere must not take the service down."""
    use(balancer, *backends)

    for backend in backends:
        backend.healthy = False
    until("both are unhealthy", lambda: set(balancer.target_health().values()) == {"unhealthy"}, within=SOON)

    until("both are used", lambda: answers(balancer) == {(200, "one"), (200, "two")}, within=SOON)


def test_a_target_that_dies_is_left_out_without_an_error(
    balancer: EnvoyBalancer, block: AddressBlock, backends: list[Backend]
) -> None:
    """Its refusal of a connection sends the request elsewhere before any check has failed."""
    with serving("mortal", (block.next(1), block.ports[3000])) as mortal:
        use(balancer, *backends, mortal)

    assert answers(balancer) == {(200, "one"), (200, "two")}
    until("it is unhealthy", lambda: balancer.target_health()[where(mortal)] == "unhealthy", within=SOON)


def test_a_post_that_was_sent_is_never_sent_again(balancer: EnvoyBalancer, backends: list[Backend]) -> None:
    """The target may have stored it before it broke the connection."""
    use(balancer, *backends)
    for backend in backends:
        backend.breaks_posts = True

    statuses = [send(where(balancer), "POST", "/task-submissions", b"{}")[0] for _ in range(4)]

    assert statuses == [502] * 4
    assert sum(backend.posts for backend in backends) == 4


def test_a_post_to_a_dead_target_is_stored_once_by_another(
    balancer: EnvoyBalancer, block: AddressBlock, backends: list[Backend]
) -> None:
    with serving("mortal", (block.next(1), block.ports[3000])) as mortal:
        use(balancer, backends[0], mortal)
    statuses = [send(where(balancer), "POST", "/task-submissions", b"{}")[0] for _ in range(4)]

    assert statuses == [201] * 4
    assert backends[0].posts == 4


def test_a_removed_target_gets_nothing_new_and_finishes_what_it_has(
    balancer: EnvoyBalancer, backends: list[Backend]
) -> None:
    """Even though it still passes its checks."""
    use(balancer, backends[0])
    backends[0].release.clear()
    before = backends[0].held
    late: list[tuple[int, str]] = []
    client = threading.Thread(target=lambda: late.append(send(where(balancer))))
    client.start()
    until("the request has arrived", lambda: backends[0].held > before, within=SOON)

    use(balancer, backends[1])
    assert answers(balancer) == {(200, "two")}

    backends[0].release.set()
    client.join(timeout=5)
    assert late == [(200, "one")]


def test_a_new_target_is_not_used_before_it_passed_a_check(balancer: EnvoyBalancer, backends: list[Backend]) -> None:
    use(balancer, backends[0])
    backends[1].healthy = False

    balancer.set_targets(where(backend) for backend in backends)
    until("it is known", lambda: len(balancer.target_health()) == 2, within=SOON)

    assert answers(balancer) == {(200, "one")}


def test_it_counts_what_its_clients_were_given(balancer: EnvoyBalancer, backends: list[Backend]) -> None:
    assert balancer.stats().requests == 0
    use(balancer, backends[0])
    for path in ("/", "/", "/missing"):
        send(where(balancer), path=path)
    balancer.set_targets([])
    until("there is no target", lambda: send(where(balancer))[0] == 503, within=SOON)

    stats = balancer.stats()

    assert (stats.successes, stats.client_errors) == (2, 1)
    assert 1 <= stats.server_errors == stats.requests - 3


def test_it_measures_how_long_its_targets_take(balancer: EnvoyBalancer, backends: list[Backend]) -> None:
    """The first to ask gets the figure, not only the second."""
    use(balancer, backends[0])
    backends[0].release.clear()
    timer = threading.Timer(0.1, backends[0].release.set)
    timer.start()
    assert send(where(balancer)) == (200, "one")

    threading.Event().wait(1)  # five times as long as it adds its figures up for
    assert balancer.stats().request_time > timedelta(seconds=0.05)


def test_a_killed_balancer_refuses_and_has_its_targets_when_it_is_back(
    balancer: EnvoyBalancer, backends: list[Backend]
) -> None:
    use(balancer, *backends)
    balancer.kill()
    assert not balancer.is_running()
    with pytest.raises(ConnectionError):
        send(where(balancer))
    with pytest.raises(MachineFailed):
        balancer.target_health()

    balancer.start()
    until("it serves", lambda: send(where(balancer))[0] == 200, within=SOON)


def test_a_frozen_balancer_answers_when_it_goes_on(balancer: EnvoyBalancer, backends: list[Backend]) -> None:
    use(balancer, *backends)
    balancer.pause()
    assert balancer.is_paused()
    given: list[tuple[int, str]] = []
    client = threading.Thread(target=lambda: given.append(send(where(balancer))))
    client.start()
    client.join(timeout=0.2)
    assert not given

    balancer.resume()
    client.join(timeout=5)
    assert given[0][0] == 200


def test_an_address_in_use_is_an_error(
    balancer: EnvoyBalancer, workspace: Workspace, spawner: Spawner, backends: list[Backend]
) -> None:
    """Nor may two balancers share one: each would get a part of the clients."""
    for address in (where(backends[0]), where(balancer)):
        with pytest.raises(MachineFailed, match="did not start"):
            make(workspace, spawner, address).start()


def test_its_administration_can_read_and_nothing_else(balancer: EnvoyBalancer) -> None:
    """Whoever finds the port, on a machine that others use as well, cannot end or change the balancer."""
    host, port = balancer._admin

    assert send((host, port), path="/ready")[0] == 200
    assert send((host, port), "POST", "/quitquitquit")[0] == 403
    assert balancer.is_running()
