"""Who recovers."""

from harness.errors import UsageError
from harness.operators.automation import Automation
from harness.operators.operator import Operator


def operator_named(name: str) -> Operator:
    """The operator of that name. Raises UsageError."""
    if name == "automation":
        return Automation()
    raise UsageError(f"there is no operator {name}", hint="The automation is the only operator so far.")


__all__ = ["Automation", "Operator", "operator_named"]
