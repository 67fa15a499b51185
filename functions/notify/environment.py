"""What lives as long as the Lambda environment of one channel: tables, queues, the sender, and the service."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from functions.notify.counting_gates import CountingGates
from functions.notify.coupons import Coupons
from functions.notify.follow_up import FollowUp
from functions.notify.message_links import MessageLinks
from functions.notify.provider_gate import ProviderGate
from functions.notify.seldom_services import (
    answering_of,
    answering_off,
    campaigns_of,
    rights_mails_of,
    rights_mails_off,
)
from functions.notify.send_context import SendContextReader
from functions.notify.service import Notifying
from functions.notify.settings import Settings
from functions.notify.warm_up_gate import WarmUpGate
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import clock_for, elapsed_for
from shared.adapters.counters import count
from shared.adapters.dynamo import DynamoTable
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.phones import phone_reader
from shared.adapters.secret import read_secret
from shared.adapters.sqs import SqsQueue
from shared.domain.consent.recipient_tokens import RecipientTokens
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.message_links.message_link import LinkTokens
from shared.domain.messages.request import Worker
from shared.ports import Clock, Table
from shared.ports.sender import Sender
from shared.queries.stock_of_now import ASK_AGAIN_SECONDS, SOON_SECONDS, StockReader
from shared.stores.allowances import Allowances, Waiting
from shared.stores.breakers import Breakers
from shared.stores.companions import CompanionStore
from shared.stores.controls import SENDING_SECONDS, ControlStore
from shared.stores.coupons import CouponCodes
from shared.stores.customers import CustomerStore
from shared.stores.iys_records import IysRecords
from shared.stores.journey_controls import JourneyControls
from shared.stores.kept_products import KeptProducts, ProductsIfAny
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases
from shared.stores.reputation import beside_switches
from shared.stores.short_links import ShortLinks
from shared.stores.timers import Timers

if TYPE_CHECKING:
    from functions.notify.answering import Answering
    from functions.notify.rights_mails import RightsMails
    from shared.adapters.push_devices import SendTo
    from shared.stores.campaigns import Campaigns


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Environment:
    """Everything that the worker of one channel needs. ``campaigns`` gives what counts outcomes; it is None in the dry
    run."""

    channel: Worker
    clock: Clock
    notifying: Notifying
    campaigns: Callable[[], Campaigns] | None = None
    answering: Callable[[], Answering] = answering_off
    """Sends what agents answer; made with the first answer."""
    rights: Callable[[], RightsMails] = rights_mails_off
    """Sends links and codes to who asks for his rights; made with the first one."""


@cache
def environment() -> Environment:
    """Made with the first batch and kept; if it cannot be made, the next batch tries again."""
    settings = Settings.read(os.environ)
    tables = dynamo_client()
    queue_client = sqs_client()
    secret = read_secret(settings.secret)
    keys = IdentifierKeys(secret)
    catalog = DynamoTable(tables, settings.catalog)
    customers = CustomerStore(DynamoTable(tables, settings.customers))
    queues = {channel: SqsQueue(queue_client, url) for channel, url in settings.queues.items()}
    messages = DynamoTable(tables, settings.messages)
    ledger = Ledger(messages)
    channel, elapsed = settings.channel, elapsed_for(settings.clock)
    controls = ControlStore(catalog, believed_for=SENDING_SECONDS, monotonic=elapsed, also=beside_switches(channel))
    again = SOON_SECONDS if settings.stage == "local" else ASK_AGAIN_SECONDS
    contexts = SendContextReader(
        customers=customers,
        releases=Releases(catalog),
        controls=controls,
        journeys=JourneyControls(catalog, monotonic=elapsed),
        keys=keys,
        phone=phone_reader,
        tokens=RecipientTokens(secret),
        public_url=settings.public_url,
        ledger=ledger,
        companions=CompanionStore(catalog),
        products=KeptProducts(
            ProductsIfAny(DynamoTable(tables, settings.products), time.monotonic, again), time.monotonic
        ),
        stock=StockReader(DynamoTable(tables, settings.stock), time.monotonic, again),
        iys=IysRecords(DynamoTable(tables, settings.iys)),
    )
    sender = sender_for(settings)
    provider = ProviderGate(
        Breakers(catalog, channel, controls),
        opened=lambda _cause: count({"provider_opened": 1}, channel=channel),
    )
    follow_up = FollowUp(customers, Timers(DynamoTable(tables, settings.timers)), queues, keys)
    notifying = Notifying(
        ledger=ledger,
        contexts=contexts,
        follow_up=follow_up,
        render=LiquidRenderer(),
        sender=sender,
        coupons=Coupons(CouponCodes(messages, secrets.randbelow), ledger),
        links=MessageLinks(LinkTokens(secret), ShortLinks(messages), settings.public_url),
        provider=provider,
        counting_gates=counting_gates_for(settings, catalog, controls),
    )
    return Environment(
        channel=settings.channel,
        clock=clock_for(settings.clock),
        campaigns=campaigns_of(catalog),
        notifying=notifying,
        rights=rights_mails_of(settings, notifying, provider, secret),
        answering=answering_of(settings, notifying, provider),
    )


def counting_gates_for(settings: Settings, catalog: Table, controls: ControlStore) -> CountingGates:
    """The volumes of a new sender; for e-mail by SES its quota too."""
    channel = settings.channel
    warm_up = WarmUpGate(Allowances(catalog, channel), Waiting(catalog, channel))
    if channel != "email" or not (settings.sending and settings.sender_email):
        return CountingGates((warm_up,))
    from functions.notify.quota_gate import QuotaGate
    from shared.adapters.ses_account import SesAccount
    from shared.stores.sending_quota import SendingQuotas

    quotas = SendingQuotas(catalog, controls)
    return CountingGates(
        (warm_up, QuotaGate(quotas, SesAccount(), Allowances(catalog, channel), Waiting(catalog, channel)))
    )


def sender_for(settings: Settings) -> Sender | None:
    """The sender of this channel; None if sending is off, or no sender is configured for it."""
    if not settings.sending:
        return None
    made: Callable[[Settings], Sender | None] = {
        "email": _email, "sms": _sms, "push": _push, "social": _social,
    }[settings.channel]  # fmt: skip
    return made(settings)


def _email(settings: Settings) -> Sender | None:
    if not settings.sender_email:
        return None
    from shared.adapters.email_ses import SesSender, ses_client

    return SesSender(
        ses_client(),
        sender=settings.sender_email,
        configuration_set=settings.configuration_set,
        reply_to=settings.reply_to,
    )


def _sms(settings: Settings) -> Sender | None:
    if not settings.sender_sms:
        return None
    if settings.sms == "end_user_messaging":
        from shared.adapters.sms_end_user_messaging import EndUserMessagingSender, end_user_messaging_client

        return EndUserMessagingSender(
            end_user_messaging_client(),
            sender=settings.sender_sms,
            configuration_set=settings.configuration_set,
            max_price=settings.sms_max_price,
        )
    if settings.sms == "gateway":
        return _gateway(settings)
    from shared.adapters.sms_sns import SnsSender, sns_client

    return SnsSender(sns_client(), sender=settings.sender_sms)


def _gateway(settings: Settings) -> Sender:
    from shared.adapters.guarded_https import GuardedHttps
    from shared.adapters.secret import SecretValues
    from shared.adapters.sms_gateway import GatewaySender
    from shared.stores.senders import ProviderIds, Senders

    tables, name = dynamo_client(), settings.sender_sms
    senders = Senders(DynamoTable(tables, settings.catalog), time.monotonic)
    ids = ProviderIds(DynamoTable(tables, settings.messages))
    clock = clock_for("")
    return GatewaySender(
        GuardedHttps(),
        definition=lambda: senders.gateway(name),
        secrets=lambda: SecretValues.of(settings.sender_secrets).below(name),
        now=clock.now,
        accepted=lambda provider_id, message_id: ids.note(name, provider_id, message_id, clock.now()),
    )


def _push(settings: Settings) -> Sender | None:
    """Apps by Pinpoint, browsers by web push; a kind of device without a sender is passed over."""
    from shared.adapters.push_devices import DevicesSender

    by_platform: dict[str, SendTo] = {}
    if settings.pinpoint_app:
        from shared.adapters.push_pinpoint import PinpointSender, pinpoint_client

        pinpoint = PinpointSender(pinpoint_client(), application=settings.pinpoint_app)
        by_platform |= {"android": pinpoint.send_to, "ios": pinpoint.send_to}
        if settings.stage == "local":  # the outbox shows what browsers would get; no push service is called
            by_platform["web"] = pinpoint.send_to
    if settings.web_push and settings.stage != "local":
        by_platform["web"] = _web_push(settings)
    return DevicesSender(by_platform) if by_platform else None


def _social(settings: Settings) -> Sender:
    """A channel that is not connected is refused before it comes here."""
    from shared.adapters.guarded_https import GuardedHttps
    from shared.adapters.loopback_http import LoopbackHttp
    from shared.adapters.secret import SecretValues
    from shared.adapters.social_graph import GRAPH, GraphSender

    def secrets() -> Mapping[str, str]:
        return SecretValues.of(settings.sender_secrets).below("meta")

    if settings.graph_url:
        return GraphSender(LoopbackHttp(), secrets=secrets, base=settings.graph_url)
    return GraphSender(GuardedHttps(), secrets=secrets, base=GRAPH)


def _web_push(settings: Settings) -> SendTo:
    from shared.adapters.guarded_https import GuardedHttps
    from shared.adapters.push_web import WebPush
    from shared.adapters.secret import SecretValues

    return WebPush(
        GuardedHttps(),
        secrets=lambda: SecretValues.of(settings.sender_secrets).below("webpush"),
        now=clock_for("").now,
    ).send_to
