"""The one orchestrator of a drill."""

from harness.drill.drill import Drill, EnvironmentFactory

__all__ = ["Drill", "EnvironmentFactory"]
