"""After a withdrawal is committed, by whatever source and spelling of the address, no commercial send is called."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.admin.models.consents import LiftRequest
from functions.admin.suppression import lift
from functions.ingest.confirm import grant
from functions.ingest.feedback import Feedback
from functions.ingest.preferences import PreferencePages
from functions.ingest.service import Intake
from functions.ingest.unsubscribe import unsubscribe
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.consent.recipient_tokens import RecipientLink, RecipientTokens
from shared.domain.consent.sign_up import SignUp
from shared.domain.events.batch import Batch
from shared.domain.events.event import Source
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import time_text
from shared.http.answers import Problem
from shared.http.request import Request
from shared.stores.ledger import Ledger
from shared.stores.withdrawal_pointers import Pointers
from tests.support.cases import also_long, cases
from tests.support.world import KEYS
from tests.unit.notify.world import MORNING, SECRET, SHOP, Shopping, request

pytestmark = pytest.mark.unit

TOKENS = RecipientTokens(SECRET)
SHOP_WITHOUT_CAPS = SHOP.model_copy(update={"caps": {}})
SPELLINGS = ("ayse@example.com", "AYSE@example.com", "Ayse@EXAMPLE.COM", " ayse@Example.com ")
HOME, MAILBOX = KEYS(parse_identifier("user:42")), KEYS(parse_identifier("email:ayse@example.com"))
REFUSAL = RecipientLink(HOME, "an-earlier-message", "email", "marketing", MAILBOX)
TRUSTED, PUBLIC = Source("shop", "web", trusted=True), Source("page", "web", trusted=False)
WITHDRAWALS = ("one_click", "page_off", "page_all", "api_trusted", "api_public", "unsubscribed", "complaint")
GRANTS = ("api_grant", "page_on", "confirmed")
ACTIONS = (*WITHDRAWALS, *GRANTS, "pause", "resume", "bounce", "lift", "send", "send", "send", "notice")


@dataclass
class Story:
    """One customer; every action is a minute after the one before, so the last statement is the one that counts."""

    shop: Shopping = field(default_factory=lambda: Shopping(SHOP_WITHOUT_CAPS))
    minutes: int = 0
    granted: bool = True
    paused: bool = False
    bounced: bool = False
    """A bounce stands against the address: it ends with a grant, or when an operator lifts it."""
    first: str = ""

    def __post_init__(self) -> None:
        self.shop.ayse()
        self.pages = PreferencePages(self.shop.customers, self.shop.catalog, TOKENS, KEYS, phone_reader("TR"))
        self.intake = Intake(self.shop.customers, KEYS, phone_reader("TR"), Pointers(MemoryTable()))
        self.service = self.shop.notifying()
        self.now = MORNING

    def act(self, action: str, spelling: str) -> None:
        self.minutes += 1
        self.now = MORNING + timedelta(minutes=self.minutes)
        if action in {"send", "notice"}:
            self._send(commercial=action == "send")
            return
        if action in {"complaint", "bounce"} and not self.first:
            return
        getattr(self, f"_{action}")(spelling)
        if action in WITHDRAWALS:
            self.granted = False
        elif action in GRANTS:
            self.granted, self.bounced = True, False

    def _send(self, *, commercial: bool) -> None:
        before = len(self.shop.sender.sent)
        purpose = "marketing" if commercial else "transactional"
        asked = request(
            "email", step=f"s{self.minutes}", template="cart-last", due=self.now, purpose=purpose,
            fresh_until_ms=int((self.now + timedelta(hours=3)).timestamp() * 1000),
        )  # fmt: skip
        record = self.service.handle(asked, self.now)
        called = len(self.shop.sender.sent) > before
        if commercial:
            assert called == (self.granted and not self.paused and not self.bounced), record.outcome
            self.first = self.first or (record.message_id if called else "")

    def _one_click(self, _spelling: str) -> None:
        token = TOKENS.make(REFUSAL)
        unsubscribe("POST", token, tokens=TOKENS, customers=self.shop.customers, keys=KEYS, now=self.now)

    def _page(self, **form: str) -> None:
        asked = Request("POST", ("p", "x"), {}, {}, urlencode(form), encoded=False)
        self.pages.answer(asked, TOKENS.make_preferences(REFUSAL), self.now)

    def _page_off(self, _spelling: str) -> None:
        self._page(**{"was.email.marketing": "1"})

    def _page_all(self, _spelling: str) -> None:
        self._page(**{"was.email.marketing": "1", "all": "off"})

    def _page_on(self, _spelling: str) -> None:
        self._page(**{"was.email.marketing": "0", "email.marketing": "1"})

    def _pause(self, _spelling: str) -> None:
        self._page(pause="30")
        self.paused = True

    def _resume(self, _spelling: str) -> None:
        self._page(pause="0")
        self.paused = False

    def _event(self, name: str, spelling: str, source: Source) -> None:
        message = {
            "type": "track", "event": name, "userId": "42", "messageId": f"m{self.minutes}",
            "timestamp": time_text(self.now), "properties": {"channel": "email", "address": spelling},
        }  # fmt: skip
        taken = self.intake.accept(Batch([message], None, frozenset()), source, self.now)
        assert taken.accepted == 1

    def _api_trusted(self, spelling: str) -> None:
        self._event("Consent Withdrawn", spelling, TRUSTED)

    def _api_public(self, spelling: str) -> None:
        self._event("consent_withdrawn", spelling, PUBLIC)

    def _unsubscribed(self, spelling: str) -> None:
        self._event("Unsubscribed", spelling, PUBLIC)

    def _api_grant(self, spelling: str) -> None:
        self._event("Consent Granted", spelling, TRUSTED)

    def _confirmed(self, _spelling: str) -> None:
        """A sign-up of the mailbox, confirmed by the link of a mail."""
        asked = SignUp(MAILBOX, "email", ("marketing",), "2026-11", self.now, "web", f"sign-up-{self.minutes}")
        grant(asked, cast("Any", self._place), link=f"sign-up-{self.minutes}")

    def _lift(self, spelling: str) -> None:
        """What bounces said is taken back, and nothing that a person said."""
        with suppress(Problem):
            lift(cast("Any", self._place), spelling.strip(), LiftRequest(because="repaired"), TRUSTED)
        self.bounced = False

    @property
    def _place(self) -> SimpleNamespace:
        return SimpleNamespace(
            customers=self.shop.customers,
            messages=self.shop.messages,
            keys=KEYS,
            phone=phone_reader("TR"),
            clock=SimpleNamespace(now=lambda: self.now),
        )

    def _complaint(self, _spelling: str) -> None:
        self._report("complaint", {})

    def _bounce(self, _spelling: str) -> None:
        self._report("bounce", {"bounceType": "Permanent"})
        self.bounced = True

    def _report(self, kind: str, said: dict[str, str]) -> None:
        detail = {
            "eventType": kind.capitalize(),
            "mail": {"messageId": "ses-1", "timestamp": time_text(self.now), "tags": {"kervan_message": [self.first]}},
            kind: {"timestamp": time_text(self.now), "feedbackId": f"f{self.minutes}", **said},
        }
        assert Feedback(self.shop.customers, Ledger(self.shop.messages), KEYS).record(detail, self.now)


def play(actions: list[tuple[str, str]]) -> None:
    story = Story()
    for action, spelling in actions:
        story.act(action, spelling)
    story.act("send", "")


@pytest.mark.parametrize("refusal", ["page_off", "page_all", "one_click", "api_public", "unsubscribed", "complaint"])
def test_a_refusal_stands_when_a_bounce_is_taken_back(refusal: str) -> None:
    """Nothing went out when the person said no, and so the no changed nothing then: later it does."""
    play([(action, SPELLINGS[0]) for action in ("send", "bounce", refusal, "lift", "send")])
    play([(action, SPELLINGS[0]) for action in ("send", "bounce", "lift", "send", refusal, "lift", "send")])


STORIES = st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(SPELLINGS)), max_size=10)


@also_long
@cases(26, 700)
@given(STORIES)
def test_no_commercial_send_is_called_after_a_withdrawal(actions: list[tuple[str, str]]) -> None:
    """In any order of withdrawals, grants, pauses and sends: what is called is what the last word allows."""
    play(actions)


@pytest.mark.long
def test_no_commercial_send_is_called_after_a_withdrawal_in_ten_thousand_stories() -> None:
    """The same, ten thousand times."""
    chance = random.Random(29)
    for number in range(10_000):
        first = ("send", "bounce") if number % 4 == 0 else ()
        actions = (*first, *chance.choices(ACTIONS, k=chance.randrange(1, 11)))
        play([(action, chance.choice(SPELLINGS)) for action in actions])
