"""Full infrastructure failover when nothing can be changed that AWS changes in the lost region for the whole world.

No record is changed: health checks, which go on, lead everybody to the other region as soon as it serves. Nor can they
be asked whether the region is lost: the other region's replica says that nothing comes from there any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.errors import ProcedureFailed
from harness.facts import Part
from harness.recovery import databases
from harness.recovery.fail_over_region import CHECKLIST, FailOverRegion
from harness.recovery.procedure import Recovery, Step

_CALLS_ROUTE_53 = ("confirm the loss", "switch the names")


@dataclass(frozen=True, slots=True)
class FailOverRegionStatically:
    """The same failover by what is prepared before the day, without Route 53's control plane."""

    whole: FailOverRegion = field(default_factory=FailOverRegion)

    def steps(self) -> tuple[Step, ...]:
        rest = tuple(step for step in self.whole.steps() if step.name not in _CALLS_ROUTE_53)
        return (Step("confirm that nothing arrives", Part.EXECUTE, CHECKLIST, self.confirm), *rest)

    def confirm(self, recovery: Recovery) -> None:
        replica = recovery.estate.database(self.whole.database)
        links = databases.look(recovery, replica).get("StatusInfos", [])
        if not links or any(link.get("Status") == "replicating" for link in links):
            raise ProcedureFailed(
                f"{replica.identifier} still receives from the region that should be lost",
                hint="Find out what is wrong there; a failover would leave two regions that serve.",
            )
