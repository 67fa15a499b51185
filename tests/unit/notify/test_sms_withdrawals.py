"""After a refusal of a number is committed, by reply, page, event or API, no commercial text message is called."""

from __future__ import annotations

import random
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.ingest.confirm import grant
from functions.ingest.sms_replies import Reply, SmsReplies
from shared.adapters.phones import phone_reader
from shared.domain.consent.sign_up import SignUp
from shared.domain.events.batch import Batch
from shared.domain.events.event import Source
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import time_text
from tests.support.cases import also_long, cases
from tests.support.world import KEYS
from tests.unit.ingest.world import ListQueue
from tests.unit.notify.test_withdrawals import PUBLIC, SHOP_WITHOUT_CAPS, TRUSTED, Story
from tests.unit.notify.world import MORNING, Shopping, request

pytestmark = pytest.mark.unit

NUMBER = KEYS(parse_identifier("phone:+905321112233"))
SPELLINGS = ("0532 111 22 33", "+90 532 111 22 33", "+905321112233", "(0532) 111-22-33")
STOPS = ("STOP", "iptal", "İPTAL", "Dur!", "ret", "stop stop")
WITHDRAWALS = ("stop", "page_off", "page_all", "api_trusted", "api_public")
GRANTS = ("start", "page_on", "api_grant", "code")
ACTIONS = (*WITHDRAWALS, *GRANTS, "send", "send", "send", "notice")


class SmsStory(Story):
    """One customer with a number. ``refused_by`` are the ways of the refusals since the last agreement; ``at_number``
    whether somebody agreed under the number itself, in another way than by reply."""

    def __init__(self) -> None:
        super().__init__(Shopping(SHOP_WITHOUT_CAPS))
        self.service = self.shop.notifying(channel="sms")
        self.replies = SmsReplies(self.shop.customers, KEYS, phone_reader("TR"), ListQueue)
        self.refused_by: set[str] = set()
        self.at_number = False

    def act(self, action: str, spelling: str) -> None:
        self.minutes += 1
        self.now = MORNING + timedelta(minutes=self.minutes)
        if action in {"send", "notice"}:
            self._send(commercial=action == "send")
            return
        getattr(self, f"_{action}")(spelling)
        if action in WITHDRAWALS:
            self._refused({"stop": "reply"}.get(action, action.partition("_")[0]))
        elif self._agrees(action):
            self.granted, self.refused_by = True, set()
            self.at_number |= action != "start"

    def _refused(self, way: str) -> None:
        """Every refusal is stored, also where the answer is no already."""
        self.refused_by.add(way)
        self.granted = False

    def _agrees(self, action: str) -> bool:
        """A reply and the page take back what was refused there, and only if nothing else was refused since."""
        if action == "start":
            return self.refused_by == {"reply"} and self.at_number
        return action != "page_on" or self.refused_by == {"page"}

    def _send(self, *, commercial: bool) -> None:
        before = len(self.shop.sender.sent)
        purpose = "marketing" if commercial else "transactional"
        asked = request("sms", step=f"s{self.minutes}", template="cart-last", due=self.now, purpose=purpose)
        record = self.service.handle(asked, self.now)
        if commercial:
            assert (len(self.shop.sender.sent) > before) == self.granted, record.outcome

    def _reply(self, number: str, text: str) -> None:
        self.replies.receive(Reply(number, text, f"reply-{self.minutes}", "operator"), self.now)

    def _stop(self, spelling: str) -> None:
        self._reply(spelling, STOPS[self.minutes % len(STOPS)])

    def _start(self, spelling: str) -> None:
        self._reply(spelling, "Başlat")

    def _page_off(self, _spelling: str) -> None:
        self._page(**{"was.sms.marketing": "1"})

    def _page_all(self, _spelling: str) -> None:
        self._page(**{"was.sms.marketing": "1", "all": "off"})

    def _page_on(self, _spelling: str) -> None:
        self._page(**{"was.sms.marketing": "0", "sms.marketing": "1"})

    def _event(self, name: str, spelling: str, source: Source) -> None:
        message = {
            "type": "track", "event": name, "userId": "42", "messageId": f"m{self.minutes}",
            "timestamp": time_text(self.now), "properties": {"channel": "sms", "address": spelling},
        }  # fmt: skip
        assert self.intake.accept(Batch([message], None, frozenset()), source, self.now).accepted == 1

    def _api_trusted(self, spelling: str) -> None:
        self._event("Consent Withdrawn", spelling, TRUSTED)

    def _api_public(self, spelling: str) -> None:
        self._event("consent_withdrawn", spelling, PUBLIC)

    def _api_grant(self, spelling: str) -> None:
        self._event("Consent Granted", spelling, TRUSTED)

    def _code(self, _spelling: str) -> None:
        asked = SignUp(NUMBER, "sms", ("marketing",), "2026-11", self.now, "web", f"sign-up-{self.minutes}")
        place = SimpleNamespace(customers=self.shop.customers, keys=KEYS, clock=SimpleNamespace(now=lambda: self.now))
        grant(asked, cast("Any", place), link="")


def play(actions: list[tuple[str, str]]) -> None:
    story = SmsStory()
    for action, spelling in actions:
        story.act(action, spelling)
    story.act("send", "")


@also_long
@cases(20, 700)
@example([(action, SPELLINGS[0]) for action in ("page_all", "code", "stop", "page_off", "start")])
@example([(action, SPELLINGS[0]) for action in ("page_all", "code", "stop", "page_all", "start")])
@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(SPELLINGS)), max_size=10))
def test_no_commercial_text_message_is_called_after_a_refusal(actions: list[tuple[str, str]]) -> None:
    """In any order of replies, pages, events, codes and sends: what is called is what the last word allows."""
    play(actions)


@pytest.mark.long
def test_no_commercial_text_message_is_called_after_a_refusal_in_ten_thousand_stories() -> None:
    """The same, ten thousand times."""
    chance = random.Random(31)
    for _ in range(10_000):
        play([(chance.choice(ACTIONS), chance.choice(SPELLINGS)) for _ in range(chance.randrange(1, 11))])
