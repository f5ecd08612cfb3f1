"""Full infrastructure failover when nothing can be changed that AWS changes in the lost region for the whole world.

No record is changed: health checks, which go on, lead everybody to the other region as soon as it serves. Nor can they
be asked whether the region is lost: the other region's replica says that nothing comes from there any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.errors import ProcedureFailed
from harness.facts import Part
from harness.probes.signals import broken_replication
from harness.recovery.fail_over_region import CHECKLIST, FailOverRegion
from harness.recovery.procedure import Recovery, Step


@dataclass(frozen=True, slots=True)
class FailOverRegionStatically:
    """The same failover by what is prepared before the day, without Route 53's control plane."""

    whole: FailOverRegion = field(default_factory=FailOverRegion)

    def steps(self) -> tuple[Step, ...]:
        confirm = Step("confirm that nothing arrives", Part.EXECUTE, CHECKLIST, self.confirm)
        return (confirm, *self.whole.moves(), *self.whole.protects())

    def confirm(self, recovery: Recovery) -> None:
        replica = recovery.estate.database(self.whole.database)
        if not broken_replication(recovery.aws, replica):
            raise ProcedureFailed(
                f"{replica.identifier} still receives from the region that should be lost",
                hint="Find out what is wrong there; a failover would leave two regions that serve.",
            )
