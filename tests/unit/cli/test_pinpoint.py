"""The capture server as boto3 meets it: requests and answers of Pinpoint's SendMessages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from cli.local.pinpoint import PushCapture

pytestmark = pytest.mark.unit


def client(capture: PushCapture) -> Any:
    """boto3's own client; its request goes to the capture instead of the network."""
    made = boto3.client("pinpoint", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")

    class Raw:
        def __init__(self, body: bytes) -> None:
            self.body = body

        def stream(self, **_options: Any) -> Any:
            yield self.body

    def serve(request: Any, **_more: Any) -> Any:
        path = "/" + request.url.split("/", 3)[3]
        assert capture.serves(request.method, path)
        status, answer = capture.send(path, request.body)
        headers: Any = {"content-type": "application/json"}
        return AWSResponse(request.url, status, headers, Raw(json.dumps(answer).encode()))

    made.meta.events.register("before-send.pinpoint.SendMessages", serve)
    return made


def send(capture: PushCapture, addresses: dict[str, str]) -> Any:
    return client(capture).send_messages(
        ApplicationId="local",
        MessageRequest={
            "Addresses": {token: {"ChannelType": channel} for token, channel in addresses.items()},
            "MessageConfiguration": {"GCMMessage": {"Title": "Sepet", "Body": "bekliyor"}},
        },
    )["MessageResponse"]


def test_a_token_is_delivered_and_kept(tmp_path: Path) -> None:
    """boto3 reads the answer, and the message is in memory and in the file."""
    capture = PushCapture(tmp_path / "push.ndjson")
    result = send(capture, {"token-1": "GCM"})["Result"]["token-1"]
    assert (result["DeliveryStatus"], result["StatusCode"]) == ("SUCCESSFUL", 200)
    (kept,) = capture.messages
    assert (kept["to"], kept["title"], kept["body"], kept["message_id"]) == (
        "token-1",
        "Sepet",
        "bekliyor",
        result["MessageId"],
    )
    assert json.loads((tmp_path / "push.ndjson").read_text()) == kept


def test_each_address_has_its_own_outcome(tmp_path: Path) -> None:
    """A dead token is a permanent failure with 410 beside one that is delivered."""
    result = send(PushCapture(tmp_path / "p"), {"dead-1": "APNS", "ok": "GCM", "slow-1": "GCM"})["Result"]
    assert {token: (outcome["DeliveryStatus"], outcome["StatusCode"]) for token, outcome in result.items()} == {
        "dead-1": ("PERMANENT_FAILURE", 410),
        "ok": ("SUCCESSFUL", 200),
        "slow-1": ("THROTTLED", 429),
    }


def test_channels_that_ended_are_refused(tmp_path: Path) -> None:
    """Pinpoint has no e-mail any more: such a call is a BadRequest, and nothing is kept."""
    capture = PushCapture(tmp_path / "p")
    with pytest.raises(ClientError, match="no push messages"):
        send(capture, {"a@example.com": "EMAIL"})
    assert capture.messages == []
