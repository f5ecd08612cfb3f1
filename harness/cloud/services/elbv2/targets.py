"""A balancer's targets for those who break them: somebody registers others, past the API."""

from __future__ import annotations

from harness.cloud.services.elbv2.balancers import Balancer, Target


class TargetsHandle:
    """The targets of one balancer; `dead` is an address of its network where nobody is."""

    def __init__(self, balancer: Balancer, dead: str) -> None:
        self.name = balancer.part.name
        self._balancer = balancer
        self._dead = dead
        self._right: tuple[Target, ...] = ()
        self._wrong: tuple[Target, ...] = ()

    def misdirect(self) -> None:
        """Take away all targets, and register their addresses at a wrong port, and a dead address at the right one."""
        port = self._balancer.target_port
        self._right = self._balancer.in_service()
        self._wrong = (*((address, port + 1) for address, _ in self._right), (self._dead, port))
        for target in self._right:
            self._balancer.deregister(target)
        for target in self._wrong:
            self._balancer.register(target)

    def is_misdirected(self) -> bool:
        """Whether wrong targets are in service and no target is healthy."""
        return bool({*self._wrong} & {*self._balancer.in_service()}) and not self._balancer.has_healthy_target()

    def direct_back(self) -> None:
        """Take what is left of the wrong ones away; where something was, the right ones are there again."""
        left = {*self._wrong} & {*self._balancer.in_service()}
        for target in left:
            self._balancer.deregister(target)
        for target in self._right if left else ():
            self._balancer.register(target)
