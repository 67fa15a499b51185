"""The alarms of withdrawals with public keys ring beyond the numbers that their runbook names."""

import re
from pathlib import Path

import pytest

from tests.infra.conftest import Synthesized
from tests.infra.test_alarms import alarms

pytestmark = pytest.mark.unit
RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbooks" / "withdrawals.md").read_text("utf-8")
SECONDS = {"five minutes": 300, "an hour": 3_600}


@pytest.mark.parametrize(
    ("name", "most", "within"), [("five-minutes", 50, "five minutes"), ("an-hour", 200, "an hour")]
)
def test_so_many_are_quiet_and_one_more_rings(prod: Synthesized, name: str, most: int, within: str) -> None:
    """The sum of one period, at once; none at all is no alarm."""
    alarm = alarms(prod)[f"kervan-prod-withdrawals-in-{name}"]
    assert (alarm["MetricName"], alarm["Namespace"]) == ("consents_withdrawn_public", "Kervan")
    assert {one["Name"]: one["Value"] for one in alarm["Dimensions"]}["function"] == "ingest-api"
    assert (alarm["Statistic"], alarm["Period"]) == ("Sum", SECONDS[within])
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", most)
    assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (1, "notBreaching")
    assert f"More than {most} consents were withdrawn with public keys within {within}" in alarm["AlarmDescription"]
    assert re.search(rf"ore than {most}\b[^.]* within {within} \(`withdrawals-in-{name}`\)", RUNBOOK)
