"""Whether a drill's specification and its feature promise the same, and whether a known gap is looked at in time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from harness.errors import BadSpec
from harness.objectives import LONGEST_REVIEW, Objectives
from harness.spec import SENTENCES, DrillSpec


def require_agreement(spec: DrillSpec, sentences: Collection[str], place: str) -> None:
    """Raises BadSpec where the scenario at `place` says what the drill does not promise, or hides what it does."""
    for promise, sentence in SENTENCES.items():
        if promise in spec.promises and sentence not in sentences:
            fact = f'drill {spec.name} promises {promise}, and {place} does not say "{sentence}"'
            raise BadSpec(fact, hint=f'Say "Then {sentence}" in the scenario, or take the promise away.')
        if promise not in spec.promises and sentence in sentences:
            fact = f'{place} says "{sentence}", and drill {spec.name} does not promise {promise}'
            raise BadSpec(fact, hint=f"Give the drill Promise.{promise.name} among its promises.")


def require_labels(spec: DrillSpec, tags: Collection[str], place: str) -> None:
    """Raises BadSpec where the tags of the scenario at `place` are not the drill's severity and tags.

    pytest selects by the one, `drill list` and `drill run --tag` by the other.
    """
    said, meant = set(tags), {spec.severity, *spec.tags}
    if said != meant:
        differing = ", ".join(f"@{tag}" for tag in sorted(said ^ meant))
        fact = f"drill {spec.name} and {place} do not carry the same tags: {differing} is of one of them only"
        raise BadSpec(fact, hint="Tag the scenario, or its feature, with the drill's severity and its tags.")


def require_budgets(spec: DrillSpec, promised: Objectives, place: str) -> None:
    """Raises BadSpec where a rehearsal may take or lose more than the scenario at `place` promises."""
    for what, budget, promise in (
        ("rehearsal_rto", spec.rehearsal_rto, promised.rto),
        ("rehearsal_rpo", spec.rehearsal_rpo, promised.rpo),
    ):
        if budget > promise:
            fact = f"drill {spec.name} has a {what} of {budget}, and {place} promises {promise}"
            raise BadSpec(fact, hint="A rehearsal is quicker than AWS: its budget is below the promise.")


def require_review(spec: DrillSpec, today: date) -> None:
    """Raises BadSpec for a known gap whose review is too far off; one that is past its review fails its own drill."""
    gap = spec.known_gap
    if gap and gap.review - today > LONGEST_REVIEW:
        fact = f"the known gap {gap.finding} of drill {spec.name} is reviewed only on {gap.review}"
        raise BadSpec(fact, hint=f"Choose a date within {LONGEST_REVIEW.days} days.")
