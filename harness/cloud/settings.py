"""What moto has to hold before the application starts: for each service its secret, {"username", "password"}."""

from __future__ import annotations

import json

from harness.cloud.moto_backend import MotoBackend
from harness.cloud.service import World
from harness.cloud.services.rds import Rds


def register(world: World, moto: MotoBackend) -> None:
    """Fill an empty moto with the estate's secrets."""
    moto.reset()
    if not world.estate.services:
        return
    login = world.neighbour(Rds).login()
    for service in world.estate.services:
        moto.backend("secretsmanager", service.region).create_secret(
            name=service.secret,
            secret_string=json.dumps({"username": login.user, "password": login.password}),
            secret_binary=None,
            description="",
            tags=[],
            kms_key_id=None,
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )
