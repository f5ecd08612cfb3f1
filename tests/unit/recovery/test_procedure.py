"""What procedures share."""

import re
from pathlib import Path

from harness import recovery
from harness.aws import Aws, Credentials
from harness.recovery.procedure import OF_BACKUPS, SERVICES


def test_every_service_that_a_procedure_calls_is_prepared_before_the_disaster() -> None:
    """A client made within the recovery would put half a second of our own into the recovery time."""
    sources = Path(recovery.__path__[0]).glob("*.py")
    called = {name for source in sources for name in re.findall(r"\baws\.(\w+)\(", source.read_text())}
    assert called == {*SERVICES, *OF_BACKUPS}


def test_a_prepared_client_is_the_one_that_is_used() -> None:
    """Preparing makes the very client that a procedure gets."""
    aws = Aws("http://127.0.0.1:1", Credentials("key", "secret"), region="us-east-1")
    aws.prepare(["route53"])
    made = aws._clients["route53", "us-east-1"]
    assert aws.route53() is made
    aws.close()


def test_no_procedure_waits_for_a_time() -> None:
    """The forecast knows a pause only by its paced seconds: whoever must wait waits for what a call shows."""
    sources = Path(recovery.__path__[0]).glob("*.py")
    assert [source.name for source in sources if re.search(r"\.pause\(|\.sleep\(", source.read_text())] == []
