"""The one door to moto's modules: they import each other in circles, which several threads at once would deadlock or
break, so they are imported under one lock. Half a second, spent in the background while the servers start."""

from __future__ import annotations

import importlib
import threading
from typing import Any

_lock = threading.RLock()
_loaded: dict[str, Any] = {}


def load(name: str) -> Any:
    """A module of moto."""
    if name not in _loaded:
        with _lock:
            importlib.import_module("moto.core")
            _loaded[name] = importlib.import_module(name)
    return _loaded[name]
