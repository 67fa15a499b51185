"""Alarms: each says what to do, watches something that exists, and reaches who subscribed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.context import ContextError, read_context
from tests.infra.conftest import WIKI, Synthesize, Synthesized

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[2]
RUNBOOKS = ROOT / "docs" / "runbooks"
SECTIONS = ["What it means", "What to look at", "What to do", "When it is over"]
CODE = "\n".join(path.read_text() for path in (ROOT / "functions").rglob("*.py"))
OF_AWS = {
    "AWS/ApiGateway": {"Count", "4xx", "5xx", "Latency"},
    "AWS/Lambda": {"Errors", "Throttles", "Duration", "IteratorAge"},
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
    "AWS/DynamoDB": {"ReadThrottleEvents", "WriteThrottleEvents"},
    "AWS/Firehose": {"DeliveryToS3.DataFreshness"},
    "AWS/Backup": {"NumberOfBackupJobsFailed", "NumberOfCopyJobsFailed"},
}
"""Metrics that AWS keeps by itself, as its documents name them."""


@pytest.fixture(scope="module")
def whole(synthesize: Synthesize) -> Synthesized:
    """Production with everything that has alarms of its own."""
    webhooks = {f"{subject}_webhook": "https://shop.example/x" for subject in ("stock", "conversation")}
    return synthesize(stage="prod", rollout="gradual", backup_days="35", **webhooks)


def alarms(template: Synthesized) -> dict[str, Any]:
    return {alarm["AlarmName"]: alarm for alarm in template.properties("AWS::CloudWatch::Alarm")}


def composites(template: Synthesized) -> dict[str, Any]:
    """Alarms on other alarms."""
    return {alarm["AlarmName"]: alarm for alarm in template.properties("AWS::CloudWatch::CompositeAlarm")}


def windows(template: Synthesized) -> set[str]:
    """Names of alarms that only a composite alarm looks at."""
    of_id = {
        name: one["Properties"]["AlarmName"]
        for name, one in template.nested["AlarmStack"]["Resources"].items()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    }
    return {of_id[name] for alarm in composites(template).values() for name in named(alarm["AlarmRule"])}


def named(rule: Any) -> list[str]:
    """The logical ids of the alarms of a rule; it rings when all of them do."""
    parts = rule["Fn::Join"][1]
    names = [part["Fn::GetAtt"][0] for part in parts if not isinstance(part, str)]
    said = "".join(part if isinstance(part, str) else "x" for part in parts)
    assert said == "(" + " AND ".join(['ALARM("x")'] * len(names)) + ")"
    return names


def metrics_of(alarm: Any) -> list[Any]:
    """Every metric that an alarm watches, alone or as a part of a sum."""
    if "MetricName" in alarm:
        return [alarm]
    return [one["MetricStat"]["Metric"] for one in alarm["Metrics"] if "MetricStat" in one]


def test_each_alarm_names_a_runbook_that_exists(whole: Synthesized) -> None:
    """Its text ends with the file where it says what to do, and each runbook but that of spending has an alarm."""
    named = set()
    for name, alarm in (alarms(whole) | composites(whole)).items():
        found = re.search(r"\. What to do: docs/runbooks/([a-z-]+)\.md$", alarm["AlarmDescription"])
        assert found, name
        assert (RUNBOOKS / f"{found[1]}.md").is_file(), name
        named.add(found[1])
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == named | {"spend"}


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_each_runbook_says_four_things(path: Path) -> None:
    """What it means, what to look at (with commands), what to do in steps, when it is over."""
    parts = re.split(r"^## (.+)\n", path.read_text(), flags=re.MULTILINE)
    assert parts[1::2] == SECTIONS
    means, look, steps, over = parts[2::2]
    assert "```sh\n" in look
    assert re.search(r"^1\. ", steps, re.MULTILINE)
    assert all(len(part.split()) >= 8 for part in (means, look, steps, over))


def test_each_alarm_watches_a_metric_that_somebody_writes(whole: Synthesized) -> None:
    """Ours are counted by the code of that function under these dimensions; AWS's have the names of its documents."""
    functions = {name.removeprefix("kervan-prod-") for name in whole.functions()}
    for name, alarm in alarms(whole).items():
        for metric in metrics_of(alarm):
            dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
            if metric["Namespace"] == "Kervan":
                assert f'"{metric["MetricName"]}"' in CODE, name
                assert dimensions.pop("service") in functions, name
                assert all(f"{dimension}=" in CODE for dimension in dimensions), name
            else:
                assert metric["MetricName"] in OF_AWS[metric["Namespace"]], name


def test_every_function_queue_and_table_of_an_alarm_exists(whole: Synthesized) -> None:
    """No alarm watches a name that nothing has: it would never ring."""
    known = {
        "FunctionName": "AWS::Lambda::Function",
        "TableName": "AWS::DynamoDB::Table",
        "QueueName": "AWS::SQS::Queue",
    }
    for name, alarm in alarms(whole).items():
        for metric in metrics_of(alarm):
            for one in metric["Dimensions"]:
                if one["Name"] in known:
                    logical = one["Value"].get("Ref") or one["Value"]["Fn::GetAtt"][0]
                    assert whole.template["Resources"][logical]["Type"] == known[one["Name"]], name


def test_every_queue_of_dead_letters_is_watched(prod: Synthesized) -> None:
    """One letter is enough to ring."""
    watched = set()
    for name, alarm in alarms(prod).items():
        if name.startswith("kervan-prod-dead-letters"):
            assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
            watched |= {one["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for one in metrics_of(alarm)}
    queues = {
        logical_id
        for logical_id, resource in prod.template["Resources"].items()
        if resource["Type"] == "AWS::SQS::Queue"
        and resource["Properties"]["QueueName"].endswith(("-dead", "-failures", "-undelivered"))
    }
    assert watched == queues


def test_letters_that_nobody_looked_after_ring_again_before_they_are_gone(prod: Synthesized) -> None:
    """SQS counts the 14 days from when a message was first queued. The alarm comes after at most 7.25 days among the
    letters, so there is more than a day left even for what waited longest in its first queue."""
    found = alarms(prod)
    kept = {one["QueueName"]: one["MessageRetentionPeriod"] for one in prod.properties("AWS::SQS::Queue")}
    letters = {name for name in kept if name.endswith(("-dead", "-failures", "-undelivered"))}
    longest = max(kept[name] for name in kept.keys() - letters)
    for group in ("messages", "work", "elsewhere", "failures"):
        alarm = found[f"kervan-prod-dead-letters-{group}-expire"]
        periods = {one["MetricStat"]["Period"] for one in alarm["Metrics"] if "MetricStat" in one}
        assert {one["MetricStat"]["Stat"] for one in alarm["Metrics"] if "MetricStat" in one} == {"Maximum"}
        [period] = periods
        assert alarm["EvaluationPeriods"] == alarm["DatapointsToAlarm"]
        assert period * alarm["EvaluationPeriods"] <= 604_800  # CloudWatch looks no further back
        rings_after = period * (alarm["EvaluationPeriods"] + 1)
        assert min(kept[name] for name in letters) - longest - rings_after > 86_400
        assert metrics_of(alarm) == metrics_of(found[f"kervan-prod-dead-letters-{group}"])


def test_a_sum_has_no_more_metrics_than_an_alarm_takes(whole: Synthesized) -> None:
    """CloudWatch takes ten."""
    assert max(len(metrics_of(alarm)) for alarm in alarms(whole).values()) <= 10


def test_alarms_go_to_the_topic_and_so_does_their_end(varied: Synthesized) -> None:
    """Each address is subscribed; mail as mail, an https address as such."""
    topic = varied.logical_id("AWS::SNS::Topic", "TopicName", "kervan-prod-alarms")
    ringing = composites(varied) | {name: one for name, one in alarms(varied).items() if name not in windows(varied)}
    for alarm in ringing.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]
    assert all(alarm["TreatMissingData"] == "notBreaching" for alarm in alarms(varied).values())
    subscriptions = [one for one in varied.properties("AWS::SNS::Subscription") if one["TopicArn"] == {"Ref": topic}]
    told = {(one["Protocol"], one["Endpoint"]) for one in subscriptions}
    assert told == {("email", "ops@shop.example"), ("https", "https://hooks.example/x")}
    assert varied.outputs()["AlarmTopic"] == {"Ref": topic}


def test_only_cloudwatch_and_budgets_of_this_account_may_publish(prod: Synthesized) -> None:
    """Nobody else rings the alarm, and nothing goes over an unencrypted connection."""
    topic = prod.logical_id("AWS::SNS::Topic", "TopicName", "kervan-prod-alarms")
    [policy] = [one for one in prod.properties("AWS::SNS::TopicPolicy") if one["Topics"] == [{"Ref": topic}]]
    allowed = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
    assert {one["Principal"]["Service"] for one in allowed} == {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}
    assert all(one["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"} for one in allowed)
    denied = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Deny"]
    assert "aws:SecureTransport" in json.dumps(denied)


def test_a_day_has_a_limit_of_spending(varied: Synthesized, prod: Synthesized) -> None:
    """25 dollars unless it is set; 0 is none."""
    [budget] = prod.properties("AWS::Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 25, "Unit": "USD"}
    assert budget["Budget"]["TimeUnit"] == "DAILY"
    assert varied.properties("AWS::Budgets::Budget") == []


def test_runbooks_may_be_kept_elsewhere(varied: Synthesized) -> None:
    """The address stands in the text of each alarm."""
    texts = [alarm["AlarmDescription"] for alarm in alarms(varied).values()]
    assert texts
    assert all(re.search(rf"What to do: {re.escape(WIKI)}[a-z-]+\.md$", text) for text in texts)


@pytest.mark.parametrize(
    "context",
    [
        *({"alarms": text} for text in ("ops", "http://x.example", "a@b", "a@b.example,x", "https://u:p@x.example")),
        *({"spend_per_day": text} for text in ("-1", "1.5", "much")),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(context: dict[str, str]) -> None:
    """In one sentence, before anything is deployed."""
    with pytest.raises(ContextError, match=r"^-c (alarms|spend_per_day)="):
        read_context({"stage": "prod", **context}.get)


def test_the_laptop_has_no_alarms(local: Synthesized) -> None:
    """Nobody would hear of them."""
    for kind in (
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::Budgets::Budget",
    ):
        assert local.resources(kind) == []
    assert "AlarmTopic" not in local.outputs()
    assert [topic["TopicName"] for topic in local.properties("AWS::SNS::Topic")] == ["kervan-local-mail"]


def test_one_dashboard_shows_every_alarm(whole: Synthesized) -> None:
    """And graphs of what the alarms watch."""
    [page] = whole.properties("AWS::CloudWatch::Dashboard")
    assert page["DashboardName"] == "kervan-prod"
    body = "".join(part if isinstance(part, str) else json.dumps(part) for part in page["DashboardBody"]["Fn::Join"][1])
    silent = windows(whole)
    for template, form in ((whole.template, r"%s"), (whole.nested["AlarmStack"], r"AlarmStack%s[0-9A-F]{8}Arn")):
        for logical_id, resource in template["Resources"].items():
            if resource["Type"] in {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}:
                name = logical_id if form == "%s" else logical_id[:-8]  # a stack's outputs have an ending of their own
                shown = re.search(form % name, body) is not None
                assert shown is (resource["Properties"]["AlarmName"] not in silent), logical_id
    for title in ("Requests", "Oldest work (1 is what is promised)", "Oldest due timer (s)", "Dead letters"):
        assert title in body


def test_names_of_alarms_differ(whole: Synthesized) -> None:
    """Two with one name would be one."""
    assert len(alarms(whole)) == len(whole.resources("AWS::CloudWatch::Alarm")) > 20
    assert not alarms(whole).keys() & composites(whole).keys()
