"""Every error a user can meet, in one tree. The message states the fact; the hint, a sentence, says the way out.

DrillError                      exit 2 unless said otherwise
├── UsageError                  exit 4: bad command line, configuration or project files
│   ├── UnknownDrill
│   ├── BadEstate
│   ├── BadConfig
│   └── BadSpec
├── BlastRadiusRefused          exit 3: the guard said no
├── EnvironmentFailed           the estate could not be raised
│   ├── ServerBinariesMissing
│   ├── NoFreeAddress
│   ├── MachineFailed
│   └── DiskFull
├── NeverHappened               a wait reached its deadline
├── FaultNotFelt                the disaster did not happen, so nothing can be learned
├── WorkloadFailed              the clients could not do their work
├── ProcedureFailed             a recovery step did not succeed
└── EvidenceError               exit 4: a bundle that cannot be read
    └── BundleDamaged           exit 1: a bundle that was altered
"""

from __future__ import annotations


class DrillError(Exception):
    """A failure that a user can act on: `message` is the fact, `hint` the way out, `exit_code` what the shell sees."""

    exit_code = 2
    way_out = ""
    """The hint of a kind of error, where whoever raises one knows no better."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.way_out
        if self.hint:
            self.add_note(f"HINT: {self.hint}")

    def __str__(self) -> str:
        return self.message

    def in_full(self) -> str:
        """The fact and, on a line of its own, the way out."""
        return f"{self.message}\nHINT: {self.hint}" if self.hint else self.message


class UsageError(DrillError):
    """The command line, the configuration or a project file is wrong."""

    exit_code = 4


class UnknownDrill(UsageError):
    """No drill of that name is in the catalogue."""


class BadEstate(UsageError):
    """The estate file does not describe a usable estate."""


class BadConfig(UsageError):
    """A setting has a value that cannot be used."""


class BadSpec(UsageError):
    """A drill's specification contradicts itself."""

    way_out = "Mend it below scenarios/ or features/; CONTRIBUTING.md says what a drill is made of."


class BlastRadiusRefused(DrillError):
    """The guard refused to touch a resource."""

    exit_code = 3


class EnvironmentFailed(DrillError):
    """The estate could not be raised."""


class ServerBinariesMissing(EnvironmentFailed):
    """No server program for this platform was found."""


class NoFreeAddress(EnvironmentFailed):
    """No loopback address or port is left for this drill."""


class MachineFailed(EnvironmentFailed):
    """A server process did not start, or died when it should not have."""

    way_out = "`drill doctor` looks at what servers need here; what they said themselves is in their logs."


class DiskFull(EnvironmentFailed):
    """The data directory has no room."""


class NeverHappened(DrillError):
    """A named condition was still false at its deadline."""

    way_out = "It cannot happen here, or the host is too busy for it; `drill doctor` looks at the host."


class FaultNotFelt(DrillError):
    """The fault was struck and nothing, or nobody, felt it."""


class WorkloadFailed(DrillError):
    """The clients could not be started or ended before they were told to."""

    way_out = "What the clients said is in their logs."


class ProcedureFailed(DrillError):
    """A step of the recovery did not succeed."""

    way_out = "The evidence has every call and its answer; the scorecard links the step to its section of the runbook."


class EvidenceError(DrillError):
    """A bundle is missing, incomplete or not one of ours."""

    exit_code = 4
    way_out = "Give the folder of a drill's evidence, as it was sealed; a broken one cannot be mended."


class BundleDamaged(EvidenceError):
    """A bundle's files no longer match its manifest."""

    exit_code = 1
    way_out = "Take a copy that nobody touched, or rehearse the drill again: an altered bundle proves nothing."
