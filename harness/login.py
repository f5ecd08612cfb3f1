"""How the application logs in to its database."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Login:
    """User, password and database name; the password is kept out of every representation."""

    user: str
    password: str = field(repr=False)
    database: str
