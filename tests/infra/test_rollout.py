"""A gradual deployment: every trigger calls an alias, and each alias goes back when functions fail."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.conftest import Synthesize, Synthesized

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def gradual(synthesize: Synthesize) -> Synthesized:
    """Production whose versions shift."""
    return synthesize(stage="prod", rollout="gradual", sender="hello@shop.example", sender_sms="KERVAN")


def invoked(template: Synthesized) -> Iterator[tuple[str, Any]]:
    """Whatever AWS calls functions by: the kind of resource, and what it names."""
    for one in template.properties("AWS::ApiGatewayV2::Integration"):
        yield "integration", one["IntegrationUri"]
    for one in template.properties("AWS::Lambda::EventSourceMapping"):
        yield "event source", one["FunctionName"]
    for one in template.properties("AWS::Events::Rule"):
        for target in one["Targets"]:
            yield "rule", target["Arn"]
    for one in template.properties("AWS::SNS::Subscription"):
        if one["Protocol"] == "lambda":
            yield "subscription", one["Endpoint"]


def test_every_trigger_calls_the_alias(gradual: Synthesized) -> None:
    """One that calls the function itself would give all of its work to the new version at once."""
    functions = {
        logical_id
        for logical_id, one in gradual.template["Resources"].items()
        if one["Type"] == "AWS::Lambda::Function" and one["Properties"]["FunctionName"].startswith("kervan-prod-")
    }
    found = list(invoked(gradual))
    assert {kind for kind, _ in found} == {"integration", "event source", "rule", "subscription"}
    for kind, named in found:
        text = json.dumps(named)
        assert not [one for one in functions if f'"{one}"' in text], kind
        assert '{"Ref": "Functions' in text, kind


def test_a_trigger_may_call_the_alias(gradual: Synthesized) -> None:
    """Permissions name the alias too: those of a function do not hold for it."""
    for permission in gradual.properties("AWS::Lambda::Permission"):
        assert "Ref" in permission["FunctionName"], permission


def test_who_calls_by_name_calls_the_alias(gradual: Synthesized, prod: Synthesized) -> None:
    """Reports, the weekly predictions and redrives; without shifting it is the function."""
    for asking, variable in (("admin", "KERVAN_REPORTS"), ("console", "KERVAN_REPORTS")):
        assert gradual.environment(f"kervan-prod-{asking}")[variable] == "kervan-prod-measure-report:live"
        assert prod.environment(f"kervan-prod-{asking}")[variable] == "kervan-prod-measure-report"
    own = gradual.environment("kervan-prod-measure-predict")["KERVAN_PREDICTIONS"]
    assert own == "kervan-prod-measure-predict:live"
    allowed = [
        statement["Resource"]
        for name in ("kervan-prod-admin", "kervan-prod-console", "kervan-prod-measure-predict")
        for statement in gradual.statements(name)
        if statement["Action"] == "lambda:InvokeFunction"
    ]
    assert len(allowed) == 4
    assert sum("function:kervan-prod-measure-report:live" in json.dumps(one) for one in allowed) == 2
    assert sum("function:kervan-prod-measure-predict:live" in json.dumps(one) for one in allowed) == 1


def test_each_alias_goes_back_when_functions_fail(gradual: Synthesized) -> None:
    """A group per function, a tenth for ten minutes, and every alarm of errors in each."""
    groups = gradual.properties("AWS::CodeDeploy::DeploymentGroup")
    assert len(groups) == len(gradual.functions()) > 20
    watched = {json.dumps(alarm) for group in groups for alarm in group["AlarmConfiguration"]["Alarms"]}
    rollout = [one for one in gradual.properties("AWS::CloudWatch::Alarm") if "rollout-errors" in one["AlarmName"]]
    assert len(watched) == len(rollout) >= 3
    for group in groups:
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent10Minutes"
        assert set(group["AutoRollbackConfiguration"]["Events"]) == {
            "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM",
        }  # fmt: skip
    aliases = gradual.resources("AWS::Lambda::Alias")
    assert len(aliases) == len(groups)
    assert all("CodeDeployLambdaAliasUpdate" in one["UpdatePolicy"] for one in aliases)


def test_every_function_is_watched_by_one_alarm_of_the_rollout(gradual: Synthesized) -> None:
    """An alarm takes ten metrics, so there are several."""
    watched: list[str] = []
    for alarm in gradual.properties("AWS::CloudWatch::Alarm"):
        if "rollout-errors" in alarm["AlarmName"]:
            stats = [one["MetricStat"] for one in alarm["Metrics"] if "MetricStat" in one]
            assert {one["Period"] for one in stats} == {60}
            assert len(stats) <= 10
            watched += [one["Metric"]["Dimensions"][0]["Value"]["Ref"] for one in stats]
    ids = [gradual.logical_id("AWS::Lambda::Function", "FunctionName", name) for name in gradual.functions()]
    assert sorted(watched) == sorted(ids)


def test_without_the_setting_nothing_shifts(prod: Synthesized) -> None:
    """And nothing is made for it."""
    for kind in ("AWS::Lambda::Alias", "AWS::CodeDeploy::DeploymentGroup", "AWS::CodeDeploy::Application"):
        assert prod.resources(kind) == []
    assert not [one for one in prod.properties("AWS::CloudWatch::Alarm") if "rollout" in one["AlarmName"]]
