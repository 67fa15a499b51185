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
    """It reads and deletes letters, sends to the queues where work is done, and calls one function that does it."""
    found = told(prod)
    rights: dict[str, str] = {}
    for statement in prod.statements("kervan-prod-admin"):
        for action in as_list(statement["Action"]):
            if action.split(":")[0] in ("sqs", "lambda"):
                rights[action] = rights.get(action, "") + json.dumps(statement["Resource"])
    assert set(rights) == {*READ, "sqs:SendMessage", "lambda:InvokeFunction"}
    for action in READ:
        assert all(f'"{queue}"' in rights[action] for queue in found["letters"].values())
        assert not any(f'"{queue}"' in rights[action] for queue in found["targets"].values())
    assert all(f'"{queue}"' in rights["sqs:SendMessage"] for queue in found["targets"].values())
    feedback = prod.logical_id("AWS::Lambda::Function", "FunctionName", "kervan-prod-ingest-feedback")
    assert rights["lambda:InvokeFunction"].count("Fn::GetAtt") == 1
    assert feedback in rights["lambda:InvokeFunction"]


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
