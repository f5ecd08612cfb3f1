"""What can go wrong in the service, in one tree.

ServiceError
├── BadSettings         the task cannot start
├── NameNotResolved     503 refused: the database's name has no address
├── Unavailable         503 refused or unknown: the database gave no answer to rely on
├── Rejected            400: the database cannot store such values
└── BadInput            400: the client sent something else than was asked for
"""

from __future__ import annotations

import enum


class Outcome(enum.StrEnum):
    """What is known of a statement that was not acknowledged."""

    REFUSED = "refused"
    """Certainly not stored."""
    UNKNOWN = "unknown"
    """Stored or not: the connection was lost after the statement had been sent."""


class ServiceError(Exception):
    """A failure that the service knows how to answer."""


class BadSettings(ServiceError):
    """A variable is missing or cannot be read."""


class NameNotResolved(ServiceError):
    """The DNS server has no address for the name, or does not answer."""


class Unavailable(ServiceError):
    """The database gave no answer that a client could rely on."""

    def __init__(self, reason: str, outcome: Outcome) -> None:
        super().__init__(reason)
        self.outcome = outcome


class Rejected(ServiceError):
    """The database answered that the values cannot be stored."""


class BadInput(ServiceError):
    """What the client sent cannot be a task submission, a query or an identifier."""
