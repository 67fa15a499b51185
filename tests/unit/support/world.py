"""A pool of conversations in memory, with identifiers that are linked and released by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from functions.admin.document import conversation_paths
from functions.support import api
from functions.support.ask_satisfaction import AskSatisfaction
from functions.support.auto_answers import AutoAnswers
from functions.support.environment import Environment
from functions.support.erased_people import ErasedPeople
from functions.support.mail_intake import MailIntake
from functions.support.media_intake import MediaIntake
from functions.support.on_due import respond as on_due
from functions.support.on_mail import work as on_mail
from functions.support.on_queue import work as on_queue
from functions.support.outcomes import Outcomes
from functions.support.receiving import Receiving
from functions.support.removals import Removals
from functions.support.team_warnings import TeamWarnings
from functions.support.tell_due import TellDue
from shared.adapters.html_text import text_of_html
from shared.adapters.indexes import INDEXES
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.conversations.answer import Draft, seen_mark
from shared.domain.conversations.chat_token import ChatTokens
from shared.domain.conversations.conversation import Channel, Conversation
from shared.domain.conversations.message import Inbound, Message
from shared.domain.conversations.rating_token import RatingTokens
from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.identity.claims import Claim
from shared.domain.identity.customer_token import TokenKeys
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import IdentifierKeys, milliseconds
from shared.domain.messages.address import token_key
from shared.domain.service.rules import NO_RULES
from shared.http.answers import Problem
from shared.http.request import read_request
from shared.operators.agent_actions import AgentActions
from shared.operators.service_levels import ServiceLevels
from shared.ports import Table
from shared.ports.media import MediaLater, NotTaken
from shared.ports.sender import Accepted, Answer
from shared.ports.team_mail import TeamMail
from shared.queries.token_holders import note_holders
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore, Hint, StoredFacts
from shared.stores.erasures import Erasures
from shared.stores.event_items import read_event
from shared.stores.own_answer_limits import OwnAnswerLimits
from shared.stores.sources import Sources, add_source
from shared.stores.timers import Timers
from shared.stores.token_issuers import TokenIssuers
from tests.support.memory_objects import MemoryObjects
from tests.unit.ingest.world import ADMIN_KEY, NOW, READER, STORE, STORE_KEY, WEB, WEB_KEY, ListQueue, StoppedClock

EMAIL, INSTAGRAM, PHONE = "email:ayse@example.com", "external:instagram/777", "phone:+905321112233"
_CHANNELS: dict[str, Channel] = {
    "email": "email",
    "phone": "sms",
    "external": "instagram",
    "user": "chat",
    "anonymous": "chat",
}
MAILS = Path(__file__).parents[2] / "payloads" / "mail"
BUCKET = "kervan-files"
SECRET = b"s" * 64
KEYS = IdentifierKeys(SECRET)


class Invoked:
    """An invocation with a minute left."""

    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Links:
    """Says what it would sign."""

    def link(self, place: str, **how: Any) -> str:
        return f"https://files.example/{place}?{json.dumps(how, sort_keys=True)}"


class Team:
    """Takes mails of the shop to its teams."""

    def __init__(self) -> None:
        self.mails: list[tuple[tuple[str, ...], TeamMail]] = []
        self.answers: list[Answer] = []

    def mail(self, to: Sequence[str], mail: TeamMail) -> Answer:
        self.mails.append((tuple(to), mail))
        return self.answers.pop(0) if self.answers else Accepted("ses-1")


class GivenMedia:
    """Files of a channel by their source; what is not there comes later."""

    def __init__(self) -> None:
        self.held: dict[str, bytes | NotTaken] = {}
        self.asked: list[tuple[str, str]] = []

    def fetch(self, channel: str, source: str) -> bytes | NotTaken:
        self.asked.append((channel, source))
        if source not in self.held:
            raise MediaLater("status_500")
        return self.held[source]


def check(method: str, path: str, status: int, text: str) -> None:
    """Fails if an answer is not in the document."""
    if status >= 400:
        _reader(conversation_paths.ConversationError).validate_json(text)
        return
    parts = path.split("/")
    for one in conversation_paths.OPERATIONS:
        written = one.path.split("/")
        if one.method != method.lower() or len(written) != len(parts):
            continue
        if all(mine == theirs or mine.startswith("{") for mine, theirs in zip(written, parts, strict=True)):
            _reader(one.answers[0]).validate_json(text, strict=True)
            return
    assert not text, f"{method} {path} is not in the document"


@cache
def _reader(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


class Support:
    """``wrap`` stands between the functions and their tables: a test may crash them there."""

    def __init__(self, wrap: Any = lambda table: table) -> None:
        self.clock = StoppedClock(NOW)
        self.ip = "192.0.2.1"
        self.table = MemoryTable(indexes=INDEXES["conversations"])
        self.customers_table = MemoryTable(indexes=INDEXES["customers"])
        self.timers_table = MemoryTable()
        self.handed: list[Message] = []
        conversations, customers = self.stores(wrap)
        self.rules = NO_RULES
        self.levels = ServiceLevels(lambda: self.rules, Timers(wrap(self.timers_table)))
        self.away = AutoAnswers(
            conversations,
            Timers(wrap(self.timers_table)),
            lambda: self.rules,
            self.handed.append,
            ("email", "sms", "instagram", "whatsapp", "push"),
            LiquidRenderer(),
            lambda _attempt: None,
            OwnAnswerLimits(conversations.table),
        )
        self.catalog = MemoryTable()
        self.erased = ErasedPeople(wrap(self.customers_table), Erasures(self.catalog).get)
        self.receiving = Receiving(
            conversations, customers, KEYS, lambda _attempt: None, self.levels, self.erased, self.away
        )
        self.agents = AgentActions(
            conversations,
            customers,
            Timers(wrap(self.timers_table)),
            KEYS,
            self.handed.append,
            ("email", "sms", "instagram", "whatsapp", "push"),
            lambda _attempt: None,
            self.levels,
        )
        self.conversations, self.customers = self.stores(lambda table: table)
        self.bucket = MemoryObjects()
        self.links = Links()
        self.team = Team()
        self.due_hook = ListQueue()
        self.media = GivenMedia()
        self.media_intake = MediaIntake(wrap(self.bucket), conversations, self.media, lambda _attempt: None)
        self.mails = MailIntake(
            wrap(self.bucket), conversations, self.receiving, KEYS, text_of_html, {"support@kervan.example"}
        )
        for key, source in ((WEB_KEY, WEB), (STORE_KEY, STORE)):
            add_source(self.catalog, key, source, created_at=NOW)
        add_source(self.catalog, ADMIN_KEY, READER, kind="admin", created_at=NOW)
        self.environment = Environment(
            clock=self.clock,
            conversations=conversations,
            timers=Timers(self.timers_table),
            sources=Sources(self.catalog, lambda: self.clock.time.timestamp()),
            keys=KEYS,
            phone=phone_reader("TR"),
            receiving=self.receiving,
            agents=self.agents,
            outcomes=Outcomes(conversations, lambda _attempt: None, self.levels),
            hand_over=self.handed.append,
            mails=lambda: self.mails,
            files=lambda: wrap(self.bucket),
            media=lambda: self.media_intake,
            bucket=BUCKET,
            chat_tokens=ChatTokens(SECRET),
            issuers=TokenIssuers(self.catalog, TokenKeys(SECRET), lambda: 0.0, self.clock.now),
            links=lambda: self.links,
            render=LiquidRenderer(),
            satisfaction=AskSatisfaction(
                conversations,
                self.agents,
                Timers(wrap(self.timers_table)),
                RatingTokens(SECRET),
                lambda: "https://api.example",
            ),
            warnings=TeamWarnings(conversations, lambda: self.rules, lambda: self.team, "https://api.example"),
            tell_due=TellDue(conversations, self.due_hook),
            removals=Removals(conversations, lambda: wrap(self.bucket)),
        )

    def ask(
        self, method: str, path: str, body: Any = None, key: str = ADMIN_KEY, query: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """The status and the JSON of an answer, which must be in the document."""
        event = {
            "rawPath": path,
            "headers": {"authorization": f"Bearer {key}"} if key else {},
            "queryStringParameters": query or {},
            "requestContext": {"http": {"method": method, "sourceIp": self.ip}},
            "body": body if isinstance(body, str) or body is None else json.dumps(body),
        }
        try:
            answer = api.route(read_request(event), lambda: self.environment)
        except Problem as problem:
            answer = problem.answer()
        check(method, path, answer["statusCode"], answer["body"])
        return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None

    def tick(self, **span: float) -> dict[str, int]:
        """Moves the clock and lets the function of the minute work."""
        self.later(**span)
        return on_due(Invoked(), self.environment)

    def work(self, *bodies: str) -> list[dict[str, str]]:
        """What of the queue's messages is offered again."""
        records = [{"messageId": str(place), "body": body} for place, body in enumerate(bodies)]
        return on_queue({"Records": records}, lambda: self.environment)["batchItemFailures"]

    def mail(self, raw: bytes, name: str = "m1", **verdicts: str) -> list[dict[str, str]]:
        """SES puts a mail into the bucket and tells of it; what of that is offered again."""
        self.bucket.kept[f"mail/{name}"] = raw
        return self.told_of_mail(name, **verdicts)

    def told_of_mail(self, name: str, **verdicts: str) -> list[dict[str, str]]:
        said = json.loads((MAILS / "received.json").read_text())
        said["receipt"]["action"]["objectKey"] = f"mail/{name}"
        said["receipt"] |= {f"{verdict}Verdict": {"status": word} for verdict, word in verdicts.items()}
        record = {"messageId": name, "body": json.dumps(said)}
        return on_mail({"Records": [record]}, lambda: self.environment)["batchItemFailures"]

    def stores(self, wrap: Any) -> tuple[Conversations, CustomerStore]:
        def wrapped(table: Table) -> Table:
            found: Table = wrap(table)
            return found

        return Conversations(wrapped(self.table)), CustomerStore(wrapped(self.customers_table))

    def later(self, **span: float) -> datetime:
        """Moves the clock."""
        self.clock.time += timedelta(**span)
        return self.clock.time

    def device(self, who: str, token: str, platform: str = "android") -> None:
        """As segmentation does when an event of the customer names the device that he uses."""
        key = KEYS(parse_identifier(who))
        held = self.customers.control(key).facts
        facts = held.facts.copy() if held else Facts(name=who)
        facts.tokens.put(token, (milliseconds(self.clock.time), "e", platform))
        note_holders(self.customers, key, held.facts if held else None, facts, lambda one: token_key(one, KEYS))
        version = held.version if held else 0
        self.customers.put_facts(key, StoredFacts(facts, version + 1, 1), previous=version)

    def link(self, child: str, owner: str) -> None:
        """As segmentation does when a trusted source says that ``child`` belongs to ``owner``."""
        self._claim(child, owner, "link")

    def release(self, child: str, owner: str) -> None:
        self._claim(child, owner, "release")

    def _claim(self, child: str, owner: str, verdict: Any) -> None:
        child_key, owner_key = KEYS(parse_identifier(child)), KEYS(parse_identifier(owner))
        control = self.customers.control(child_key)
        stamp = milliseconds(self.clock.time)
        claim = control.claim or Claim(child)
        claim.verdicts[owner_key] = (stamp, "e", verdict)
        self.customers.put_claim(child_key, claim, previous=control.claim_version, moving=None)
        self.customers.put_owns(owner_key, child_key, Hint(stamp, f"{control.claim_version}"))
        above = self.customers.control(owner_key)
        if above.claim is None:  # so that its plain form is known
            self.customers.put_claim(owner_key, Claim(owner), previous=0, moving=None)

    def inbound(self, who: str, external_id: str, text: str = "Where is S-1?", **more: Any) -> Inbound:
        channel = _CHANNELS[who.partition(":")[0]]
        home = KEYS(parse_identifier(who))
        vouched = True if channel == "email" else None
        values = {"channel": channel, "at": self.clock.time, "verified": vouched, **more}
        return Inbound(external_id=external_id, home=home, who=who, text=text, **values)

    def receive(self, who: str, external_id: str, text: str = "Where is S-1?", **more: Any) -> Message | None:
        return self.receiving.receive(self.inbound(who, external_id, text, **more), self.clock.time)[1]

    def taken(self, who: str, external_id: str, **more: Any) -> Message:
        message = self.receive(who, external_id, **more)
        assert message is not None
        return message

    def shown(self, id_: str) -> tuple[Conversation, ...]:
        return self.agents.show(id_).group

    def seen(self, id_: str) -> str:
        return seen_mark(self.shown(id_))

    def answer(self, id_: str, key: str = "k1", *, seen: str | None = None, channel: Channel = "email") -> Message:
        draft = Draft(id_, key, "out", channel, "It is on its way.", "deniz")
        return self.agents.write(draft, self.seen(id_) if seen is None else seen, self.clock.time)

    def pool(self, state: str = "open") -> list[str]:
        page = self.conversations.page("pool", state, limit=1000, newest_first=False, cursor=None)
        return [item["pk"].partition("#")[2] for item in page.items]

    def events(self, who: str) -> list[Event]:
        page = self.customers_table.query(KEYS(parse_identifier(who)), prefix="t#")
        return [read_event(item) for item in page.items]

    def all_messages(self) -> list[tuple[Conversation, Message]]:
        """Every message that is stored, with its conversation, read from the table itself."""
        items = [item for of_pk in self.table._items.values() for item in of_pk.values()]
        ids = [item["pk"].partition("#")[2] for item in items if item["sk"] == "conversation"]
        found = self.conversations.get_many(ids)
        return [(one, message) for one in found for message in self.conversations.messages(one.id)]
