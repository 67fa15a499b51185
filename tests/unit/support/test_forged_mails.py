"""What a mail can do whose sender is forged: be read by an agent, and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.conversations.conversation import FORGED, State
from shared.domain.conversations.mail_headers import own_reference
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.held_rights import Held, Mark
from shared.domain.service.rules import read_rules
from shared.domain.service.satisfaction import ask_at
from shared.operators.agent_actions import NotReachable
from shared.stores.own_answer_limits import OF_SHOP, TO_ADDRESS, OwnAnswerLimits
from shared.stores.right_marks import put_right_marks
from tests.support.cases import cases
from tests.unit.support.test_auto_answers import closed, said
from tests.unit.support.test_satisfaction import close, questions, shop
from tests.unit.support.world import EMAIL, INSTAGRAM, KEYS, PHONE, Support

pytestmark = pytest.mark.unit
TEMPTING = "WIN NOW http://evil.example/x"


def restrict(support: Support, who: str = EMAIL) -> None:
    key = KEYS(parse_identifier(who))
    put_right_marks(support.customers_table, [key], Mark(Held.RESTRICT, "case1", key, support.clock.time))


def state(support: Support) -> dict[str, Any]:
    """Everything that was there: conversations with their messages, and what the customer's log says."""
    found = {one.id: (one, support.conversations.messages(one.id)) for one, _ in support.all_messages()}
    return copy.deepcopy({**found, "log": support.events(EMAIL), "other": support.events(PHONE)})


STEPS = st.lists(
    st.sampled_from(["mail", "sms", "answer", "close", "complaint", "snooze", "link", "ask"]), min_size=1, max_size=8
)


@given(STEPS, st.lists(st.sampled_from(["3", "I want my money back", "unsubscribe"]), min_size=1, max_size=4))
@cases(60)
def test_forged_mails_change_nothing_of_the_customers(steps: list[str], texts: list[str]) -> None:
    """Whatever his conversations are like: none is joined, opened, rated or hidden, and his log hears nothing."""
    support = shop()
    for number, step in enumerate(steps):
        play(support, step, number)
    before, listed = state(support), {name: support.pool(name) for name in ("open", "waiting", "closed", "snoozed")}
    for number, text in enumerate(texts):
        support.taken(EMAIL, f"forged-{number}", text=text, verified=False, subject=TEMPTING)
        support.later(hours=1)
    after = state(support)
    new = after.keys() - before.keys()
    assert {name: after[name] for name in before} == before
    assert {owner.apart for owner, _ in support.all_messages() if owner.id in new} == {True}
    assert len(new) == 1
    assert [name for name in listed["open"] if name not in support.pool("open")] == []
    for name in ("waiting", "closed", "snoozed"):
        assert support.pool(name) == listed[name]


def play(support: Support, step: str, number: int) -> None:
    support.later(minutes=30)
    mine = [one for one, _ in support.all_messages()]
    match step:
        case "mail":
            support.taken(EMAIL, f"m{number}")
        case "sms":
            support.taken(PHONE, f"s{number}")
        case "link":
            support.link(PHONE, EMAIL)
        case "answer" if mine:
            if "email" in mine[0].windows:
                support.answer(mine[0].id, key=f"k{number}")
        case "close" if mine:
            support.ask("POST", f"/v1/conversations/{mine[0].id}/state", {"state": "closed"})
        case "snooze" if mine:
            support.ask("POST", f"/v1/conversations/{mine[0].id}/state", {"state": "snoozed", "for": "9d"})
        case "complaint" if mine:
            support.ask("POST", f"/v1/conversations/{mine[0].id}/details", {"kind": "complaint"})
        case "ask":
            support.tick(minutes=10)


def test_it_is_kept_apart_and_named() -> None:
    """Of low priority, with a tag, without a promised answer; the true mail beside it is not touched."""
    support = shop()
    one = support.taken(EMAIL, "true").conversation
    forged = support.taken(EMAIL, "forged", verified=False).conversation
    assert forged != one
    found = support.conversations.get(forged)
    assert found is not None
    assert (found.apart, found.priority, found.tags, found.due_at) == (True, "low", (FORGED,), None)
    assert [member.id for member in support.shown(one)] == [one]
    assert [member.id for member in support.shown(forged)] == [forged]
    assert support.ask("GET", f"/v1/conversations/{forged}")[1]["apart"] is True
    assert support.taken(EMAIL, "forged-2", verified=False).conversation == forged
    assert support.taken(EMAIL, "true-2").conversation == one


def test_forged_mails_of_two_addresses_stay_two() -> None:
    """Also of one customer; and nothing that agents do with one is told to his log."""
    support = shop()
    other = "email:ayse@work.example"
    support.link(other, EMAIL)
    one = support.taken(EMAIL, "forged", verified=False).conversation
    two = support.taken(other, "forged", verified=False).conversation
    assert [member.id for member in support.shown(one)] == [one]
    assert [member.id for member in support.shown(two)] == [two]
    support.ask("POST", f"/v1/conversations/{one}/details", {"kind": "complaint"})
    support.answer(one)
    support.ask("POST", f"/v1/conversations/{one}/state", {"state": "closed"})
    support.tick(minutes=30)
    assert (support.events(EMAIL), support.events(other), questions(support)) == ([], [], [])
    closed_one = support.conversations.get(one)
    assert closed_one is not None
    assert ask_at(closed_one, support.rules.team_of("")) is None


def test_only_the_address_that_it_names_can_be_answered() -> None:
    """Not the customer's phone: whoever forged the mail chose the words."""
    support = Support()
    support.link(PHONE, EMAIL)
    forged = support.taken(EMAIL, "forged", verified=False).conversation
    channels = support.ask("GET", f"/v1/conversations/{forged}")[1]["channels"]
    assert [one["channel"] for one in channels] == ["email"]
    with pytest.raises(NotReachable):
        support.answer(forged, channel="sms")
    assert support.answer(forged).to == EMAIL


def test_an_agent_who_knows_the_sender_joins_it() -> None:
    """A mail that a list or a forwarder broke fails DMARC too."""
    support = Support()
    one = support.taken(EMAIL, "true").conversation
    forged = support.taken(EMAIL, "forwarded", verified=False).conversation
    support.later(minutes=1)
    assert support.ask("POST", f"/v1/conversations/{forged}/details", {"vouched": False})[0] == 400
    status, shown = support.ask("POST", f"/v1/conversations/{forged}/details", {"vouched": True})
    assert (status, shown["apart"], {member["id"] for member in shown["members"]}) == (200, False, {one, forged})
    stored = support.conversations.get(forged)
    assert stored is not None
    assert stored.tags == ()
    opened = len([event for event in support.events(EMAIL) if event.name == "Conversation Opened"])
    support.tick(minutes=3)
    assert len([event for event in support.events(EMAIL) if event.name == "Conversation Opened"]) == opened + 1


def test_spam_in_his_name_does_not_hide_what_he_writes() -> None:
    """An agent marks the forged mails; the customer is still heard, and later forged ones are not."""
    support = Support()
    forged = support.taken(EMAIL, "forged", verified=False).conversation
    support.ask("POST", f"/v1/conversations/{forged}/state", {"state": "spam"})
    support.taken(EMAIL, "forged-2", verified=False)
    assert support.pool() == []
    one = support.taken(EMAIL, "true").conversation
    assert support.pool() == [one]


def test_it_is_merged_with_nothing() -> None:
    support = Support()
    one = support.taken(EMAIL, "true").conversation
    forged = support.taken(EMAIL, "forged", verified=False).conversation
    support.ask("POST", f"/v1/conversations/{forged}/state", {"state": "closed"})
    status, refused = support.ask("POST", f"/v1/conversations/{one}/merge", {"with": forged})
    assert (status, refused["error"]) == (409, "not_allowed")


def test_no_rule_routes_it() -> None:
    """Its words are not the customer's."""
    support = Support()
    routing = {"routing": "returns", "place": 1, "when": {"words": ["iade"]}, "set": {"team": "vip"}}
    teams: list[dict[str, Any]] = [{"team": name, "default": name == "support"} for name in ("support", "vip")]
    for one in teams:
        one |= {"hours": {"mon-sun": "00:00-24:00"}, "answer": {"first": "1h", "next": "1h"}}
    support.rules = read_rules({"shop": {"name": "K", "languages": ["tr"]}, "teams": teams, "routing": [routing]})
    forged = support.taken(EMAIL, "forged", text="iade", verified=False).conversation
    true = support.taken(EMAIL, "true", text="iade").conversation
    found = {one.id: (one.team, one.due_at is None) for one, _ in support.all_messages()}
    assert found == {forged: ("support", True), true: ("vip", False)}


@pytest.mark.parametrize(("verified", "rated"), [(True, 1), (None, 0), (False, 0)])
def test_a_number_by_mail_counts_only_if_its_domain_vouches_for_it(verified: bool | None, rated: int) -> None:
    support = shop()
    one = close(support)
    support.tick(minutes=10)
    support.taken(EMAIL, "digit", text="1", verified=verified)
    stored = support.conversations.get(one)
    assert stored is not None
    assert stored.rating == rated
    assert (stored.state is State.CLOSED) == (verified is not None)


@pytest.mark.parametrize("verified", [None, False])
def test_no_mail_is_answered_by_itself_whose_sender_nobody_vouches_for(verified: bool | None) -> None:
    """Its address may be anybody's, who would get mail that he never asked for."""
    support = closed()
    support.taken("email:victim@other.example", "m1", verified=verified, subject=TEMPTING)
    assert said(support) == []


def test_the_subject_is_ours() -> None:
    """Never what was sent to us; that of an agent's mail if the customer answers that one."""
    support = closed()
    support.taken(EMAIL, "m1", subject=TEMPTING)
    assert support.handed[-1].subject == "Kervan: Mesajınız hakkında"
    other = closed()
    one = other.taken(INSTAGRAM, "i1").conversation
    other.link(INSTAGRAM, EMAIL)
    written = other.answer(one)
    named = own_reference(written.id)
    other.later(days=7)
    other.taken(EMAIL, "m2", subject=TEMPTING, references=(named,))
    assert other.handed[-1].automatic
    assert other.handed[-1].subject == "Kervan: Mesajınız hakkında", "the agent wrote without a subject"
    own = closed()
    one = own.taken(EMAIL, "m1", subject="S-1").conversation
    written = own.answer(one)
    own.later(days=7)
    own.taken(EMAIL, "m2", subject=TEMPTING, references=(own_reference(written.id),))
    assert (own.handed[-1].automatic, own.handed[-1].subject) == (True, "Re: S-1")
    by_machine = next(message for message in own.handed if message.automatic)
    own.later(days=7)
    own.taken(EMAIL, "m4", subject=TEMPTING, references=(own_reference(by_machine.id),))
    assert own.handed[-1].subject == "Kervan: Mesajınız hakkında"
    stranger = "email:stranger@example.org"
    own.taken(stranger, "m3", subject=TEMPTING, references=(own_reference(written.id),))
    assert (own.handed[-1].to, own.handed[-1].subject) == (stranger, "Kervan: Mesajınız hakkında")


def test_an_hour_has_so_many_answers_to_an_address_and_of_the_shop() -> None:
    """What is one too many is left to an agent; the next hour begins anew."""
    support = closed()
    (most,), (of_shop,) = TO_ADDRESS, OF_SHOP
    limits = OwnAnswerLimits(support.table)
    loop = KEYS(parse_identifier("email:loop@example.org"))
    assert [limits.take(loop, support.clock.time) for _ in range(most.most)] == [True] * most.most
    support.taken("email:loop@example.org", "loop")
    assert said(support) == []
    for number in range(of_shop.most - most.most - 1):
        assert limits.take(f"e.{number}", support.clock.time)
    support.taken("email:a@example.org", "a")
    support.taken("email:b@example.org", "b")
    assert [to for to, _ in said(support)] == ["email:a@example.org"]
    assert len(support.pool()) == 3
    support.later(hours=1)
    support.taken("email:c@example.org", "c")
    assert len(said(support)) == 2


def test_who_restricted_his_data_is_told_nothing_by_itself() -> None:
    """Neither when nobody is there nor how it was; an agent may still answer."""
    support = closed()
    restrict(support)
    one = support.taken(EMAIL, "m1").conversation
    assert said(support) == []
    assert support.answer(one).delivery == "pending"
    asked = shop()
    close(asked)
    restrict(asked)
    assert asked.tick(minutes=10)["asked"] == 0
    assert questions(asked) == []


def test_a_restriction_of_a_linked_identifier_counts() -> None:
    support = closed()
    support.link(PHONE, EMAIL)
    restrict(support, PHONE)
    support.taken(EMAIL, "m1")
    assert said(support) == []
