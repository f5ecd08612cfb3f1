"""Parameters of SSM's Parameter Store with all their versions, and the rules for them."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.cloud.service import Answer, AwsError

_NAME = re.compile(r"[A-Za-z0-9_.\-/]+")
_LONGEST = 4096
"""Characters in a value of the standard tier."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a parameter; versions count from 1."""

    name: str
    number: int
    kind: str
    value: str
    at: datetime
    description: str
    by: str

    def shown(self, arn: str, *, decrypted: bool) -> Answer:
        hidden = self.kind == "SecureString" and not decrypted
        return {
            "Name": self.name,
            "Type": self.kind,
            "Value": "(encrypted)" if hidden else self.value,
            "Version": self.number,
            "LastModifiedDate": self.at,
            "ARN": arn,
            "DataType": "text",
        }

    def described(self, arn: str) -> Answer:
        shown: dict[str, Any] = {
            "Name": self.name,
            "ARN": arn,
            "Type": self.kind,
            "LastModifiedDate": self.at,
            "LastModifiedUser": self.by,
            "Version": self.number,
            "Tier": "Standard",
            "DataType": "text",
        }
        return shown | ({"Description": self.description} if self.description else {})


class Parameters:
    """The parameters of one region. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._versions: dict[str, list[Version]] = {}

    def put(
        self, name: str, value: str, *, kind: str | None = None, overwrite: bool, by: str, description: str = ""
    ) -> Version:
        """A new version. Raises AwsError for what SSM refuses."""
        _check(name, value)
        with self._lock:
            known = self._versions.get(name, [])
            if known and not overwrite:
                message = "The parameter already exists. To overwrite this value, set the overwrite option to true."
                raise AwsError("ParameterAlreadyExists", message)
            if not known and kind is None:
                raise AwsError("ValidationException", "A parameter type is required when you create a parameter.")
            made = Version(
                name=name,
                number=known[-1].number + 1 if known else 1,
                kind=kind or known[-1].kind,
                value=value,
                at=datetime.now(UTC),
                description=description,
                by=by,
            )
            self._versions[name] = [*known, made][-100:]
            return made

    def find(self, asked: str) -> Version | None:
        """The newest version, or the one asked for as `name:number`."""
        name, _, number = asked.partition(":")
        with self._lock:
            versions = self._versions.get(name, [])
        if not number:
            return versions[-1] if versions else None
        return next((version for version in versions if str(version.number) == number), None)

    def history(self, name: str) -> list[Version]:
        with self._lock:
            return list(self._versions.get(name, ()))

    def below(self, path: str, *, recursive: bool) -> list[Version]:
        """The newest versions of all parameters below a path, by name."""
        prefix = path.rstrip("/") + "/"
        with self._lock:
            names = sorted(name for name in self._versions if name.startswith(prefix))
            return [self._versions[name][-1] for name in names if recursive or "/" not in name.removeprefix(prefix)]

    def all(self) -> list[Version]:
        with self._lock:
            return [versions[-1] for _, versions in sorted(self._versions.items())]

    def delete(self, name: str) -> bool:
        """Whether it was there."""
        with self._lock:
            return self._versions.pop(name, None) is not None


def _check(name: str, value: str) -> None:
    if not _NAME.fullmatch(name) or name.strip("/").lower().startswith(("aws", "ssm")):
        raise AwsError(
            "ValidationException", f"Parameter name: can't be prefixed with aws or ssm, or is not valid: {name}"
        )
    if not value or len(value) > _LONGEST:
        message = f"Standard tier parameters support a maximum parameter value of {_LONGEST} characters."
        raise AwsError("ValidationException", message)
