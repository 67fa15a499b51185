"""The clock of every function, and a sender that keeps what went out."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
import boto3
from moto import mock_aws
from cli.definitions_files import check_folder
from cli.publishing import publish
from functions.ingest import api
from functions.ingest.environment import Environment as IngestEnvironment
from functions.ingest.request import Request
from functions.ingest.service import Intake
from functions.notify import on_queue
from functions.notify.coupons import Coupons
from functions.notify.environment import Environment as NotifyEnvironment
from functions.notify.follow_up import FollowUp
from functions.notify.send_context import SendContextReader
from functions.notify.service import Notifying
from functions.schedule import on_customer
from functions.schedule import on_due as schedule_on_due
from functions.schedule import on_queue as schedule_on_queue
from functions.schedule.campaign_timers import CampaignTimers
from functions.schedule.due_timers import Tick
from functions.schedule.environment import Environment as ScheduleEnvironment
from functions.schedule.fire_timer import Firing
from functions.schedule.service import Scheduling
from functions.segment import on_due as segment_on_due
from functions.segment import on_events
from functions.segment.environment import Environment as SegmentEnvironment
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.dynamo import DynamoTable
from shared.adapters.email_ses import SesSender, ses_client
from shared.adapters.indexes import KEYS as INDEXES
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.phones import phone_reader
from shared.adapters.sms_sns import SnsSender, sns_client
from shared.adapters.sqs import SqsQueue
from shared.domain.consent.unsubscribe_token import UnsubscribeTokens
from shared.domain.events.event import Source
from shared.domain.identity.customer_token import TokenKeys
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.messages.request import Channel
from shared.ports.sender import Accepted, Answer, Outgoing, Sender
from shared.stores.campaigns import Campaigns
from shared.stores.controls import ControlStore
from shared.stores.coupons import CouponCodes
from shared.stores.customers import CustomerStore
from shared.stores.journey_controls import JourneyControls
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases
from shared.stores.source_counters import SourceCounters
from shared.stores.sources import Sources, add_source
from shared.stores.timers import Timers
from shared.stores.token_issuers import TokenIssuers


START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""A Monday, 10:00 in Istanbul."""


@dataclass
class Time:
    """The clock of every function."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at


@dataclass
class Sent:
    """One delivered message."""

    at: datetime
    channel: str
    to: str
    step: str
    title: str


@dataclass
class Recorder:
    """Passes on to the real adapter (if moto has the service) and keeps what went out."""

    clock: Time
    channel: Channel
    inner: Sender | None
    sent: list[Sent] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> Answer:
        answer = self.inner.send(outgoing) if self.inner else Accepted(f"push-{len(self.sent)}")
        content: Any = outgoing.content
        title = str(getattr(content, "subject", "") or getattr(content, "title", "") or getattr(content, "text", ""))
        to = outgoing.address.to or outgoing.address.tokens[0].token
        self.sent.append(Sent(self.clock.at, self.channel, to, outgoing.tags.get("step", ""), title))
        return answer
