"""A gradual deployment: every trigger calls an alias, and each alias goes back when functions fail."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.function import SHIFTED
from tests.infra.conftest import Synthesize, Synthesized

pytestmark = pytest.mark.unit
EVERYTHING = {
    "stage": "prod", "rollout": "gradual", "backup_days": "35", "sender": "hello@shop.example", "sender_sms": "KERVAN",
    "sms": "end_user_messaging", "push": "on", "web_push": "on", "social": "whatsapp,instagram,messenger",
    "mailbox": "support@shop.example", "alarms": "ops@shop.example", "athena_gb": "10", "domain": "go.shop.example",
    "certificate": "arn:aws:acm:us-east-1:123456789012:certificate/0a", "stock_webhook": "https://shop.example/x",
    "web_acl": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/kervan/0a1b2c3d-0000-0000-0000-000000000000",
}  # fmt: skip


@pytest.fixture(scope="module")
def gradual(synthesize: Synthesize) -> Synthesized:
    """Production whose versions shift, with everything else that makes resources."""
    return synthesize(**EVERYTHING)


@pytest.fixture(scope="module")
def groups(gradual: Synthesized) -> list[Any]:
    """The groups of CodeDeploy, which are in a stack of their own."""
    template = gradual.nested["Rollout"]["Resources"].values()
    return [one["Properties"] for one in template if one["Type"] == "AWS::CodeDeploy::DeploymentGroup"]


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
        yield "subscription", one["Endpoint"]


def test_every_trigger_calls_the_alias(gradual: Synthesized) -> None:
    """One that calls the function itself would give all of its work to the new version at once."""
    functions = {
        logical_id
        for logical_id, one in gradual.template["Resources"].items()
        if one["Type"] == "AWS::Lambda::Function"
        and one["Properties"]["FunctionName"].removeprefix("kervan-prod-").split("-")[0] in SHIFTED
    }
    assert len(functions) > 12
    found = list(invoked(gradual))
    assert {kind for kind, _ in found} == {"integration", "event source", "rule", "subscription"}
    for kind, named in found:
        text = json.dumps(named)
        assert not [one for one in functions if f'"{one}"' in text], kind


def test_a_trigger_may_call_the_alias(gradual: Synthesized) -> None:
    """Permissions name the alias too: those of a function do not hold for it."""
    shifting = {one["FunctionName"]["Ref"] for one in gradual.properties("AWS::Lambda::Alias")}
    for permission in gradual.properties("AWS::Lambda::Permission"):
        named = permission["FunctionName"]
        assert "Ref" in named or named["Fn::GetAtt"][0] not in shifting, permission


def test_who_asks_for_reports_calls_the_function_itself(gradual: Synthesized, prod: Synthesized) -> None:
    """Reports do not shift, so their function itself is called."""
    for template in (gradual, prod):
        assert template.environment("kervan-prod-console")["KERVAN_REPORTS"] == "kervan-prod-measure-report"


def test_each_alias_goes_back_when_functions_fail(gradual: Synthesized, groups: list[Any]) -> None:
    """A group per alias, a tenth for ten minutes, and every alarm of errors in each."""
    aliases = gradual.resources("AWS::Lambda::Alias")
    assert len(aliases) == len(groups) > 12
    assert all("CodeDeployLambdaAliasUpdate" in one["UpdatePolicy"] for one in aliases)
    watched = {json.dumps(alarm) for group in groups for alarm in group["AlarmConfiguration"]["Alarms"]}
    rollout = [one for one in gradual.properties("AWS::CloudWatch::Alarm") if "rollout-errors" in one["AlarmName"]]
    assert len(watched) == len(rollout) >= 3
    for group in groups:
        assert len(group["AlarmConfiguration"]["Alarms"]) == len(rollout)
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent10Minutes"
        assert set(group["AutoRollbackConfiguration"]["Events"]) == {
            "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM",
        }  # fmt: skip


def test_who_takes_requests_decides_or_sends_shifts(gradual: Synthesized) -> None:
    """The others have no alias."""
    names = {
        logical_id: one["Properties"]["FunctionName"].removeprefix("kervan-prod-")
        for logical_id, one in gradual.template["Resources"].items()
        if one["Type"] == "AWS::Lambda::Function"
    }
    shifting = {names[one["FunctionName"]["Ref"]] for one in gradual.properties("AWS::Lambda::Alias")}
    assert shifting == {name for name in names.values() if name.split("-")[0] in SHIFTED}
    assert {
        "ingest-api",
        "segment-on-events",
        "schedule-on-due",
        "notify-email",
        "stock-api",
        "support-api",
    } <= shifting


def test_a_stack_has_room_for_more(gradual: Synthesized, prod: Synthesized) -> None:
    """CloudFormation takes 500 resources in a stack; one more function needs about ten."""
    assert len(prod.template["Resources"]) < len(gradual.template["Resources"]) <= 480


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
