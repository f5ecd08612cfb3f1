"""The one factory of boto3 clients: every call to AWS, embedded or real, goes through an `Aws` made for one actor.

Hooks given as `before_call` see each call before it leaves (guard, journal) and may raise to stop it. Only the botocore
models of the services asked for are loaded, once a process.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.exceptions import ClientError
    from mypy_boto3_backup.client import BackupClient
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_ec2.client import EC2Client
    from mypy_boto3_ecs.client import ECSClient
    from mypy_boto3_elasticache.client import ElastiCacheClient
    from mypy_boto3_elbv2.client import ElasticLoadBalancingv2Client
    from mypy_boto3_rds.client import RDSClient
    from mypy_boto3_route53.client import Route53Client
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_sts.client import STSClient


class Actor(enum.StrEnum):
    """Who calls; each has an access key of its own, so that the trace says who did what."""

    AUTOMATION = "automation"
    APPLICATION = "application"
    COMMAND_LINE = "command-line"
    PERSON = "person"
    OBSERVER = "observer"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key. The secret is kept out of every representation."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A call about to be made: botocore's service name ("elbv2"), operation ("PromoteReadReplica") and parameters."""

    service: str
    operation: str
    region: str
    params: dict[str, Any]


BeforeCall = Callable[[Outgoing], None]


class Aws:
    """Clients of one actor. Without an `endpoint_url` they reach real AWS; without credentials, boto3's own are used.

    Thread-safe. A call connects within 2 s and is tried at most twice, so that a dead region is seen soon.
    """

    def __init__(
        self,
        endpoint_url: str | None,
        credentials: Credentials | None,
        *,
        region: str,
        before_call: Sequence[BeforeCall] = (),
        read_timeout: float = 20,
    ) -> None:
        self.endpoint_url = endpoint_url
        self.region = region
        self._credentials = credentials
        self._before_call = tuple(before_call)
        self._read_timeout = read_timeout
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str | None = None) -> Any:
        """The client of a service in a region (the actor's own region when none is named); made once."""
        key = (service, region or self.region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._make(*key)
            return self._clients[key]

    def prepare(self, services: Iterable[str]) -> None:
        """Make clients of the own region ahead: reading EC2's model takes half a second, which no recovery should."""
        for service in services:
            self.client(service)

    def rds(self, region: str | None = None) -> RDSClient:
        return self.client("rds", region)  # type: ignore[no-any-return]

    def ec2(self, region: str | None = None) -> EC2Client:
        return self.client("ec2", region)  # type: ignore[no-any-return]

    def ecs(self, region: str | None = None) -> ECSClient:
        return self.client("ecs", region)  # type: ignore[no-any-return]

    def elbv2(self, region: str | None = None) -> ElasticLoadBalancingv2Client:
        return self.client("elbv2", region)  # type: ignore[no-any-return]

    def elasticache(self, region: str | None = None) -> ElastiCacheClient:
        return self.client("elasticache", region)  # type: ignore[no-any-return]

    def backup(self, region: str | None = None) -> BackupClient:
        return self.client("backup", region)  # type: ignore[no-any-return]

    def s3(self, region: str | None = None) -> S3Client:
        return self.client("s3", region)  # type: ignore[no-any-return]

    def route53(self) -> Route53Client:
        return self.client("route53")  # type: ignore[no-any-return]

    def cloudwatch(self, region: str | None = None) -> CloudWatchClient:
        return self.client("cloudwatch", region)  # type: ignore[no-any-return]

    def ssm(self, region: str | None = None) -> SSMClient:
        return self.client("ssm", region)  # type: ignore[no-any-return]

    def secretsmanager(self, region: str | None = None) -> SecretsManagerClient:
        return self.client("secretsmanager", region)  # type: ignore[no-any-return]

    def sts(self, region: str | None = None) -> STSClient:
        return self.client("sts", region)  # type: ignore[no-any-return]

    def close(self) -> None:
        """Close the connections that are kept; clients made so far cannot be used any more."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def _make(self, service: str, region: str) -> Any:
        from botocore.config import Config

        if self._session is None:
            self._session = self._open_session()
        client = self._session.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            config=Config(
                connect_timeout=2,
                read_timeout=self._read_timeout,
                retries={"mode": "standard", "total_max_attempts": 2},
                parameter_validation=True,
                max_pool_connections=20,
            ),
        )
        for hook in self._before_call:
            client.meta.events.register_first("before-parameter-build.*.*", _adapted(hook, service, region))
        return client

    def _open_session(self) -> Session:
        import boto3
        import botocore.session

        core = botocore.session.get_session()
        core.register_component("data_loader", model_loader())
        key = self._credentials
        if key is not None:
            core.set_credentials(key.access_key_id, key.secret_access_key, key.session_token)
        return boto3.Session(botocore_session=core, region_name=self.region)


def error_code(error: ClientError) -> str:
    """AWS's code of a refusal ("InvalidDBInstanceState")."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _adapted(hook: BeforeCall, service: str, region: str) -> Callable[..., None]:
    def before(params: dict[str, Any], model: Any, **_: Any) -> None:
        hook(Outgoing(service, model.name, region, dict(params)))

    return before


@cache
def model_loader() -> Any:
    """botocore's model loader keeps what it read; sharing it reads each service's model once a process.

    The embedded cloud shares it too: EC2's model alone takes 0.2 s to read.
    """
    from botocore.loaders import create_loader

    return create_loader()
