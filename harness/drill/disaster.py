"""Striking, making sure that it was felt, and waiting for the signals that would call an operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from harness.clock import span
from harness.drill.scene import Scene
from harness.errors import BadSpec, FaultNotFelt, NeverHappened
from harness.facts import (
    CLIENTS,
    DATA,
    MACHINE,
    UNTIL_THE_END,
    WEAKNESS,
    DataChecked,
    Detected,
    FaultBitten,
    FaultStruck,
    NotDetected,
    Phase,
)
from harness.faults.fault import told
from harness.probes import data, terms
from harness.probes.signals import Look
from harness.spec import Strike
from harness.wait import until

BITES_WITHIN = timedelta(seconds=5)
DETECTION_MARGIN = timedelta(seconds=10)


def target_of(scene: Scene, strike: Strike) -> object:
    """The thing that a fault strikes. Raises BadSpec when it cannot be struck that way, BlastRadiusRefused."""
    scene.guard.check_target(scene.aws(), strike.role)
    target = scene.environment.target(strike.role)
    if not isinstance(target, strike.fault.needs):
        raise BadSpec(
            f"{strike.role} cannot be struck by {type(strike.fault).__name__}: it is not {strike.fault.needs.__name__}"
        )
    return target


def weaken(scene: Scene) -> None:
    """What was already wrong before the disaster, and nobody knew."""
    for weakness in scene.spec.weaknesses:
        scene.inject(weakness, target_of(scene, weakness))
        since = scene.clock.now()
        until(
            f"{weakness.lead} with {type(weakness.fault).__name__}",
            lambda since=since, lead=weakness.lead: span(since, scene.clock.now()) >= lead,  # type: ignore[misc]
            within=weakness.lead + BITES_WITHIN,
            clock=scene.clock,
        )


def begin_to_watch(scene: Scene) -> None:
    """Let the witness, where there is one, see how everything is at the last moment before the strike."""
    if scene.spec.witness is not None:
        scene.watching = scene.spec.witness.begin(scene.sight)


def strike(scene: Scene) -> None:
    """Break it, and make sure that the machine and every client that decides, or the data, have felt it.

    Raises FaultNotFelt: a recovery from nothing would do harm and prove nothing.
    """
    scene.enter(Phase.STRIKING)
    spec, fault = scene.spec, scene.spec.fault
    assert fault is not None, "a drill that strikes nothing is not taken here"
    blow = Strike(fault, spec.strikes)
    target = target_of(scene, blow)
    if spec.silent:
        scene.safe = _last_look(scene)
    name, role = told(fault), spec.strikes.value
    struck = scene.struck = scene.note(FaultStruck(name, role))
    scene.inject(blow, target)
    _felt(scene, MACHINE, f"{role} felt {name}", lambda: fault.has_bitten(target))
    if scene.watching is not None:
        _felt(scene, CLIENTS, "what is watched is not as it was", scene.watching.is_hurt)
    elif spec.silent:
        _felt(scene, DATA, "the data is not what it was", lambda: not _is_sound(scene))
    else:
        _felt(scene, CLIENTS, "every client that decides met it", lambda: scene.clients().felt(struck))


def _last_look(scene: Scene) -> DataChecked:
    """The data just before the strike: what was committed by then is safe to go back to. Raises NeverHappened."""
    sight = scene.sight
    until("the data sound", lambda: _is_sound(scene), within=BITES_WITHIN, clock=scene.clock)
    seen = data.check(sight, *sight.database_name)
    scene.note(seen)
    return seen


def _is_sound(scene: Scene) -> bool:
    sight = scene.sight
    seen = data.try_check(sight, *sight.database_name)
    return bool(seen and sight.baseline and data.is_sound(seen, sight.baseline))


def _felt(scene: Scene, by: str, detail: str, bitten: Callable[[], bool]) -> None:
    try:
        until(f"{by} feeling the fault", bitten, within=BITES_WITHIN, clock=scene.clock)
    except NeverHappened as never:
        scene.note(FaultBitten(by, bitten=False, detail=never.message))
        raise FaultNotFelt(f"the fault was not felt: {never.message}", hint="The drill proves nothing.") from never
    scene.note(FaultBitten(by, bitten=True, detail=detail))


def check_it_lasted(scene: Scene) -> None:
    """Once the recovery has ended: a fault that had healed by itself makes any recovery look good."""
    if scene.spec.fault_lasts and scene.spec.fault is not None:
        strike = Strike(scene.spec.fault, scene.spec.strikes)
        bitten = strike.fault.has_bitten(target_of(scene, strike))
        name = told(scene.spec.fault)
        detail = f"{scene.spec.strikes}: {name}" if bitten else f"{name} was gone before the recovery had ended"
        scene.note(FaultBitten(UNTIL_THE_END, bitten=bitten, detail=detail))


def check_weaknesses(scene: Scene) -> None:
    """After the recovery: every weakness that only shows when used must have shown."""
    for weakness in scene.spec.weaknesses:
        name = type(weakness.fault).__name__
        bitten = weakness.fault.has_bitten(target_of(scene, weakness))
        scene.note(FaultBitten(WEAKNESS, bitten=bitten, detail=f"{weakness.role}: {name}"))


@dataclass(frozen=True, slots=True)
class Awaited:
    """The signals that should call an operator: a look at each, and how long the slowest may take here."""

    looks: dict[tuple[str, str], Look]
    within: timedelta


def awaited(scene: Scene) -> Awaited:
    """Find out what to wait for, while what tells it still stands."""
    slowest = terms.detection(scene.sight, scene.spec.signals).high
    return Awaited(expected_signals(scene), slowest * scene.config.pace + DETECTION_MARGIN)


def detect(scene: Scene, signals: Awaited) -> None:
    """Wait for each signal that should call an operator."""
    scene.enter(Phase.DETECTING)
    waiting, within = dict(signals.looks), signals.within

    def all_raised() -> bool:
        for signal, look in list(waiting.items()):
            if said := look():
                scene.note(Detected(*signal, detail=said))
                del waiting[signal]
        return not waiting

    try:
        until("every signal raised", all_raised, within=within, clock=scene.clock)
    except NeverHappened:
        for signal in waiting:
            scene.note(NotDetected(*signal, within=within))


def expected_signals(scene: Scene) -> dict[tuple[str, str], Look]:
    """What should call an operator when this is lost: each signal, and a look that says why once it is raised."""
    return {name: look for signal in scene.spec.signals for name, look in signal.looks(scene.sight)}
