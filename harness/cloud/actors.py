"""Who may call the embedded cloud: one access key pair for each actor, random for every run."""

from __future__ import annotations

import secrets
import string

from harness.aws import Actor, Credentials

_KEY_ALPHABET = string.ascii_uppercase + "234567"


class Actors:
    """The keys of a run, and whose an access key is; that he has its secret too, the signature shows."""

    def __init__(self) -> None:
        self._keys = {actor: _new_key() for actor in Actor}
        self._owners = {key.access_key_id: actor for actor, key in self._keys.items()}

    def keys(self, actor: Actor) -> Credentials:
        return self._keys[actor]

    def owner(self, access_key_id: str) -> Actor | None:
        """Whose key it is; None for one that was never handed out."""
        return self._owners.get(access_key_id)


def _new_key() -> Credentials:
    """As AWS makes them: AKIA and 16 letters and digits, and a secret of 40 characters."""
    return Credentials("AKIA" + "".join(secrets.choice(_KEY_ALPHABET) for _ in range(16)), secrets.token_urlsafe(30))
