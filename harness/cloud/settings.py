"""What the application reads at its start: its database's address in SSM, its login in Secrets Manager.

For each service of the estate, in its region: `<settings>/endpoint`, `/port` and `/name`, and the secret with
{"username", "password"}.
"""

from __future__ import annotations

import json

from harness.cloud.moto_backend import MotoBackend
from harness.cloud.service import World
from harness.cloud.services.rds import Rds
from harness.estate import Service


def register(world: World, moto: MotoBackend) -> None:
    """Fill an empty moto with the estate's parameters and secrets."""
    moto.reset()
    for service in world.estate.services:
        _put_parameters(world, moto, service)
        _put_secret(world, moto, service)


def _put_parameters(world: World, moto: MotoBackend, service: Service) -> None:
    rds = world.neighbour(Rds)
    endpoint = rds.endpoint(service.database)
    values = {"endpoint": endpoint.host, "port": str(endpoint.port), "name": world.estate.seed.database}
    parameters = moto.backend("ssm", service.region)
    for name, value in values.items():
        parameters.put_parameter(
            name=f"{service.settings}/{name}", description="", value=value, parameter_type="String",
            allowed_pattern="", keyid="", overwrite=False, tags=[], data_type="text", tier="Standard", policies=None,
        )  # fmt: skip


def _put_secret(world: World, moto: MotoBackend, service: Service) -> None:
    login = world.neighbour(Rds).login()
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
