"""Finds the cloud's services: below `harness.cloud.services` a module each, or a package whose `service` it is."""

from __future__ import annotations

import importlib
import pkgutil

from harness.cloud import services
from harness.cloud.service import Service


def service_classes() -> tuple[type[Service], ...]:
    """All services, by name; a new module is found without being listed anywhere."""
    found: dict[str, type[Service]] = {}
    for module in pkgutil.iter_modules(services.__path__, f"{services.__name__}."):
        name = f"{module.name}.service" if module.ispkg else module.name
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, type) and issubclass(value, Service) and value.__module__ == name:
                found[value.name] = value
    return tuple(found[name] for name in sorted(found))
