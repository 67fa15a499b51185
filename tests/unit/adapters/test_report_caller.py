"""A function that is called and waited for: what it answers, and what is made of silence."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from shared.adapters.report_caller import ReportCaller
from shared.ports import Throttled

pytestmark = pytest.mark.unit


class Client:
    def __init__(self, answer: Any) -> None:
        self.answer, self.calls = answer, list[Any]()

    def invoke(self, **call: Any) -> Any:
        self.calls.append(call)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def asked(answer: Any) -> Any:
    client = Client(answer)
    found = ReportCaller(client, "reports").ask({"report": "overview"})  # type: ignore[arg-type]
    assert [(call["FunctionName"], json.loads(call["Payload"])) for call in client.calls] == [
        ("reports", {"report": "overview"})
    ]
    return found


def test_the_answer_is_the_function_s() -> None:
    """As JSON says it."""
    assert asked({"Payload": io.BytesIO(b'{"status": 200, "answer": {}}')}) == {"status": 200, "answer": {}}


@pytest.mark.parametrize(
    "error",
    [
        {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "u.abc"}')},
        ClientError({"Error": {"Code": "TooManyRequestsException"}}, "Invoke"),
        ReadTimeoutError(endpoint_url="https://lambda"),
    ],
)
def test_who_does_not_answer_is_asked_later(error: Any, caplog: pytest.LogCaptureFixture) -> None:
    """An error of the function, its limit of environments, a silence; none of its words are logged."""
    with pytest.raises(Throttled):
        asked(error)
    assert "u.abc" not in caplog.text
