"""The flagship drill on the embedded environment, for one benchmark: raised and closed as the command does it."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from harness import garbage
from harness.config import load_config
from harness.drill import Drill, EnvironmentFactory
from harness.environments.embedded import EmbeddedEnvironment
from harness.estate import load_estate
from harness.events import read_events
from harness.objectives import Objectives
from harness.operators import operator_named
from harness.record import Stamped, facts_of
from scenarios.database_promote_replica import DRILL

PROMISED = Objectives(rto=timedelta(hours=4), rpo=timedelta(hours=1))


@contextmanager
def drill(name: str, *, pace: float, environment: EnvironmentFactory = EmbeddedEnvironment) -> Iterator[Drill]:
    """A drill in steady state; it is closed, and its evidence removed, at the end.

    Python looks for garbage as seldom as in `drill run`, and once for all between two drills.
    """
    garbage.seldom()
    config = load_config().model_copy(update={"pace": pace})
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        running = Drill(
            DRILL,
            estate=load_estate(config.estate),
            environment=environment,
            operator=operator_named("automation"),
            objectives=PROMISED,
            config=config,
            folder=Path(folder) / name,
            run=Path(folder).name,
        )
        try:
            running.prepare()
            yield running
        finally:
            running.close()
            gc.collect()


def facts(running: Drill) -> tuple[Stamped, ...]:
    """What the drill has put on file so far."""
    return facts_of(read_events(running.folder / "events.jsonl"))
