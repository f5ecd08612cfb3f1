"""The front door: every request is read by its service's model, answered by whoever owns the resource, and recorded.

Per operation, in this order: who calls and whether it is he, faults, the owner's checks, the owner's own answer,
moto's, or a clean 501.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.aws_rules.global_services import UNREACHABLE
from harness.clock import SystemClock, span
from harness.cloud import calls, codec, signature
from harness.cloud.actors import Actors
from harness.cloud.moto_backend import OWNED, MotoBackend, not_implemented
from harness.cloud.service import Answer, AwsError, Call, Service, Unreachable
from harness.facts import Problem

Fault = Callable[[Call], None]
"""Something that breaks the control plane: raises AwsError, or Unreachable, for the calls it hits."""
Handler = Callable[[Call], Answer]
Record = Callable[..., object]
"""EventLog.write: takes a fact and `durable`."""
_NOTHING = codec.Wire(0, {}, b"")
"""What a caller gets from an API that is out of reach."""


@dataclass(slots=True)
class _Handled:
    """What became of one request, filled in as it goes."""

    request_id: str
    scope: codec.Scope
    decoded: codec.Decoded | None = None
    actor: str = ""
    answer: Answer = field(default_factory=dict)
    error: str = ""


class Overlay:
    """The WSGI application. `faults` may be added to and taken from at any time."""

    def __init__(self, services: Mapping[str, Service], moto: MotoBackend, actors: Actors, record: Record) -> None:
        self.faults: list[Fault] = []
        self._services = services
        self._handlers = {name: dict(_operations(service)) for name, service in services.items()}
        self._moto = moto
        self._actors = actors
        self._record = record
        self._clock = SystemClock()
        self._closed = threading.Event()

    def close(self) -> None:
        """Answer nothing any more, not even to clients that keep their connection."""
        self._closed.set()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        wire = self._respond(codec.read_request(environ))
        headers = {**wire.headers, "Content-Length": str(len(wire.body))}
        start_response(f"{wire.status} -", list(headers.items()))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else wire.body]

    def _respond(self, request: codec.Request) -> codec.Wire:
        started = self._clock.now()
        request_id = str(uuid.uuid4())
        scope = codec.read_scope(request.headers.get("Authorization", ""))
        body = request.get_data(cache=True)
        if scope is None:
            return codec.encode_unknown(_no_key(), request_id)
        handled = _Handled(request_id, scope)
        try:
            wire = self._answered(handled, request, body)
        except Unreachable:
            handled.error = UNREACHABLE
            self._note(handled, _NOTHING, started)
            raise
        except AwsError as error:
            wire = self._refused(handled, error)
        except codec.Undecodable as error:
            wire = self._refused(handled, AwsError("NotImplemented", str(error), 501))
        except Exception as error:  # the boundary of a request: recorded, and answered as AWS answers
            self._record(Problem(f"cloud: {scope.service}", f"{type(error).__name__}: {error}"))
            wire = self._refused(handled, AwsError("InternalFailure", f"{type(error).__name__}: {error}", 500))
        self._note(handled, wire, started)
        return wire

    def _answered(self, handled: _Handled, request: codec.Request, body: bytes) -> codec.Wire:
        decoded = handled.decoded = codec.decode(request, handled.scope)
        owner = self._actors.owner(handled.scope.access_key)
        if owner is None:
            raise _unknown_key(decoded)
        if not signature.is_by(self._actors.keys(owner).secret_access_key, request, body):
            raise _wrong_secret(decoded)
        if self._closed.is_set():
            raise AwsError("ServiceUnavailable", "the embedded cloud has been taken down", 503)
        handled.actor = owner
        call = Call(decoded.service, decoded.operation, decoded.region, owner, handled.request_id, decoded.params)
        for fault in tuple(self.faults):
            fault(call)
        service = self._services.get(call.service)
        if service is not None:
            service.check(call)
        handler = self._handlers.get(call.service, {}).get(call.operation)
        if handler is not None:
            handled.answer = handler(call)
            return codec.encode(decoded, handled.answer, handled.request_id)
        passes = call.service in OWNED or (service is not None and call.operation in service.passes)
        if not passes:
            raise not_implemented(call.service, call.operation)
        wire = self._moto.answer(call.service, call.operation, request.environ, body, handled.request_id)
        return service.answered(call, request.path, request.args, wire) if service is not None else wire

    def _refused(self, handled: _Handled, error: AwsError) -> codec.Wire:
        handled.error = error.code
        if handled.decoded is None:
            return codec.encode_unknown(error, handled.request_id)
        return codec.encode_error(handled.decoded, error, handled.request_id)

    def _note(self, handled: _Handled, wire: codec.Wire, started: int) -> None:
        decoded = handled.decoded
        operation = decoded.operation if decoded else "?"
        fact = calls.call_made(
            actor=handled.actor,
            service=handled.scope.service,
            operation=operation,
            region=handled.scope.region,
            request_id=handled.request_id,
            started=started,
            took=span(started, self._clock.now()),
            status=wire.status,
            error=handled.error or (codec.error_code(wire) if wire.status >= 400 else ""),
            params=decoded.params if decoded else {},
            answer=handled.answer,
        )
        self._record(fact, durable=fact.mutates)


def _operations(service: Service) -> Iterable[tuple[str, Handler]]:
    for part in (service, *service.parts):
        for name in dir(type(part)):
            operation = getattr(getattr(type(part), name), "__aws_operation__", None)
            if operation:
                yield operation, getattr(part, name)


def _no_key() -> AwsError:
    return AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)


def _unknown_key(call: codec.Decoded) -> AwsError:
    """AWS says it differently by protocol."""
    if call.service == "s3":
        return AwsError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)
    if call.protocol == "ec2":
        return AwsError("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
    message = "The security token included in the request is invalid."
    if "json" in call.protocol:
        return AwsError("UnrecognizedClientException", message, _status(call))
    return AwsError("InvalidClientTokenId", message, 403)


def _wrong_secret(call: codec.Decoded) -> AwsError:
    said = "The request signature we calculated does not match the signature you provided."
    if call.service == "s3":
        return AwsError("SignatureDoesNotMatch", f"{said} Check your key and signing method.", 403)
    if call.protocol == "ec2":
        return AwsError("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
    said += " Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    if "json" in call.protocol:
        return AwsError("InvalidSignatureException", said, _status(call))
    return AwsError("SignatureDoesNotMatch", said, 403)


def _status(call: codec.Decoded) -> int:
    """What those who speak JSON say to a key that is not good: 400 with their own protocol, 403 with REST."""
    return 400 if call.protocol == "json" else 403
