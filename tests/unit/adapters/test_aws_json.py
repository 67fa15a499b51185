"""What our requests to AWS do about throttles, broken servers and answers, old tokens and wrong clocks."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

import orjson
import pytest

from shared.adapters.aws_errors import AwsError, AwsRefused, AwsUnreachable, UnwritableRequest
from shared.adapters.aws_json import ATTEMPTS, DYNAMODB, SQS, AwsJson
from shared.adapters.http_transport import HttpAnswer, NoAnswer
from shared.adapters.retries import RetryQuota, pause_seconds
from shared.adapters.sigv4 import Credentials

pytestmark = pytest.mark.unit

NOW = 1_800_000_000.0
OK = HttpAnswer(200, {}, b'{"Item":{}}')


def refusal(code: str, status: int = 400, **headers: str) -> HttpAnswer:
    body = orjson.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no"})
    return HttpAnswer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


class Scripted:
    """``Transport`` that gives the answers that it was told, and ``OK`` after them."""

    host, path = "dynamodb.eu-central-1.amazonaws.com", "/"

    def __init__(self, *answers: HttpAnswer | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[Mapping[str, str]] = []
        self.bodies: list[bytes] = []

    def post(self, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        self.sent.append(headers)
        self.bodies.append(body)
        answer = self.answers.pop(0) if self.answers else OK
        if isinstance(answer, Exception):
            raise answer
        return answer


class Renewable:
    """``CredentialSource`` whose token has a number."""

    def __init__(self) -> None:
        self.number = 1

    def current(self) -> Credentials:
        return Credentials("AKIA", "secret", f"token-{self.number}")

    def renew(self) -> None:
        self.number += 1


class Made:
    def __init__(self, *answers: HttpAnswer | Exception, service: Any = DYNAMODB) -> None:
        self.wire = Scripted(*answers)
        self.naps: list[float] = []
        self.credentials = Renewable()
        self.client = AwsJson(
            service, "eu-central-1", self.wire, self.credentials,
            sleep=self.naps.append, clock=lambda: NOW, chance=lambda: 1.0,
        )  # fmt: skip

    def get(self) -> dict[str, Any]:
        return self.client.call("GetItem", {"TableName": "t"})


TRANSIENT = [
    refusal("ProvisionedThroughputExceededException"),
    refusal("ThrottlingException"),
    refusal("RequestLimitExceeded"),
    refusal("TransactionInProgressException"),
    refusal("InternalServerError", 500),
    refusal("ServiceUnavailable", 503),
    HttpAnswer(502, {}, b"<html>bad gateway</html>"),
    HttpAnswer(504, {}, b""),
    HttpAnswer(200, {"x-amz-crc32": "1"}, b"{}"),
    HttpAnswer(200, {"x-amz-crc32": "nonsense"}, b"{}"),
    HttpAnswer(200, {}, b'{"Item":{"pk"'),
    NoAnswer("ConnectionResetError"),
    NoAnswer("IncompleteRead"),
    NoAnswer("TimeoutError", late=True),
]


@pytest.mark.parametrize("error", TRANSIENT)
def test_what_may_be_gone_the_next_time_is_tried_again(error: HttpAnswer | Exception) -> None:
    """Throttles, broken servers, connections and answers: a second attempt after a pause, signed anew."""
    made = Made(error)
    assert made.get() == {"Item": {}}
    assert len(made.wire.sent) == 2
    assert len(made.naps) == 1


@pytest.mark.parametrize("error", TRANSIENT)
def test_what_stays_is_told_after_three_attempts(error: HttpAnswer | Exception) -> None:
    """The last failure comes out, after pauses that grow."""
    made = Made(*[error] * 9)
    with pytest.raises(AwsError):
        made.get()
    assert len(made.wire.sent) == ATTEMPTS
    assert made.naps[1] == 2 * made.naps[0] > 0


@pytest.mark.parametrize(
    "code",
    ["ConditionalCheckFailedException", "ValidationException", "AccessDeniedException", "TransactionCanceledException",
     "ResourceNotFoundException", "TransactionConflictException"],
)  # fmt: skip
def test_an_answer_that_says_no_is_not_repeated(code: str) -> None:
    """One request, and AWS's code in the error; its message, which may hold keys, is not."""
    made = Made(refusal(code))
    with pytest.raises(AwsRefused) as refused:
        made.get()
    assert (refused.value.code, refused.value.operation, refused.value.status) == (code, "GetItem", 400)
    assert str(refused.value) == f"{code} at GetItem"
    assert len(made.wire.sent) == 1


def test_throttles_wait_longer_than_broken_servers() -> None:
    """Up to a second first after a throttle, 25 ms after a 500: botocore's rules for DynamoDB."""
    throttled, broken = Made(refusal("ThrottlingException")), Made(refusal("InternalServerError", 500))
    throttled.get()
    broken.get()
    assert (throttled.naps, broken.naps) == ([1.0], [0.025])


def test_the_server_may_ask_for_a_pause() -> None:
    """``x-amz-retry-after`` is kept, up to 5 seconds more; nonsense in it is not."""
    assert pause_seconds(1, 0.025, lambda: 1.0, "1500") == 1.5
    assert pause_seconds(1, 0.025, lambda: 1.0, "99999999999999") == 5.025
    for nonsense in ("", "-1", "x", "1.5", "²"):
        assert pause_seconds(1, 0.025, lambda: 1.0, nonsense) == 0.025
    assert pause_seconds(30, 1.0, lambda: 1.0) == 20.0


def test_a_right_checksum_passes() -> None:
    """DynamoDB sends the CRC32 of each answer."""
    body = b'{"Item":{"pk":{"S":"\xc5\x9f"}}}'
    made = Made(HttpAnswer(200, {"x-amz-crc32": str(zlib.crc32(body))}, body))
    assert made.get() == {"Item": {"pk": {"S": "ş"}}}
    assert made.naps == []


def test_an_expired_token_is_renewed_once() -> None:
    """The request goes out again with new credentials, without a pause; if these have expired too, it is told."""
    made = Made(refusal("ExpiredTokenException"))
    made.get()
    assert [headers["X-Amz-Security-Token"] for headers in made.wire.sent] == ["token-1", "token-2"]
    assert made.naps == []
    made = Made(*[refusal("ExpiredTokenException")] * 5)
    with pytest.raises(AwsRefused, match="ExpiredToken"):
        made.get()
    assert len(made.wire.sent) == 2


@pytest.mark.parametrize("code", ["InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired"])
@pytest.mark.parametrize("hours", [-1, 24])
def test_a_wrong_clock_is_corrected(code: str, hours: int) -> None:
    """The server's date corrects our clock, for this request and all that follow."""
    theirs = NOW + hours * 3600
    made = Made(refusal(code, date=formatdate(theirs, usegmt=True)))
    made.get()
    made.get()
    [first, *others] = [headers["X-Amz-Date"] for headers in made.wire.sent]
    assert first == "20270115T080000Z"
    assert others == ["20270115T070000Z" if hours < 0 else "20270116T080000Z"] * 2


@pytest.mark.parametrize("date", [formatdate(NOW + 5, usegmt=True), "", "yesterday"])
def test_a_wrong_secret_is_no_wrong_clock(date: str) -> None:
    """If the clocks agree, or the server names no time, a refused signature is told at once."""
    made = Made(refusal("InvalidSignatureException", date=date))
    with pytest.raises(AwsRefused, match="InvalidSignature"):
        made.get()
    assert len(made.wire.sent) == 1


def test_a_failing_server_is_not_asked_three_times_as_much() -> None:
    """The quota ends retries when nothing else comes, and grows again with what succeeds."""
    made = Made(*[refusal("InternalServerError", 500)] * 400)
    requests = 0
    while made.wire.answers:
        requests += 1
        with pytest.raises(AwsRefused):
            made.get()
    assert requests > 280
    quota = RetryQuota()
    while quota.acquire(late=True):
        pass
    assert quota.acquire(late=False) == 0
    for _ in range(5):
        quota.give_back(0)
    assert quota.acquire(late=False) == 5


def test_bytes_are_written_as_base64_and_broken_text_is_refused() -> None:
    """Half a surrogate pair is no Unicode: nothing is sent."""
    made = Made()
    made.client.call("PutItem", {"Item": {"a": {"B": b"\x00\xff"}, "t": {"S": "ş"}}})
    assert made.wire.bodies == ['{"Item":{"a":{"B":"AP8="},"t":{"S":"ş"}}}'.encode()]
    with pytest.raises(UnwritableRequest):
        made.client.call("PutItem", {"Item": {"t": {"S": "\ud800"}}})
    assert len(made.wire.bodies) == 1


def test_sqs_speaks_with_its_older_names() -> None:
    """As in botocore, the code is that of the query protocol where SQS sends it."""
    older = {"x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"}
    made = Made(HttpAnswer(400, older, b'{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}'), service=SQS)
    with pytest.raises(AwsRefused, match=r"AWS\.SimpleQueueService\.NonExistentQueue"):
        made.client.call("SendMessageBatch", {})


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"text"', b"{", b"\xff", b'{"__type":7}'])
def test_a_refusal_without_a_code_has_its_status(body: bytes) -> None:
    """Whatever stands between us and AWS may answer anything."""
    with pytest.raises(AwsRefused, match=r"^(Http403|7) at GetItem$"):
        Made(HttpAnswer(403, {}, body)).get()


def test_a_lost_answer_names_no_data() -> None:
    """The error tells the operation and the kind of failure only."""
    with pytest.raises(AwsUnreachable, match=r"^GetItem: ConnectionResetError$"):
        Made(*[NoAnswer("ConnectionResetError")] * 3).get()


def test_lambdas_trace_goes_with_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda recognises functions that call each other without end by this header; it is not signed."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-2-3")
    made = Made()
    made.get()
    assert made.wire.sent[0]["X-Amzn-Trace-Id"] == "Root=1-2-3"
    assert "trace" not in made.wire.sent[0]["Authorization"]
