"""The services that moto owns wholly: their backends, loaded in the background and empty for every cloud.

moto's own ways of saying "not implemented" (HTML pages with 404 or 500, exceptions) become refusals of ours.
"""

from __future__ import annotations

import io
import re
import threading
from typing import Any

from harness.cloud.codec import Wire
from harness.cloud.moto_import import load
from harness.cloud.service import AwsError

OWNED = frozenset({"secretsmanager", "iam", "s3", "kms", "logs", "sns"})
"""Nothing about these services happens on a machine of the estate, so moto's bookkeeping is all there is."""

_OURS = frozenset({"server", "content-length", "x-amzn-requestid", "x-amz-request-id"})
_REQUEST_ID = re.compile(rb"<(RequestI[dD])>[^<]*</RequestI[dD]>")


class MotoBackend:
    """One account in moto. moto keeps its state in the process, so one cloud at a time may use it."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._apps: dict[str, Any] = {}
        self._making = threading.Lock()
        self._used = False

    def reset(self) -> None:
        """Begin empty: whatever used moto in this process before may have left something."""
        self._used = True
        load("moto.core.base_backend").BackendDict.reset()

    def forget(self) -> None:
        """Leave nothing to those who use moto in this process afterwards."""
        if self._used:
            self.reset()

    def backend(self, service: str, region: str) -> Any:
        """moto's own object for a service in a region, to fill it without a request."""
        return getattr(load(f"moto.{service}"), f"{service}_backends")[self._account_id][region]

    def answer(self, service: str, operation: str, environ: dict[str, Any], body: bytes, request_id: str) -> Wire:
        """Let moto answer. Raises AwsError where moto has no answer."""
        from werkzeug.test import run_wsgi_app

        forwarded = {
            **environ,
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_MOTO_ACCOUNT_ID": self._account_id,
        }
        forwarded.pop("wsgi.input_terminated", None)
        forwarded.pop("HTTP_TRANSFER_ENCODING", None)
        try:
            chunks, status, headers = run_wsgi_app(self._app(service), forwarded, buffered=True)
        except NotImplementedError as error:
            raise not_implemented(service, operation) from error
        except Exception as error:  # whatever moto raises: the overlay answers
            raise AwsError("InternalFailure", f"{service} {operation}: {type(error).__name__}: {error}", 500) from error
        code = int(status.split()[0])
        if code in (404, 500) and "html" in headers.get("Content-Type", "") and service != "s3":
            raise not_implemented(service, operation)
        answered = {name: value for name, value in headers.items() if name.lower() not in _OURS}
        answered |= {"x-amzn-RequestId": request_id, "x-amz-request-id": request_id}
        return Wire(code, answered, _REQUEST_ID.sub(rb"<\1>" + request_id.encode() + rb"</\1>", b"".join(chunks)))

    def _app(self, service: str) -> Any:
        load(f"moto.{service}.responses")
        with self._making:
            if service not in self._apps:
                self._apps[service] = load("moto.moto_server.werkzeug_app").create_backend_app(service)
            return self._apps[service]


def not_implemented(service: str, operation: str) -> AwsError:
    """The honest answer to what this cloud cannot do; botocore does not try a 501 again."""
    return AwsError("NotImplemented", f"the embedded cloud does not implement {service} {operation}", 501)
