"""The catalogue: each drill's specification from `scenarios/`, joined with what its feature promises."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.cli.agreement import require_agreement, require_budgets, require_labels, require_review
from harness.errors import BadSpec, UnknownDrill, UsageError
from harness.objectives import Objectives, parse_objectives
from harness.spec import DRILL_SENTENCE, DrillSpec

_OBJECTIVES = "these recovery objectives:"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that rehearses a drill: where it is written and what was promised there."""

    drill: str
    name: str
    place: str
    """"features/database/x.feature:12"."""
    objectives: Objectives
    sentences: tuple[str, ...] = ()
    """All that it says, its background's words included, without the keywords."""
    tags: tuple[str, ...] = ()
    """Its own, its rule's and its feature's, without the @."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One drill of the catalogue."""

    spec: DrillSpec
    scenario: Scenario

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def objectives(self) -> Objectives:
        return self.scenario.objectives


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every drill, by name."""

    entries: tuple[Entry, ...]

    def choose(self, names: Sequence[str], tag: str | None) -> tuple[Entry, ...]:
        """The named drills (all when none is named) that carry the tag. Raises UnknownDrill, or UsageError for none."""
        known = {entry.name: entry for entry in self.entries}
        for name in names:
            if name not in known:
                raise UnknownDrill(f"there is no drill called {name}", hint=_suggestion(name, known))
        wanted = [known[name] for name in dict.fromkeys(names)] if names else list(self.entries)
        chosen = tuple(entry for entry in wanted if tag is None or tag in entry.spec.tags)
        if not chosen and names and any(tag in entry.spec.tags for entry in self.entries):
            hint = "A name and a tag together choose the drills that have both: leave one of them away."
            raise UsageError(f"{', '.join(entry.name for entry in wanted)} does not carry the tag {tag}", hint=hint)
        if not chosen:
            tags = {tag for entry in self.entries for tag in entry.spec.tags}
            raise UsageError(f"no drill carries the tag {tag}", hint=_suggestion(str(tag), tags))
        return chosen


def load_catalogue(root: Path) -> Catalogue:
    """Read scenarios and features. Raises BadSpec, UnknownDrill or UsageError when they do not fit together."""
    specs = {spec.name: spec for spec in _specs()}
    scenarios: dict[str, Scenario] = {}
    for scenario in read_scenarios(root):
        if scenario.drill not in specs:
            fact = f"{scenario.place} names an unknown drill, {scenario.drill}"
            raise UnknownDrill(fact, hint=_written_as(scenario.drill, specs))
        if other := scenarios.get(scenario.drill):
            fact = f"drill {scenario.drill} has two scenarios: {other.place} and {scenario.place}"
            raise BadSpec(fact, hint="A drill is rehearsed by one: let the other name a drill of its own.")
        scenarios[scenario.drill] = scenario
    for name, spec in specs.items():
        if name not in scenarios:
            raise BadSpec(f"no feature rehearses the drill {name}", hint="Write a scenario that names it.")
        require_agreement(spec, scenarios[name].sentences, scenarios[name].place)
        require_labels(spec, scenarios[name].tags, scenarios[name].place)
        require_budgets(spec, scenarios[name].objectives, scenarios[name].place)
        require_review(spec, datetime.now(UTC).date())
    return Catalogue(tuple(Entry(specs[name], scenarios[name]) for name in sorted(specs)))


def read_scenarios(root: Path) -> Iterator[Scenario]:
    """Every scenario below `features/` that names a drill. Raises UsageError naming the file and its fault."""
    for path in sorted((root / "features").rglob("*.feature")):
        place = path.relative_to(root).as_posix()
        try:
            yield from _scenarios_of(_parse(path), place)
        except UsageError as error:
            raise UsageError(f"{place}: {error.message}", hint=error.hint) from error


def _specs() -> Iterator[DrillSpec]:
    import scenarios

    for module in pkgutil.iter_modules(scenarios.__path__):
        spec = getattr(importlib.import_module(f"scenarios.{module.name}"), "DRILL", None)
        if not isinstance(spec, DrillSpec):
            raise BadSpec(f"scenarios/{module.name}.py holds no DRILL", hint="Give it a DRILL that is a DrillSpec.")
        if spec.name.replace("-", "_") != module.name:
            raise BadSpec(f"scenarios/{module.name}.py holds the drill {spec.name}", hint="Name it after the drill.")
        yield spec


def _parse(path: Path) -> Mapping[str, Any]:
    from gherkin.errors import CompositeParserException, ParserError
    from gherkin.parser import Parser

    try:
        document: Mapping[str, Any] = Parser().parse(path.read_text(encoding="utf-8"))
    except (CompositeParserException, ParserError, UnicodeDecodeError) as error:
        fact = f"it is not Gherkin: {' '.join(str(error).split())}"
        raise UsageError(fact, hint="Mend the line that is named.") from error
    return document.get("feature") or {}


def _scenarios_of(feature: Mapping[str, Any], place: str) -> Iterator[Scenario]:
    """A rule's scenarios see the feature's background and the rule's own, and so may any of them state objectives."""
    shared: list[Mapping[str, Any]] = []
    tags = feature.get("tags", ())
    for child in feature.get("children", ()):
        if background := child.get("background"):
            shared += background["steps"]
        elif scenario := child.get("scenario"):
            tagged = {**scenario, "tags": [*tags, *scenario["tags"]]}
            yield from _drills_of(tagged, [*shared, *scenario["steps"]], place)
        elif rule := child.get("rule"):
            children = [{"background": {"steps": shared}}, *rule["children"]]
            yield from _scenarios_of({"tags": [*tags, *rule["tags"]], "children": children}, place)


def _drills_of(scenario: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], place: str) -> Iterator[Scenario]:
    for step in scenario["steps"]:
        if named := DRILL_SENTENCE.match(step["text"]):
            where = f"{place}:{scenario['location']['line']}"
            said = tuple(one["text"] for one in steps)
            tags = tuple(tag["name"].removeprefix("@") for tag in scenario["tags"])
            yield Scenario(named["name"], scenario["name"], where, _objectives(steps, scenario["name"]), said, tags)


def _objectives(steps: Sequence[Mapping[str, Any]], scenario: str) -> Objectives:
    if sum(step["text"] == _OBJECTIVES for step in steps) > 1:
        raise UsageError(f'the scenario "{scenario}" states objectives twice', hint="One table, and it is judged.")
    for step in reversed(steps):
        if step["text"] == _OBJECTIVES and "dataTable" in step:
            rows = [[cell["value"] for cell in row["cells"]] for row in step["dataTable"]["rows"]]
            if any(len(row) != 2 for row in rows):
                hint = "Write rows such as | RTO | 4 hours |."
                raise UsageError("a table of recovery objectives has two columns, a name and a figure", hint=hint)
            return parse_objectives({row[0]: row[1] for row in rows})
    raise UsageError(f'the scenario "{scenario}" states no objectives', hint=f'Say "Given {_OBJECTIVES}".')


def _suggestion(name: str, known: Iterable[str], otherwise: str = "drill list shows them all.") -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {close[0]}?" if close else otherwise


def _written_as(name: str, known: Iterable[str]) -> str:
    """What a feature may mean that names an unknown drill; `drill list` would meet the same feature."""
    return _suggestion(name, known, f"Write scenarios/{name.replace('-', '_')}.py, or name one of: {', '.join(known)}.")
