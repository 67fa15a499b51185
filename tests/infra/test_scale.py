"""Settings of a large shop: each reaches what it is about, and what is not named stays."""

from typing import Any

import pytest

from tests.infra.conftest import Synthesized

pytestmark = pytest.mark.unit


def mappings(template: Synthesized) -> dict[str, Any]:
    """Event sources by the function that reads them."""
    names = {
        logical_id: one["Properties"]["FunctionName"]
        for logical_id, one in template.template["Resources"].items()
        if one["Type"] == "AWS::Lambda::Function"
    }
    return {names[one["FunctionName"]["Ref"]]: one for one in template.properties("AWS::Lambda::EventSourceMapping")}


def test_what_is_named_is_raised(large: Synthesized) -> None:
    """The API, the readers of the stream, senders and workers of timers."""
    [stage] = large.properties("AWS::ApiGatewayV2::Stage")
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 30_000, "ThrottlingBurstLimit": 75_000}
    found = mappings(large)
    assert found["kervan-prod-segment-on-events"]["ParallelizationFactor"] == 10
    assert found["kervan-prod-notify-email"]["ScalingConfig"] == {"MaximumConcurrency": 500}
    assert found["kervan-prod-schedule-on-queue"]["ScalingConfig"] == {"MaximumConcurrency": 100}
    assert found["kervan-prod-ingest-feedback"]["ScalingConfig"] == {"MaximumConcurrency": 500}  # what it hears of them


def test_what_is_not_named_stays(large: Synthesized, prod: Synthesized) -> None:
    """Other queues keep their throttle."""
    for name in ("kervan-prod-segment-on-queue", "kervan-prod-privacy-on-queue", "kervan-prod-stock-on-queue"):
        assert mappings(large)[name]["ScalingConfig"] == mappings(prod)[name]["ScalingConfig"]
    assert mappings(prod)["kervan-prod-notify-email"]["ScalingConfig"] == {"MaximumConcurrency": 10}


def test_busy_tables_are_warm(large: Synthesized, prod: Synthesized) -> None:
    """The others, and all without the setting, as AWS gives them."""
    warm = {
        one["TableName"].rpartition("-")[2]: one["WarmThroughput"]
        for one in large.properties("AWS::DynamoDB::Table")
        if "WarmThroughput" in one
    }
    assert warm["customers"] == {"WriteUnitsPerSecond": 300_000, "ReadUnitsPerSecond": 600_000}
    assert set(warm) == {"customers", "messages", "timers", "interests"}
    assert {one["WriteUnitsPerSecond"] for name, one in warm.items() if name != "customers"} == {75_000}
    assert not [one for one in prod.properties("AWS::DynamoDB::Table") if "WarmThroughput" in one]


def test_little_warmth_is_what_a_table_has_anyway(dev: Synthesized) -> None:
    """A quarter of the least would be refused by AWS."""
    tables = dev.properties("AWS::DynamoDB::Table")
    found = [one["WarmThroughput"] for one in tables if "WarmThroughput" in one]
    assert found == [{"WriteUnitsPerSecond": 4_000, "ReadUnitsPerSecond": 12_000}] * 4
