"""All functions on moto, pumped one event at a time with a clock of our own: no thread, no sleep, no luck."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from moto import mock_aws

from cli.publishing import publish
from functions.admin import api as admin_api
from functions.admin.environment import Environment as AdminEnvironment
from functions.ingest import api
from functions.ingest.environment import Environment as IngestEnvironment
from functions.ingest.service import Intake
from functions.notify import on_queue
from functions.notify.coupons import Coupons
from functions.notify.environment import Environment as NotifyEnvironment
from functions.notify.follow_up import FollowUp
from functions.notify.message_links import MessageLinks
from functions.notify.send_context import SendContextReader
from functions.notify.service import Notifying
from functions.schedule import on_customer
from functions.schedule import on_due as schedule_on_due
from functions.schedule import on_queue as schedule_on_queue
from functions.schedule.campaign_timers import CampaignTimers
from functions.schedule.due_timers import DueTimers
from functions.schedule.enrollment_log import log_begun
from functions.schedule.environment import Environment as ScheduleEnvironment
from functions.schedule.fire_timer import TimerFirer
from functions.schedule.service import Scheduling
from functions.segment import on_due as segment_on_due
from functions.segment import on_events
from functions.segment.environment import Environment as SegmentEnvironment
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.dynamo import DynamoTable
from shared.adapters.email_ses import SesSender, ses_client
from shared.adapters.jmespath_search import search
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.phones import phone_reader
from shared.adapters.sms_sns import SnsSender, sns_client
from shared.adapters.sqs import SqsQueue
from shared.domain.consent.recipient_tokens import RecipientTokens
from shared.domain.conversations.rating_token import RatingTokens
from shared.domain.events.event import Source
from shared.domain.identity.customer_token import TokenKeys
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.message_links.message_link import LinkTokens
from shared.domain.messages.request import Channel
from shared.http.request import Request
from shared.ports.sender import Sender
from shared.stores.audience_entries import AudienceEntries
from shared.stores.campaigns import Campaigns
from shared.stores.connectors import Connectors
from shared.stores.controls import ControlStore
from shared.stores.conversations import Conversations
from shared.stores.coupons import CouponCodes
from shared.stores.customers import CustomerStore
from shared.stores.iys_records import IysRecords
from shared.stores.journey_controls import JourneyControls
from shared.stores.ledger import Ledger
from shared.stores.push_key import PushKey
from shared.stores.releases import Releases
from shared.stores.senders import Senders
from shared.stores.short_links import ShortLinks
from shared.stores.source_counters import SourceCounters
from shared.stores.sources import Sources, add_source
from shared.stores.timers import Timers
from shared.stores.token_issuers import TokenIssuers
from shared.stores.withdrawal_pointers import Pointers
from tests.flow.aws_tables import TABLES, create_tables
from tests.flow.customer_stream import CustomerStream
from tests.flow.recorder import START, Recorder, Sent, Time
from tests.flow.sources import SOURCES
from tests.support.documented import check_documented
from tests.support.moto_wire import boto3_client, is_empty
from tests.support.ready_definitions import ready_bundle
from tests.unit.ingest.world import ListQueue

SECRET = b"s" * 64
CHANNELS: tuple[Channel, ...] = ("email", "sms", "push")
OTHERS = ("work", "failures", "erasures")
"""Queues beside those of the channels."""

REPOSITORY = Path(__file__).parents[2]


class Deployment:
    """What `cdk deploy` makes, on moto. ``send`` is a channel, ``settle`` the streams and queues, ``advance`` time."""

    def __init__(self) -> None:
        self.clock = Time()
        self.chance = random.Random(1)
        self._dynamo = boto3_client("dynamodb")
        self._sqs = boto3_client("sqs")
        create_tables(self._dynamo)
        client = dynamo_client()
        self.tables = {name: DynamoTable(client, name) for name in TABLES}
        self.queue_urls = {name: self._sqs.create_queue(QueueName=name)["QueueUrl"] for name in (*CHANNELS, *OTHERS)}
        client = sqs_client()
        self.queues = {name: SqsQueue(client, url) for name, url in self.queue_urls.items()}
        self.keys = IdentifierKeys(SECRET)
        self.customers = CustomerStore(self.tables["customers"])
        self.timers = Timers(self.tables["timers"])
        self.ledger = Ledger(self.tables["messages"])
        boto3_client("sesv2").create_email_identity(EmailIdentity="shop@example.com")
        self._compose()
        self.stream = CustomerStream(self._dynamo)
        for name, source in SOURCES.items():
            add_source(self.tables["catalog"], name, source, created_at=START)
        add_source(
            self.tables["catalog"], "admin", Source("admin", "admin", trusted=True), kind="admin", created_at=START
        )
        publish(self.tables["catalog"], ready_bundle().release())

    def _compose(self) -> None:
        catalog = self.tables["catalog"]
        releases, controls = Releases(catalog, monotonic=lambda: 0.0), ControlStore(catalog)
        journeys = JourneyControls(catalog, monotonic=itertools.count(0.0, 10.0).__next__)  # asks every time
        tokens = RecipientTokens(SECRET)
        self.ingest = IngestEnvironment(
            clock=self.clock,
            customers=self.tables["customers"],
            messages=self.tables["messages"],
            catalog=catalog,
            metrics=self.tables["metrics"],
            keys=self.keys,
            phone=phone_reader("TR"),
            sources=Sources(catalog, lambda: 0.0),
            issuers=TokenIssuers(catalog, TokenKeys(SECRET), lambda: 0.0, self.clock.now),
            intake=Intake(self.tables["customers"], self.keys, phone_reader("TR"), Pointers(self.tables["metrics"])),
            counters=SourceCounters(self.tables["metrics"], itertools.count(0.0, 20.0).__next__),
            tokens=tokens,
            links=LinkTokens(SECRET),
            senders=Senders(catalog, lambda: 0.0),
            push_key=PushKey(catalog, lambda: 0.0),
            hook_secrets=lambda _: {},
            conversations=ListQueue,
            connectors=Connectors(catalog, lambda: 0.0),
            stock_work=ListQueue,
            search=lambda: search,
            ratings=RatingTokens(SECRET),
            iys_tasks=ListQueue,
        )
        self.admin = AdminEnvironment(
            clock=self.clock,
            customers=self.tables["customers"],
            messages=self.tables["messages"],
            catalog=catalog,
            timers=self.tables["timers"],
            metrics=self.tables["metrics"],
            conversations=Conversations(self.tables["conversations"]),
            keys=self.keys,
            phone=phone_reader("TR"),
            sources=self.ingest.sources,
            erasures=self.queues["erasures"],
            iys=IysRecords(self.tables["iys"]),
            audiences=AudienceEntries(self.tables["audiences"]),
            iys_tasks=ListQueue(),
        )
        self.segment = SegmentEnvironment(
            self.clock,
            self.customers,
            self.timers,
            releases,
            self.keys,
            self.queues["failures"],
            self.tables["metrics"],
        )
        scheduling = Scheduling(self.customers, self.timers, self.ledger, releases, journeys, begun=log_begun)
        channels = {channel: self.queues[channel] for channel in CHANNELS}
        campaigns = Campaigns(catalog)
        walking = CampaignTimers(campaigns, self.customers, releases, self.timers, channels, self.queues["work"])
        firer = TimerFirer(scheduling, self.timers, controls, channels, self.queues["failures"], walking)
        due = DueTimers(self.timers, firer, self.queues["work"])
        self.schedule = ScheduleEnvironment(self.clock, scheduling, self.timers, firer, due, self.queues["failures"])
        real: dict[Channel, Sender | None] = {
            "email": SesSender(ses_client(), sender="shop@example.com", configuration_set=""),
            "sms": SnsSender(sns_client(), sender="KERVAN"),
            "push": None,  # moto has no Pinpoint
        }
        self.recorders = {channel: Recorder(self.clock, channel, real[channel]) for channel in CHANNELS}
        contexts = SendContextReader(
            customers=self.customers,
            releases=releases,
            controls=controls,
            journeys=journeys,
            keys=self.keys,
            phone=phone_reader,
            tokens=tokens,
            public_url="https://api.example.com",
            ledger=self.ledger,
        )
        self.notify = {
            channel: NotifyEnvironment(
                channel,
                self.clock,
                Notifying(
                    ledger=self.ledger,
                    contexts=contexts,
                    follow_up=FollowUp(self.customers, self.timers, channels, self.keys),
                    render=LiquidRenderer(),
                    sender=self.recorders[channel],
                    coupons=Coupons(CouponCodes(self.tables["messages"], self.chance.randrange), self.ledger),
                    links=MessageLinks(
                        LinkTokens(SECRET), ShortLinks(self.tables["messages"]), "https://api.example.com"
                    ),
                ),
                lambda: campaigns,
            )
            for channel in CHANNELS
        }

    def send(self, source: str, *messages: dict[str, Any]) -> dict[str, Any]:
        """A channel posts one batch with its key, as an SDK does."""
        at = self.clock.at.isoformat()
        batch = [{"timestamp": at, "messageId": f"{source}-{at}-{n}", **message} for n, message in enumerate(messages)]
        body = json.dumps({"batch": batch, "sentAt": at, "writeKey": source})
        request = Request("POST", ("v1", "batch"), {"content-type": "application/json"}, {}, body, encoded=False)
        answer = api.route(request, lambda: self.ingest)
        assert answer["statusCode"] == 200, answer
        return cast("dict[str, Any]", json.loads(answer["body"]))

    def read(self, *path: str, **query: str) -> dict[str, Any]:
        """A question with the admin key."""
        return self._operator("GET", path, query=query)[1]

    def switch(self, *path: str, **wanted: Any) -> dict[str, Any]:
        """A switch turned with the admin key."""
        status, said = self._operator("PUT", path, json.dumps(wanted))
        assert status == 200, said
        return said

    def ask(self, *path: str, body: Any) -> dict[str, Any]:
        """A word with the admin key."""
        return self._operator("POST", path, json.dumps(body))[1]

    def _operator(
        self, method: str, path: tuple[str, ...], body: str = "", query: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of an answer, which is as the document says."""
        request = Request(method, ("v1", *path), {"authorization": "Bearer admin"}, query or {}, body, encoded=False)
        answer = admin_api.route(request, lambda: self.admin)
        check_documented(request, answer["statusCode"], answer["body"])
        return answer["statusCode"], json.loads(answer["body"])

    def restart(self) -> None:
        """Every function in a new environment: it knows what was published since."""
        self._compose()

    def settle(self) -> None:
        """Streams to their functions, queues to their workers, until nothing moves."""
        while self._pump_stream() or sum(self._pump_queue(name) for name in ("work", *CHANNELS)):
            continue

    def advance(self, until: datetime) -> None:
        """Through every due moment in order, as `kervan clock advance` does."""
        self.settle()
        while (due := self._next_due()) is not None and due <= until:
            self.clock.at = max(self.clock.at, due)
            self.tick()
            self.settle()
        self.clock.at = until
        self.settle()

    def tick(self) -> None:
        """Both functions of every minute."""
        context = SimpleNamespace(aws_request_id="tick", get_remaining_time_in_millis=lambda: 60_000)
        segment_on_due.respond(context, self.segment)
        schedule_on_due.respond(context, self.schedule)

    @property
    def sent(self) -> list[Sent]:
        """Everything that went out, in order."""
        return sorted((one for kept in self.recorders.values() for one in kept.sent), key=lambda one: one.at)

    def failures(self) -> list[dict[str, Any]]:
        """What was given up, by its key."""
        answer = self._sqs.receive_message(QueueUrl=self.queue_urls["failures"], MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    def poison(self, pk: str, sk: str, **attributes: str) -> None:
        """An item that no function of ours wrote."""
        self.tables["customers"].put({"pk": pk, "sk": sk, **attributes})

    def _next_due(self) -> datetime | None:
        answer = self._dynamo.scan(TableName="timers")["Items"]
        due = [item["sk"]["S"].split("#")[0] for item in answer if item["pk"]["S"] != "lease"]
        return min((datetime.fromisoformat(text) for text in due), default=None)

    def _pump_stream(self) -> bool:
        """One read of each shard, filtered as the mappings are; False if there was nothing."""
        moved = False
        for records in self.stream.read():
            moved = moved or bool(records)
            events = [r for r in records if r["eventName"] == "INSERT" and _sort_key(r).startswith("t#")]
            changes = [r for r in records if r["eventName"] != "REMOVE" and _sort_key(r) == "customer"]
            if events:
                assert on_events.respond({"Records": events}, self.segment) == {"batchItemFailures": []}
            if changes:
                assert on_customer.respond({"Records": changes}, self.schedule) == {"batchItemFailures": []}
        return moved

    def _pump_queue(self, name: str) -> bool:
        if is_empty(name):
            return False
        url = self.queue_urls[name]
        messages = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        if messages:
            records = [{"messageId": message["MessageId"], "body": message["Body"]} for message in messages]
            answer = self._work(name, {"Records": records})
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            for message in messages:
                if message["MessageId"] not in failed:
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bool(messages)

    def _work(self, name: str, event: dict[str, Any]) -> dict[str, Any]:
        """What the function on a queue does with a batch."""
        if name == "work":
            context = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
            return schedule_on_queue.respond(event, context, lambda: self.schedule)
        return on_queue.work(event, lambda: self.notify[cast("Channel", name)])


@contextmanager
def deployed() -> Iterator[Deployment]:
    """A deployment on a moto of its own."""
    with mock_aws():
        yield Deployment()


def local(hours: float) -> datetime:
    """So many hours after Monday 10:00 in Istanbul."""
    return START + timedelta(hours=hours)


def _sort_key(record: Any) -> str:
    return str(record["dynamodb"]["Keys"]["sk"]["S"])
