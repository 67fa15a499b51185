"""What a stack that starts again finds of its queues."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from ministack.core import persistence
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import lambda_svc, sqs

from cli.local import kept_state

NAME = "kervan-local-email"
ARN = f"arn:aws:sqs:eu-central-1:000000000000:{NAME}"


@pytest.fixture(autouse=True)
def emulator() -> Iterator[None]:
    """Queues and mappings of this process, empty before and after."""
    set_request_account_id("000000000000")
    set_request_region("eu-central-1")
    yield
    sqs.reset()
    lambda_svc._esms.clear()
    lambda_svc._functions.clear()


def test_a_function_reads_its_queue_after_a_start_at_another_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message that waited when the stack ended is given to the function, and is deleted when it is done."""
    monkeypatch.setattr(sqs, "DEFAULT_PORT", "4566")
    old = sqs._act_create_queue({"QueueName": NAME, "Attributes": {"VisibilityTimeout": "180"}}, "")["QueueUrl"]
    sqs._act_send_message({"QueueUrl": old, "MessageBody": "to Ayşe"}, old)
    kept = json.loads(
        json.dumps(sqs.get_state(), default=persistence._json_default), object_hook=persistence._json_object_hook
    )
    sqs.reset()
    monkeypatch.setattr(sqs, "DEFAULT_PORT", "50123")
    given: list[str] = []
    _function_reads_queue(monkeypatch, given)

    kept_state.at_this_port(sqs.load_persisted_state)(kept)
    assert lambda_svc._poll_sqs()

    assert given == ["to Ayşe"]
    assert [queue["messages"] for queue in sqs._queues._data.values()] == [[]]
    again = sqs._act_get_queue_url({"QueueName": NAME}, "")["QueueUrl"]
    assert ":50123/" in again
    assert sqs._get_q(old) is sqs._get_q(again)  # functions know the address of their deployment


def test_the_queue_is_not_read_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What MiniStack does by itself: if this fails, the repair is not needed any more."""
    monkeypatch.setattr(sqs, "DEFAULT_PORT", "4566")
    old = sqs._act_create_queue({"QueueName": NAME}, "")["QueueUrl"]
    sqs._act_send_message({"QueueUrl": old, "MessageBody": "to Ayşe"}, old)
    monkeypatch.setattr(sqs, "DEFAULT_PORT", "50123")
    given: list[str] = []
    _function_reads_queue(monkeypatch, given)
    assert not lambda_svc._poll_sqs()
    assert given == []


def _function_reads_queue(monkeypatch: pytest.MonkeyPatch, given: list[str]) -> None:
    function = "kervan-local-notify-email"
    lambda_svc._functions[function] = {"config": {"FunctionName": function}, "versions": {}}
    lambda_svc._esms["one"] = {"UUID": "one", "EventSourceArn": ARN, "FunctionName": function, "BatchSize": 10}

    def execute(_function: object, event: dict[str, list[dict[str, str]]]) -> dict[str, None]:
        given.extend(record["body"] for record in event["Records"])
        return {"body": None}

    monkeypatch.setattr(lambda_svc, "_execute_function", execute)
    monkeypatch.setattr(lambda_svc, "_dispatch_esm_batch", lambda _mapping, work, *arguments: work(*arguments))
