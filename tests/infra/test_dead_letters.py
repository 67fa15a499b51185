"""Dead letters: every queue of failures is one that operators can look into, and admin alone may."""

import json

import pytest

from infra.dead_letters import NAMING
from shared.domain.deadletters.letter import QUEUES
from simulation.on_queue import RECEIVES
from tests.infra.conftest import Synthesized, as_list

pytestmark = pytest.mark.unit
READ = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"}


def told(template: Synthesized) -> dict[str, dict[str, str]]:
    """What admin is told of letters, with logical ids in place of urls."""
    parts = template.environment("kervan-prod-admin")["KERVAN_DEAD_LETTERS"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else part.get("Ref", "attribute") for part in parts)
    found: dict[str, dict[str, str]] = json.loads(text)
    return found


def test_every_queue_of_failures_has_a_name_that_operators_know(prod: Synthesized) -> None:
    """No failure waits where nobody can see it: a new queue must be named in `letter.py` and `dead_letters.py`."""
    waiting = {
        logical_id
        for logical_id, resource in prod.template["Resources"].items()
        if resource["Type"] == "AWS::SQS::Queue"
        and resource["Properties"]["QueueName"].endswith(("-dead", "-failures", "-undelivered"))
    }
    letters = told(prod)["letters"]
    assert set(letters) == set(QUEUES) - {"hook-work", "due-hook-work"}  # where there is a webhook: test_webhooks.py
    assert set(letters.values()) == waiting


def test_admin_may_look_into_failures_and_hand_work_out(prod: Synthesized) -> None:
    """It reads and deletes letters, and sends to the queues where work is done. It calls no function for that."""
    found = told(prod)
    rights: dict[str, str] = {}
    for statement in prod.statements("kervan-prod-admin"):
        for action in as_list(statement["Action"]):
            if action.split(":")[0] in ("sqs", "lambda"):
                rights[action] = rights.get(action, "") + json.dumps(statement["Resource"])
    assert set(rights) == {*READ, "sqs:SendMessage", "lambda:InvokeFunction"}
    assert rights["lambda:InvokeFunction"].count('"Fn::Join"') == 1
    assert "measure-report" in rights["lambda:InvokeFunction"]  # it asks for reports
    for action in READ:
        assert all(f'"{queue}"' in rights[action] for queue in found["letters"].values())
        assert not any(f'"{queue}"' in rights[action] for queue in found["targets"].values())
    assert all(f'"{queue}"' in rights["sqs:SendMessage"] for queue in found["targets"].values())


def queue_of(template: Synthesized, arn: object) -> str:
    """The name of the queue that an ARN in the template is of."""
    assert isinstance(arn, dict)
    return str(template.template["Resources"][arn["Fn::GetAtt"][0]]["Properties"]["QueueName"])


def may_send(template: Synthesized, queue: str, service: str) -> bool:
    """Whether a service of AWS may put messages into a queue for one resource of this stack, and for no other."""
    logical_id = template.logical_id("AWS::SQS::Queue", "QueueName", queue)
    return any(
        statement["Effect"] == "Allow"
        and statement["Principal"] == {"Service": service}
        and "sqs:SendMessage" in as_list(statement["Action"])
        and _asks_for_one_of_ours(statement["Condition"])
        for policy in template.properties("AWS::SQS::QueuePolicy")
        if {"Ref": logical_id} in policy["Queues"]
        for statement in policy["PolicyDocument"]["Statement"]
    )


def _asks_for_one_of_ours(condition: dict[str, dict[str, object]]) -> bool:
    """Whether ``aws:SourceArn`` is the ARN of a resource: else anybody's rule or topic might send for the service."""
    arns = [asked.get("aws:SourceArn") for how, asked in condition.items() if how in ("ArnEquals", "ArnLike")]
    return any(isinstance(arn, dict) and bool(arn.keys() & {"Fn::GetAtt", "Ref"}) for arn in arns)


def test_no_service_sends_for_somebody_else(sending: Synthesized) -> None:
    """Whatever AWS may put into any queue of ours, it may for one resource of the stack alone."""
    allowed = [
        statement
        for policy in sending.properties("AWS::SQS::QueuePolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and "Service" in statement["Principal"]
    ]
    assert len(allowed) > 2
    assert [one for one in allowed if not _asks_for_one_of_ours(one["Condition"])] == []


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"ArnLike": {"aws:SourceArn": "*"}},
        {"StringEquals": {"aws:SourceArn": {"Ref": "Topic"}}},
        {"ArnEquals": {"aws:PrincipalArn": {"Ref": "Topic"}}},
    ],
)
def test_another_condition_does_not_say_who_asks(condition: dict[str, dict[str, object]]) -> None:
    """Only ``aws:SourceArn`` of a resource does, compared as an ARN."""
    assert not _asks_for_one_of_ours(condition)
    assert _asks_for_one_of_ours({**condition, "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]}}})


def test_reports_of_ses_wait_in_a_queue(prod: Synthesized) -> None:
    """A function that is called straight is called three times within minutes; an outage takes longer."""
    [rule] = [one for one in prod.properties("AWS::Events::Rule") if one["Name"] == "kervan-prod-ses-feedback"]
    [target] = rule["Targets"]
    assert queue_of(prod, target["Arn"]) == "kervan-prod-feedback-work"
    assert queue_of(prod, target["DeadLetterConfig"]["Arn"]) == "kervan-prod-feedback-work-dead"
    for queue in ("kervan-prod-feedback-work", "kervan-prod-feedback-work-dead"):
        assert may_send(prod, queue, "events.amazonaws.com")
    queues = {one["QueueName"]: one for one in prod.properties("AWS::SQS::Queue")}
    waits, message = queues["kervan-prod-feedback-work"], queues["kervan-prod-email"]
    assert waits["VisibilityTimeout"] <= message["VisibilityTimeout"]  # a STOP waits no longer than what it stops
    assert waits["VisibilityTimeout"] * waits["RedrivePolicy"]["maxReceiveCount"] >= 75 * 60


def test_nothing_but_time_calls_a_function_straight(sending: Synthesized) -> None:
    """What a tick misses is done by the next one. Whatever says something once goes through a queue."""
    for rule in sending.properties("AWS::Events::Rule"):
        for target in rule["Targets"]:
            resource = sending.template["Resources"][target["Arn"]["Fn::GetAtt"][0]]
            assert resource["Type"] == "AWS::SQS::Queue" or "ScheduleExpression" in rule
    protocols = {one["Protocol"] for one in sending.properties("AWS::SNS::Subscription")}
    assert protocols <= {"sqs", "email"}


def test_nobody_else_looks_at_letters(prod: Synthesized) -> None:
    """Who works on a queue receives from that queue; dead letters are admin's. An erasure deletes those that name the
    person, of the queues whose letters may."""
    found = told(prod)["letters"]
    letters = set(found.values())
    [erasing] = [
        json.dumps(statement["Resource"])
        for statement in prod.statements("kervan-prod-privacy-on-queue")
        if "sqs:ReceiveMessage" in as_list(statement["Action"]) and "sqs:DeleteMessage" in as_list(statement["Action"])
        and any(queue in json.dumps(statement["Resource"]) for queue in letters)
    ]  # fmt: skip
    assert {name for name, queue in found.items() if f'"{queue}"' in erasing} == set(NAMING)
    for name in prod.functions():
        if name not in ("kervan-prod-admin", "kervan-prod-privacy-on-queue"):
            for statement in prod.statements(name):
                if "sqs:ReceiveMessage" in as_list(statement["Action"]):
                    assert not any(queue in json.dumps(statement["Resource"]) for queue in letters)


def test_the_function_of_dry_runs_knows_its_last_try(prod: Synthesized) -> None:
    """It tells then that a run died; before it, the queue brings it again."""
    queues = {one["QueueName"]: one for one in prod.properties("AWS::SQS::Queue")}
    assert queues["kervan-prod-simulation-work"]["RedrivePolicy"]["maxReceiveCount"] == RECEIVES
