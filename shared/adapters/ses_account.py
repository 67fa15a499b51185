"""What SES permits the account, by ``GetAccount``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config

from shared.adapters.aws import aws_client
from shared.domain.messages.sending_quota import SendingQuota

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

UNLIMITED = -1


def account_client() -> SESV2Client:
    """A message waits for the answer, so nothing waits long and nothing is tried twice."""
    once = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=1, read_timeout=2)
    return cast("SESV2Client", aws_client("sesv2", once))


class SesAccount:
    """Asks SES. The client is made with the first question."""

    def __init__(self, client: SESV2Client | None = None) -> None:
        self._client = client

    def __call__(self, now: datetime) -> SendingQuota:
        """One request. Raises botocore's errors, and ValueError for an answer that is none."""
        self._client = self._client or account_client()
        return quota_of(cast("Mapping[str, Any]", self._client.get_account()), now)


def quota_of(answer: Mapping[str, Any], now: datetime) -> SendingQuota:
    """
    >>> quota_of({"SendQuota": {"Max24HourSend": -1.0, "MaxSendRate": 0.5}}, datetime(2026, 11, 30)).per_second
    1

    Raises
    ------
    ValueError
        If the answer says nothing of a quota.
    """
    said = answer.get("SendQuota") or {}
    try:
        most, rate = float(said["Max24HourSend"]), float(said["MaxSendRate"])
        sent = float(said.get("SentLast24Hours", 0))
    except (KeyError, TypeError, ValueError) as broken:
        raise ValueError("SES says nothing of a quota") from broken
    return SendingQuota(
        at=now,
        per_day=None if most == UNLIMITED else max(0, int(most)),
        per_second=max(1, int(rate)),
        sent=max(0, int(sent)),
        production=bool(answer.get("ProductionAccessEnabled", True)),
        enabled=bool(answer.get("SendingEnabled", True)),
    )
