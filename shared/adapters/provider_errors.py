"""What a provider's error means for the message: decided by its code, never by its text.

A request that never left, or an answer that says no, is definite. Everything else after the request left is ambiguous:
a 5xx or a lost connection may hide a yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
    TokenRetrievalError,
)

from shared.domain.messages.message import Reason
from shared.ports.sender import Accepted, Ambiguous, Answer, Postponed, Refused, Unreachable

READ_TIMEOUT = 8
"""Seconds; well below the function's 30, so that an answer is recorded before the function ends."""

_THROTTLES = frozenset(
    {
        "BandwidthLimitExceeded", "KMSThrottling", "LimitExceededException", "PriorRequestNotComplete",
        "RequestLimitExceeded", "RequestThrottled", "RequestTimeout", "RequestTimeoutException", "SlowDown",
        "Throttled", "ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException",
    }
)  # fmt: skip

_CLOSED = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "AccountSuspendedException", "AuthorizationError",
        "AuthorizationErrorException", "ConfigurationSetDoesNotExistException", "ConflictException", "ExpiredToken",
        "ExpiredTokenException", "ForbiddenException", "IncompleteSignature", "InvalidClientTokenId",
        "InvalidSecurity", "InvalidSignatureException", "KMSAccessDenied", "KMSDisabled", "KMSInvalidState",
        "KMSNotFound", "KMSOptInRequired", "MailFromDomainNotVerifiedException", "MethodNotAllowedException",
        "NotFound", "NotFoundException", "OptInRequired", "RequestExpired", "RequestTimeTooSkewed",
        "ResourceNotFoundException", "SendingPausedException", "ServiceQuotaExceededException",
        "SignatureDoesNotMatch", "UnrecognizedClientException",
    }
)  # fmt: skip
"""Ours to repair: the message waits in the queue, then in the dead-letter queue, and can go out afterwards."""

_UNREACHABLE = frozenset({"OptedOut", "OptedOutException"})

_NEVER_LEFT = (
    ConnectTimeoutError, CredentialRetrievalError, EndpointConnectionError, NoCredentialsError, NoRegionError,
    PartialCredentialsError, ProxyConnectionError, TokenRetrievalError,
)  # fmt: skip


def one_attempt() -> Config:
    """A client that sends makes one attempt: botocore's own retries would send twice (facts: botocore)."""
    return Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=READ_TIMEOUT)


def of_code(response: object) -> Answer:
    """From the error response of an AWS service."""
    error = response.get("Error", {}) if isinstance(response, dict) else {}
    metadata = response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
    code, status = str(error.get("Code", "")), metadata.get("HTTPStatusCode", 500)
    if code in _THROTTLES or status == 429:
        return Postponed("throttled")
    if code in _CLOSED or status in {401, 403}:
        return Postponed(f"provider_{snake(code)}")
    if code in _UNREACHABLE:
        return Unreachable(Reason.OPTED_OUT)
    if 400 <= status < 500:
        return Refused(f"provider_{snake(code)}")
    return Ambiguous(f"provider_{snake(code)}")


def answer_of(call: Callable[[], str], of_refusal: Callable[[Any], Answer] = of_code) -> Answer:
    """Make the one call, and say what became of the message; raises nothing.

    Parameters
    ----------
    call
        Calls the provider, and returns the provider's id of the message.
    of_refusal
        Reads the error response of a service that tells more than a code.
    """
    try:
        return Accepted(call())
    except ClientError as error:
        return of_refusal(error.response)
    except (ParamValidationError, UnicodeEncodeError):  # half a surrogate pair has no bytes to send
        return Refused("provider_invalid_message")
    except _NEVER_LEFT as error:
        return Postponed(f"provider_{snake(type(error).__name__)}")
    except Exception as error:  # noqa: BLE001  whatever it was, the request may have left before it
        return Ambiguous(f"provider_{snake(type(error).__name__)}")


def snake(name: str) -> str:
    """``MessageRejected`` as ``message_rejected``; at most 60 characters."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", re.sub(r"[^A-Za-z0-9]+", "_", name)).lower().strip("_")
    return re.sub(r"_(exception|error)$", "", words)[:60] or "error"
