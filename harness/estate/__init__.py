"""The estate as data: LabelMint's named resources in two regions, read from a TOML file and checked as a whole.

A role is a resource's place in the estate; drills speak of roles, only the estate knows identifiers.
"""

from harness.estate.entrance import Balancer, HealthCheck, RecordSet, Service, Zone
from harness.estate.file import load_estate
from harness.estate.model import KINDS, Alarm, Estate, Regions, Resource, SecurityGroup
from harness.estate.parts import EstatePart, Placed, Region, Role
from harness.estate.protection import BackupPlan, Vault
from harness.estate.stores import Bucket, Cache, Database, Seed

__all__ = [
    "KINDS",
    "Alarm",
    "BackupPlan",
    "Balancer",
    "Bucket",
    "Cache",
    "Database",
    "Estate",
    "EstatePart",
    "HealthCheck",
    "Placed",
    "RecordSet",
    "Region",
    "Regions",
    "Resource",
    "Role",
    "SecurityGroup",
    "Seed",
    "Service",
    "Vault",
    "Zone",
    "load_estate",
]
