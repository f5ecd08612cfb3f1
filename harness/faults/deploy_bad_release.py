"""Somebody deploys a release of the application that is broken, and the deployment goes well to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import RunsReleases


@dataclass(frozen=True, slots=True)
class DeployBadRelease:
    """The release `tag` passes the balancer's checks at first; after a while its tasks hang, and new ones do too."""

    tag: str = "2"
    needs: ClassVar[type] = RunsReleases

    def inject(self, target: RunsReleases) -> None:
        target.deploy_release(self.tag)

    def has_bitten(self, target: RunsReleases) -> bool:
        return target.release() == self.tag and not target.is_answering()

    def heal(self, target: RunsReleases) -> None:
        if target.release() == self.tag:
            target.take_release_back()
