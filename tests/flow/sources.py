"""The sources of a shop, and the consents that they report."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
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
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.phones import phone_reader
from shared.adapters.sms_sns import SnsSender, sns_client
from shared.adapters.sqs import SqsQueue
from shared.domain.consent.unsubscribe_token import UnsubscribeTokens
from shared.domain.events.event import Source
from shared.domain.identity.customer_token import TokenKeys
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.messages.request import Channel
from shared.ports.sender import Sender
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
from tests.flow.aws_tables import TABLES, create_tables
from tests.flow.recorder import START, Recorder, Sent, Time


SOURCES = {
    "web": Source("web", "web", trusted=False),
    "mobile": Source("mobile", "mobile", trusted=False),
    "store": Source("store", "store", trusted=True),
    "server": Source("server", "server", trusted=True),
}


def consent(user: str, *channels: str) -> list[dict[str, Any]]:
    """The customer agrees to marketing on these channels."""
    return [
        {
            "type": "track",
            "event": "Consent Granted",
            "userId": user,
            "messageId": f"consent-{user}-{channel}",
            "properties": {"channel": channel, "purpose": "marketing", "text_version": "1"},
        }
        for channel in channels
    ]
