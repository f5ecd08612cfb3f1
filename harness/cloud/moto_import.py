"""The one door to moto's modules: they import each other in circles, which several threads at once would deadlock or
break, so they are imported under one lock. Half a second, spent in the background while the servers start."""

from __future__ import annotations

import importlib
import threading
from typing import Any

from harness.aws import model_loader

_EXTENDED = frozenset({"route53", "s3", "s3control", "sqs", "cloudfront", "sesv2"})
"""Services to whose models moto adds; what it adds to EC2's are errors that only its own answers have."""
_lock = threading.RLock()
_loaded: dict[str, Any] = {}


def load(name: str) -> Any:
    """A module of moto."""
    if name not in _loaded:
        with _lock:
            importlib.import_module("moto.core")
            _share_models(importlib.import_module("moto.core.utils"))
            _loaded[name] = importlib.import_module(name)
    return _loaded[name]


def _share_models(utils: Any) -> None:
    """Let moto's codec use the models that the clients of this process read, where moto has nothing to add to them."""
    own = utils.create_loader()

    def load_model(service: str, kind: str) -> Any:
        loader = own if service in _EXTENDED else model_loader()
        return loader.load_service_model(service, kind)

    utils._load_service_model = load_model
