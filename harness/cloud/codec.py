"""The wire: any AWS request to a call, and any answer or refusal back to what botocore and the aws CLI expect.

moto carries a server-side codec driven by botocore's service models (`moto.core.routing`, `parse`, `serialize`). It is
internal to moto, so moto is pinned exactly and a contract test speaks through it with boto3 and the command line.
Importing it costs 0.4 s, so it is loaded when first needed, or by `warm` in the background.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any, Protocol

from harness.cloud.moto_import import load

Request = Any
"""moto.core.request.Request, werkzeug's with the path as it arrived."""

_SERVICE_OF_SIGNING_NAME = {"monitoring": "cloudwatch", "elasticloadbalancing": "elbv2"}
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_WRITTEN_CODE = re.compile(rb'(?:<Code>|"__type":\s*"|"code":\s*")([^<"]+)')


class Undecodable(Exception):
    """A request that names no operation of any service in botocore's model."""


class Refusal(Protocol):
    """What an error must have to be written: AWS's code, a message, the HTTP status."""

    code: str
    message: str
    status: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What a request's signature says: whose key, for which region and service."""

    access_key: str
    region: str
    service: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """A request read by its service's model. Of S3 only the bucket is read: moto owns its objects wholly."""

    service: str
    region: str
    protocol: str
    operation: str
    model: Any = field(repr=False)
    params: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Wire:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def warm(service: str) -> None:
    """Load a service's model and routes before the first request needs them."""
    routing, protocol = load("moto.core.routing"), _protocol(service, "")
    # CloudWatch's first choice is CBOR, which this codec does not speak; clients then use its second, JSON
    known = protocol if protocol in routing.PROTOCOL_ROUTERS else "json"
    routing.get_service_router(service)._get_router(known)


def read_request(environ: dict[str, Any]) -> Request:
    return load("moto.core.request").Request(environ)


def read_scope(authorization: str) -> Scope | None:
    """The scope of a version 4 signature; None for anything else."""
    found = _CREDENTIAL.search(authorization)
    if found is None:
        return None
    access_key, region, signing_name = found.groups()
    return Scope(access_key, region, _SERVICE_OF_SIGNING_NAME.get(signing_name, signing_name))


def decode(request: Request, scope: Scope) -> Decoded:
    """Read a request. Raises Undecodable when the service or the operation is not in the model."""
    from botocore.exceptions import UnknownServiceError
    from werkzeug.exceptions import NotFound

    try:
        protocol = _protocol(scope.service, request.content_type or "")
        operation, path_params = load("moto.core.routing").get_service_router(scope.service).match(request)
    except (UnknownServiceError, NotFound, NotImplementedError) as error:
        raise Undecodable(f"{scope.service} has no operation for {request.method} {request.path}") from error
    params = _bucket(path_params) if scope.service == "s3" else _read(request, operation, path_params, protocol)
    return Decoded(scope.service, scope.region, protocol, operation.name, operation, params)


def _bucket(path_params: Any) -> dict[str, Any]:
    return {"Bucket": path_params["Bucket"]} if "Bucket" in path_params else {}


def encode(call: Decoded, answer: dict[str, Any], request_id: str) -> Wire:
    """An answer in the shape of the operation's output."""
    return _wire(_serializer(call, request_id).serialize(answer), request_id)


def encode_error(call: Decoded, error: Refusal, request_id: str) -> Wire:
    """A refusal, also with a code that AWS gives but the model does not list."""
    serializer = _serializer(call, request_id)
    shape = _error_shape(call, error.code)
    written: dict[str, Any] = serializer._create_default_response()
    details: dict[str, Any] = {}
    serializer._serialize_error_metadata(details, error, shape)
    return _wire(serializer._serialized_error_to_response(written, error, shape, details), request_id, error.status)


def encode_unknown(error: Refusal, request_id: str) -> Wire:
    """A refusal where not even the service is known: in the form that the query protocol has."""
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Wire(error.status, {"Content-Type": "text/xml", "x-amzn-RequestId": request_id}, body.encode())


def _serializer(call: Decoded, request_id: str) -> Any:
    codec = load("moto.core.serialize")
    serializer = codec.get_serializer_class(call.service, call.protocol)
    return serializer(call.model, context=codec.SerializationContext(request_id))


def _wire(written: Any, request_id: str, status: int | None = None) -> Wire:
    body = written["body"]
    headers = {**written["headers"], "x-amzn-RequestId": request_id, "x-amz-request-id": request_id}
    return Wire(status or written["status_code"], headers, body.encode() if isinstance(body, str) else body)


def _error_shape(call: Decoded, code: str) -> Any:
    """The model's shape of an error code, or a bare one."""
    model = {"exception": True, "type": "structure", "members": {}, "error": {"code": code}}
    return _error_shapes(call.service).from_code(code) or load("moto.core.errors").ErrorShape(code, model)


@cache
def _error_shapes(service: str) -> Any:
    return load("moto.core.errors").ErrorLookupFactory().for_service(_model(service))


def _protocol(service: str, content_type: str) -> str:
    return str(load("moto.core.request").determine_request_protocol(_model(service), content_type))


def _model(service: str) -> Any:
    return load("moto.core.utils").get_service_model(service)


def _read(request: Request, operation: Any, path_params: Any, protocol: str) -> dict[str, Any]:
    from botocore.utils import parse_timestamp

    codec = load("moto.core.parse")
    raw = {
        "method": request.method,
        "values": request.values,
        "headers": request.headers,
        "body": request.data,
        "url_path": request.path,
        "url_params": path_params,
    }
    try:
        return dict(codec.PROTOCOL_PARSERS[protocol](operation, timestamp_parser=parse_timestamp).parse(raw))
    except (codec.RequestParserError, ValueError) as error:
        raise Undecodable(f"{operation.name}: the request cannot be read: {error}") from error


def error_code(wire: Wire) -> str:
    """The code in an error that moto wrote."""
    found = _WRITTEN_CODE.search(wire.body)
    return found.group(1).decode().rpartition("#")[2] if found else str(wire.status)
