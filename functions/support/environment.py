"""What lives as long as the Lambda environment: the tables, the keys, the queues of channels."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from functions.support.ask_satisfaction import AskSatisfaction
from functions.support.auto_answers import AutoAnswers
from functions.support.erased_people import ErasedPeople
from functions.support.outcomes import Outcomes
from functions.support.receiving import Receiving
from functions.support.removals import Removals
from functions.support.settings import Settings
from functions.support.team_warnings import TeamWarnings
from functions.support.tell_due import TellDue
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import SystemClock, clock_for
from shared.adapters.conflict_pause import pause
from shared.adapters.dynamo import DynamoTable
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.phones import shop_phone_reader
from shared.adapters.s3_links import s3_links
from shared.adapters.s3_objects import s3_objects
from shared.adapters.secret import read_secret
from shared.adapters.sqs import SqsQueue
from shared.domain.conversations.chat_token import ChatTokens
from shared.domain.conversations.message import Message
from shared.domain.conversations.rating_token import RatingTokens
from shared.domain.identity.customer_token import TokenKeys
from shared.domain.identity.identifiers import PhoneReader
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.service.rules import ServiceRules
from shared.domain.templates.content import Render
from shared.operators.agent_actions import AgentActions
from shared.operators.answer_requests import hand_over_by, sent_by
from shared.operators.service_levels import ServiceLevels
from shared.ports import Clock
from shared.ports.file_links import FileLinks
from shared.ports.objects import Objects
from shared.ports.team_mail import TeamMailer
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.erasures import Erasures
from shared.stores.own_answer_limits import OwnAnswerLimits
from shared.stores.service_rules import PublishedServiceRules
from shared.stores.shop_answers import shop_region
from shared.stores.sources import Sources
from shared.stores.timers import Timers
from shared.stores.token_issuers import TokenIssuers

if TYPE_CHECKING:
    from functions.support.mail_intake import MailIntake
    from functions.support.media_intake import MediaIntake


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that the functions of support are composed of."""

    clock: Clock
    conversations: Conversations
    timers: Timers
    sources: Sources
    keys: IdentifierKeys
    phone: PhoneReader
    receiving: Receiving
    agents: AgentActions
    outcomes: Outcomes
    hand_over: Callable[[Message], None]
    mails: Callable[[], MailIntake]
    """Takes mails; made with the first."""
    files: Callable[[], Objects]
    """The bucket of files; made with the first."""
    media: Callable[[], MediaIntake]
    """Fetches files that lie with a channel; made with the first."""
    bucket: str
    """Of mails and files."""
    chat_tokens: ChatTokens
    issuers: TokenIssuers
    """Read the tokens that a shop's server signs for its visitors."""
    links: Callable[[], FileLinks]
    """Makes links to files; made with the first."""
    render: Render
    satisfaction: AskSatisfaction
    warnings: TeamWarnings
    tell_due: TellDue
    removals: Removals


@cache
def environment() -> Environment:
    """Made with the first request and kept; if it cannot be made, the next request tries again."""
    settings = Settings.read(os.environ)
    client, queue_client = dynamo_client(), sqs_client()
    secret = read_secret(settings.secret)
    keys = IdentifierKeys(secret)
    catalog = DynamoTable(client, settings.catalog)
    conversations = Conversations(DynamoTable(client, settings.conversations))
    customers = CustomerStore(DynamoTable(client, settings.customers))
    timers = Timers(DynamoTable(client, settings.timers))
    queues = {channel: SqsQueue(queue_client, url) for channel, url in settings.queues.items()}

    hand_over = hand_over_by(queues, keys)
    sends = sent_by(queues, settings.social)
    rules = PublishedServiceRules(catalog, time.monotonic)
    levels = ServiceLevels(rules, timers)
    render = LiquidRenderer()
    limits = OwnAnswerLimits(conversations.table)
    away = AutoAnswers(conversations, timers, rules, hand_over, sends, render, pause, limits)
    erased = ErasedPeople(DynamoTable(client, settings.customers), Erasures(catalog).get)
    receiving = Receiving(conversations, customers, keys, pause, levels, erased, away)
    files = cache(lambda: s3_objects(settings.files))
    agents = AgentActions(conversations, customers, timers, keys, hand_over, sends, pause, levels)
    tokens = RatingTokens(secret)
    return Environment(
        clock=clock_for(settings.clock),
        conversations=conversations,
        timers=timers,
        sources=Sources(catalog, time.monotonic),
        keys=keys,
        phone=shop_phone_reader(shop_region(catalog, time.monotonic)),
        receiving=receiving,
        agents=agents,
        outcomes=Outcomes(conversations, pause, levels),
        hand_over=hand_over,
        mails=cache(lambda: _mails(settings, conversations, receiving, keys)),
        files=files,
        removals=Removals(conversations, files),
        media=cache(lambda: _media(settings, conversations)),
        bucket=settings.files,
        chat_tokens=ChatTokens(secret),
        issuers=TokenIssuers(catalog, TokenKeys(secret), time.monotonic, SystemClock().now),
        links=cache(lambda: s3_links(settings.files)),
        render=render,
        satisfaction=AskSatisfaction(conversations, agents, timers, tokens, lambda: settings.public_url),
        warnings=TeamWarnings(conversations, rules, cache(lambda: _team_mailer(settings, rules)), settings.public_url),
        tell_due=TellDue(conversations, SqsQueue(queue_client, settings.due_hook) if settings.due_hook else None),
    )


def _team_mailer(settings: Settings, rules: Callable[[], ServiceRules]) -> TeamMailer | None:
    if not settings.sender_email:
        return None
    from shared.adapters.email_ses import ses_client
    from shared.adapters.team_mail_ses import SesTeamMailer

    name = str(rules().shop.get("name", ""))
    return SesTeamMailer(
        ses_client(), sender=settings.sender_email, configuration_set=settings.configuration_set, name=name
    )


def _mails(settings: Settings, conversations: Conversations, receiving: Receiving, keys: IdentifierKeys) -> MailIntake:
    from functions.support.mail_intake import MailIntake
    from shared.adapters.html_text import text_of_html

    objects = s3_objects(settings.files)
    return MailIntake(objects, conversations, receiving, keys, text_of_html, settings.own_addresses)


def _media(settings: Settings, conversations: Conversations) -> MediaIntake:
    from functions.support.media_intake import MediaIntake
    from shared.adapters.graph_media import GraphMedia
    from shared.adapters.guarded_https import GuardedHttps
    from shared.adapters.loopback_http import LoopbackHttp
    from shared.adapters.secret import SecretValues
    from shared.adapters.social_graph import GRAPH
    from shared.domain.conversations.files import LARGEST

    def secrets() -> Mapping[str, str]:
        return SecretValues.of(settings.sender_secrets).below("meta")

    https = LoopbackHttp() if settings.graph_url else GuardedHttps(most_bytes=LARGEST + 1)
    media = GraphMedia(https, secrets=secrets, base=settings.graph_url or GRAPH)
    return MediaIntake(s3_objects(settings.files), conversations, media, pause)
