"""AWS Systems Manager, Parameter Store only: where the application reads its database's address when it starts.

moto could answer this too, but brings all of EC2 along, which costs a second at each start.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.cloud.service import Answer, AwsError, Call, Service, World, operation
from harness.cloud.services.elasticache.names import primary_endpoint
from harness.cloud.services.rds import Rds
from harness.cloud.services.ssm.parameters import Parameters, Version


class Ssm(Service):
    """Parameters of both regions: `<settings>/endpoint`, `/port` and `/name` of each service; its cache's alike."""

    name = "ssm"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        regions = world.estate.regions
        self._regions = {region: Parameters() for region in (regions.primary, regions.dr)}

    def raise_estate(self) -> None:
        for service in self.world.estate.services:
            endpoint = self.world.neighbour(Rds).endpoint(service.database)
            values = {"endpoint": endpoint.host, "port": str(endpoint.port), "name": self.world.estate.seed.database}
            self._found(service.region, service.settings, values)
            if service.cache and service.cache_settings:
                cache = primary_endpoint(self.world, self.world.estate.cache(service.cache))
                self._found(service.region, service.cache_settings, {"endpoint": cache.host, "port": str(cache.port)})

    def _found(self, region: str, path: str, values: Mapping[str, str]) -> None:
        for name, value in values.items():
            by = self._arn_of("automation")
            self._regions[region].put(f"{path}/{name}", value, kind="String", overwrite=False, by=by)

    @operation("PutParameter")
    def put_parameter(self, call: Call) -> Answer:
        params = call.params
        made = self._here(call).put(
            params["Name"],
            params["Value"],
            kind=params.get("Type"),
            overwrite=params.get("Overwrite", False),
            by=self._arn_of(call.actor),
            description=params.get("Description", ""),
        )
        return {"Version": made.number, "Tier": "Standard"}

    @operation("GetParameter")
    def get_parameter(self, call: Call) -> Answer:
        found = self._here(call).find(_bare(call.params["Name"]))
        if found is None:
            raise AwsError("ParameterNotFound", f"Parameter {call.params['Name']} not found.")
        return {"Parameter": self._shown(call, found)}

    @operation("GetParameters")
    def get_parameters(self, call: Call) -> Answer:
        asked = {name: self._here(call).find(_bare(name)) for name in call.params["Names"]}
        return {
            "Parameters": [self._shown(call, version) for version in asked.values() if version],
            "InvalidParameters": [name for name, version in asked.items() if version is None],
        }

    @operation("GetParametersByPath")
    def get_by_path(self, call: Call) -> Answer:
        below = self._here(call).below(call.params["Path"], recursive=call.params.get("Recursive", False))
        return {"Parameters": [self._shown(call, version) for version in below]}

    @operation("GetParameterHistory")
    def get_history(self, call: Call) -> Answer:
        versions = self._here(call).history(call.params["Name"])
        if not versions:
            raise AwsError("ParameterNotFound", f"Parameter {call.params['Name']} not found.")
        return {
            "Parameters": [
                {**version.described(self._arn(call, version.name)), "Value": self._shown(call, version)["Value"]}
                for version in versions
            ]
        }

    @operation("DescribeParameters")
    def describe_parameters(self, call: Call) -> Answer:
        found = self._here(call).all()
        for wanted in call.params.get("ParameterFilters", ()):
            if wanted["Key"] != "Name":
                message = f"the embedded cloud does not implement ssm DescribeParameters by {wanted['Key']}"
                raise AwsError("NotImplemented", message, 501)
            values, begins = tuple(wanted.get("Values", ())), wanted.get("Option") == "BeginsWith"
            found = [v for v in found if (v.name.startswith(values) if begins else v.name in values)]
        return {"Parameters": [version.described(self._arn(call, version.name)) for version in found]}

    @operation("DeleteParameter")
    def delete_parameter(self, call: Call) -> Answer:
        if not self._here(call).delete(call.params["Name"]):
            raise AwsError("ParameterNotFound", f"Parameter {call.params['Name']} not found.")
        return {}

    @operation("DeleteParameters")
    def delete_parameters(self, call: Call) -> Answer:
        gone = {name: self._here(call).delete(name) for name in call.params["Names"]}
        return {
            "DeletedParameters": [name for name, was_there in gone.items() if was_there],
            "InvalidParameters": [name for name, was_there in gone.items() if not was_there],
        }

    def _here(self, call: Call) -> Parameters:
        return self._regions.setdefault(call.region, Parameters())

    def _shown(self, call: Call, version: Version) -> Answer:
        return version.shown(self._arn(call, version.name), decrypted=call.params.get("WithDecryption", False))

    def _arn(self, call: Call, name: str) -> str:
        return f"arn:aws:ssm:{call.region}:{self.world.estate.account_id}:parameter/{name.lstrip('/')}"

    def _arn_of(self, actor: str) -> str:
        return f"arn:aws:iam::{self.world.estate.account_id}:user/{actor}"


def _bare(name: str) -> str:
    """A parameter may also be asked for by its ARN."""
    return name.partition(":parameter")[2] if name.startswith("arn:") else name
