"""Requests to AWS services that speak JSON (DynamoDB, SQS, Secrets Manager, Firehose), with little processor time.

A request is written and read with orjson and signed with the day's key. What botocore does for these services is done
here too: retries with backoff and a quota, the checksum of DynamoDB's answers, credentials that are renewed. And what
it does not do: a clock that is wrong is noticed by AWS's own and corrected.
"""

from __future__ import annotations

import base64
import os
import random
import time
import zlib
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import orjson
from msgspec import Struct

from shared.adapters.aws_errors import AwsError, AwsRefused, AwsUnreachable, UnwritableRequest
from shared.adapters.aws_settings import CredentialSource
from shared.adapters.http_transport import HttpAnswer, NoAnswer
from shared.adapters.retries import THROTTLE_SECONDS, THROTTLES, RetryQuota, is_retryable, pause_seconds
from shared.adapters.sigv4 import Signer
from shared.adapters.user_agent import USER_AGENT

ATTEMPTS = 3
SKEW_SECONDS = 30
"""A clock that is wrong by less is none of AWS's reasons to refuse."""
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_SKEWED = frozenset(
    {
        "InvalidSignatureException", "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)  # fmt: skip


class Service(Struct, frozen=True):
    """``name`` in the signature and the address, ``target`` before each operation; the longest first pause."""

    name: str
    target: str
    content_type: str
    pause_seconds: float


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "application/x-amz-json-1.0", 0.025)
SQS = Service("sqs", "AmazonSQS", "application/x-amz-json-1.0", 0.05)
FIREHOSE = Service("firehose", "Firehose_20150804", "application/x-amz-json-1.1", 0.05)
SECRETS_MANAGER = Service("secretsmanager", "secretsmanager", "application/x-amz-json-1.1", 0.05)


class Transport(Protocol):
    @property
    def host(self) -> str: ...
    @property
    def path(self) -> str: ...
    def post(self, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """Raises NoAnswer."""


class AwsJson:
    """Calls operations of one service in one region. Threads may share it."""

    def __init__(
        self,
        service: Service,
        region: str,
        transport: Transport,
        credentials: CredentialSource,
        *,
        attempts: int = ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._service = service
        self._attempts = attempts
        self._transport = transport
        self._credentials = credentials
        self._signer = Signer(service.name, region, transport.host, transport.path)
        self._quota = RetryQuota()
        self._offset = 0.0
        self._sleep, self._clock, self._chance = sleep, clock, chance

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of one operation, as AWS's JSON says it. ``bytes`` are written as base64.

        Raises
        ------
        AwsRefused
            With AWS's code, after the attempts that it deserves.
        AwsUnreachable
            If no attempt brought a whole answer. AWS may have acted.
        AwsNotConfigured
            Without credentials.
        UnwritableRequest
            If the request holds text that is not Unicode.
        """
        body = _written(request)
        attempt, taken = 1, 0
        mended: set[str] = set()
        while True:
            answer = None
            first, late = self._service.pause_seconds, False
            failure: AwsError
            try:
                answer = self._send(operation, body)
                found = _read(self._service, operation, answer)
            except NoAnswer as lost:
                failure, late = AwsUnreachable(f"{operation}: {lost}"), lost.late
            except AwsUnreachable as damaged:
                failure = damaged
            except AwsRefused as refused:
                if refused.code not in mended and answer is not None and self._mended(refused, answer):
                    mended.add(refused.code)
                    continue
                if not is_retryable(refused.code, refused.status):
                    raise
                failure = refused
                first = THROTTLE_SECONDS if refused.code in THROTTLES else first
            else:
                self._quota.give_back(taken)
                return found
            if attempt >= self._attempts or not (taken := self._quota.acquire(late=late)):
                raise failure
            asked = answer.headers.get("x-amz-retry-after") if answer else None
            self._sleep(pause_seconds(attempt, first, self._chance, asked))
            attempt += 1

    def _send(self, operation: str, body: bytes) -> HttpAnswer:
        service = self._service
        headers = self._signer.headers(
            self._credentials.current(),
            f"{service.target}.{operation}",
            service.content_type,
            body,
            self._clock() + self._offset,
        )
        headers["User-Agent"] = USER_AGENT
        headers["Accept-Encoding"] = "identity"
        trace = os.environ.get("_X_AMZN_TRACE_ID")
        if trace:  # by it Lambda ends functions that call each other without end
            headers["X-Amzn-Trace-Id"] = trace
        return self._transport.post(headers, body)

    def _mended(self, refused: AwsRefused, answer: HttpAnswer) -> bool:
        """Whether the cause was ours and is gone: an old token, or a clock that differs from AWS's."""
        if refused.code in _EXPIRED:
            self._credentials.renew()
            return True
        if refused.code not in _SKEWED:
            return False
        try:
            theirs = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
        except ValueError:
            return False
        offset = theirs - self._clock()
        if abs(offset - self._offset) < SKEW_SECONDS:
            return False
        self._offset = offset
        return True


def _written(request: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(request, default=_base64)
    except orjson.JSONEncodeError as broken:
        raise UnwritableRequest("the request holds text that is not Unicode") from broken


def _base64(value: object) -> str:
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)


def _read(service: Service, operation: str, answer: HttpAnswer) -> dict[str, Any]:
    """Raises AwsRefused for an error, AwsUnreachable for an answer that was damaged on its way."""
    checksum = answer.headers.get("x-amz-crc32") if service is DYNAMODB else None
    if checksum is not None and checksum != str(zlib.crc32(answer.body)):
        raise AwsUnreachable(f"{operation}: the answer is damaged")
    try:
        found = orjson.loads(answer.body) if answer.body else {}
    except orjson.JSONDecodeError as broken:
        if answer.status == 200:
            raise AwsUnreachable(f"{operation}: the answer is damaged") from broken
        found = {}
    if not isinstance(found, dict):
        found = {}
    if answer.status == 200:
        return found
    raise AwsRefused(operation, _code(found, answer), answer.status, _reasons(found))


def _reasons(found: Mapping[str, Any]) -> list[str]:
    """Of a transaction that was cancelled: the codes of its items, without those that nothing was wrong with."""
    listed = found.get("CancellationReasons")
    codes = (
        [str(reason.get("Code")) for reason in listed if isinstance(reason, dict)] if isinstance(listed, list) else []
    )
    return [code for code in codes if code != "None"]


def _code(found: Mapping[str, Any], answer: HttpAnswer) -> str:
    """``com.amazonaws.dynamodb.v20120810#ThrottlingException`` without what stands before ``#``; SQS's older names."""
    older = answer.headers.get("x-amzn-query-error", "").partition(";")[0]
    named = older or found.get("__type") or answer.headers.get("x-amzn-errortype") or f"Http{answer.status}"
    return str(named).rpartition("#")[2].partition(":")[0]
