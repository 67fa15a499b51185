"""Engagement out of facts, against a brute-force reading of the raw events that shares nothing with facts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events.event import Event
from shared.domain.facts.encoding import decode, encode
from shared.domain.facts.facts import Facts, join
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.facts.touches import CLICKED, MAX_CLICKS, MAX_TOUCHES, OPENED, Touch, newest_touches
from shared.domain.messages.request import CHANNELS
from shared.domain.profile.engagement import WINDOW, ChannelEngagement, Engagement, channel_engagement
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.cases import UNIT, cases
from tests.support.world import NOW, event, later

pytestmark = UNIT

ARRIVED = {"Email Sent": "email", "Email Delivered": "email", "SMS Sent": "sms", "Push Sent": "push"}
DONE = {
    "Email Opened": ("email", "opened"), "Email Link Clicked": ("email", "clicked"),
    "SMS Link Clicked": ("sms", "clicked"), "Push Notification Tapped": ("push", "tapped"),
}  # fmt: skip
APPLE = "Mozilla/5.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"


def told(name: str, message: str, after: timedelta, serial: int, agent: str = PHONE) -> Event:
    """One report about a message, so long after NOW."""
    return event(
        name, ["user:1"], at=NOW + after, id=str(serial), trusted=True, context={"userAgent": agent},
        purpose="marketing", message_id=message,
    )  # fmt: skip


@st.composite
def reports(draw: st.DrawFn) -> Event:
    names = [*ARRIVED, *DONE, *DONE, "Email Bounced"]
    name = draw(st.sampled_from(names))
    message = draw(st.sampled_from([f"m{number}" for number in range(5)]))
    after = timedelta(
        days=draw(st.sampled_from([-200, -180, -179, -3, -1])),
        milliseconds=draw(st.sampled_from([0, 1, 1_000, 2_000, 2_001, 3_600_000])),
    )
    agent = draw(st.sampled_from([PHONE, PHONE, APPLE]))
    return told(name, message, after, draw(st.integers(0, 10**6)), agent)


histories = st.lists(reports(), max_size=25, unique_by=lambda one: one.message_id)


def profile(events: Sequence[Event]) -> Profile:
    return profile_of("u.x", ("u.x",), (), fold(Facts(), events, features()))


def by_force(events: Sequence[Event], channel: str) -> dict[str, object]:
    """Every event looked at again for every question."""

    def message(one: Event) -> str:
        return str(one.properties["message_id"])

    def arrived_at(name: str, where: str) -> list[Event]:
        return [one for one in events if ARRIVED.get(one.name) == where and message(one) == name]

    def machine(one: Event) -> bool:
        if DONE[one.name][1] == "tapped":
            return False
        if one.context["userAgent"] == APPLE:
            return True
        found = [told.time for place in CHANNELS for told in arrived_at(message(one), place)]
        return bool(found) and one.time - max(found) <= timedelta(seconds=2)

    def inside(one: Event) -> bool:
        return NOW - WINDOW < one.time <= NOW

    bounced = {message(one) for one in events if one.name == "Email Bounced"}
    done = [one for one in events if one.name in DONE and DONE[one.name][0] == channel]
    human = [one for one in done if not machine(one)]
    newest = {
        name: max(one.time for one in told) for name in map(message, events) if (told := arrived_at(name, channel))
    }
    received = {name for name, at in newest.items() if NOW - WINDOW < at <= NOW and name not in bounced}

    def count(what: str, among: list[Event]) -> int:
        # Of opens only the newest of each message is remembered, so that is the one whose time counts.
        return len({message(one) for one in among if DONE[one.name][1] == what and inside(one)})

    return {
        "received": len(received),
        "answered": len(received & {message(one) for one in human}),
        "opened": count("opened", human),
        "clicked": count("clicked", human),
        "tapped": count("tapped", human),
        "last_reaction_at": max((one.time for one in human if inside(one)), default=None),
    }


def shown(found: ChannelEngagement) -> dict[str, object]:
    names = ("received", "answered", "opened", "clicked", "tapped", "last_reaction_at")
    return {name: getattr(found, name) for name in names}


@cases(50)
@given(histories)
def test_counts_are_those_of_the_raw_events(events: list[Event]) -> None:
    """Received, answered, opened, clicked and tapped messages per channel in 180d, people's apart from machines'."""
    found = profile(events).engagement
    for channel in CHANNELS:
        assert shown(channel_engagement(found, channel, NOW)) == by_force(events, channel)
        assert not channel_engagement(found, channel, NOW).at_least


@cases(30)
@given(histories, st.randoms(use_true_random=False))
def test_order_grouping_and_duplicates_change_nothing(events: list[Event], rng: random.Random) -> None:
    """However the events come, in parts joined in any order, with duplicates: the same bytes, and they read back."""
    expected = encode(fold(Facts(), events, features()))
    again = [*events, *rng.choices(events, k=3)] if events else []
    rng.shuffle(again)
    cut = rng.randint(0, len(again))
    parts = [fold(Facts(), part, features()) for part in (again[cut:], again[:cut])]
    assert encode(join(*parts)) == expected
    assert encode(decode(expected)) == expected


touches = st.lists(st.tuples(st.integers(0, 90), st.sampled_from("abcdefg")), max_size=90)


@cases(50)
@given(touches, touches, touches, st.sampled_from([OPENED, CLICKED]))
def test_the_newest_touches_are_a_join(one: list[Touch], two: list[Touch], three: list[Touch], what: str) -> None:
    """Bounded twice, per message and in all, in any order and grouping, the same touches are left."""

    def bound(*parts: Sequence[Touch]) -> tuple[Touch, ...]:
        return newest_touches(what, [touch for part in parts for touch in part])

    whole = bound(one, two, three)
    assert bound(bound(bound(one), two), three) == whole
    assert bound(one, bound(bound(three), bound(two))) == whole
    assert bound(whole, whole) == whole
    assert len(whole) <= MAX_TOUCHES


def test_a_scanner_that_walks_through_all_links_displaces_no_other_mail() -> None:
    """Fifty clicks on one mail leave three of them, and the human click on another mail of weeks before."""
    old = told("Email Link Clicked", "old", timedelta(days=-30), 0)
    storm = [told("Email Link Clicked", "new", timedelta(seconds=number), number + 1) for number in range(50)]
    clicks = profile([*storm, old]).engagement.human("email", "clicked")
    assert len([one for one in clicks if one.at >= NOW]) == MAX_CLICKS
    assert len(clicks) == MAX_CLICKS + 1


def test_two_human_clicks_on_marketing_mail_can_be_counted() -> None:
    """Purpose, channel and whether a person did it are told apart, click by click."""
    events = [
        told("Email Link Clicked", "m1", timedelta(days=-1), 1),
        told("Email Link Clicked", "m1", timedelta(days=-2), 2),
        told("Email Link Clicked", "m2", timedelta(days=-3), 3, APPLE),
        event("Email Link Clicked", ["user:1"], at=later(days=-1), id="4", trusted=True, message_id="m3",
              purpose="transactional"),
    ]  # fmt: skip
    found = profile(events).engagement.reactions
    marketing = [one for one in found if one.purpose == "marketing" and not one.machine]
    assert [one.at for one in marketing] == [NOW - timedelta(days=1), NOW - timedelta(days=2)]
    assert len(found) == 4


def test_a_push_tap_of_the_app_takes_the_purpose_of_its_message() -> None:
    """The app knows the message's id only (kervan_message); the purpose comes from our own record of the sending."""
    tap = event("Push Notification Tapped", ["user:1"], at=later(hours=1), id="t", kervan_message="m1")
    found = profile([tap, told("Push Sent", "m1", timedelta(), 1)]).engagement
    assert [(one.what, one.purpose) for one in found.reactions] == [("tapped", "marketing")]
    assert channel_engagement(found, "push", NOW + timedelta(days=1)).answered == 1


def test_a_visit_by_a_link_answers_the_newest_message_of_its_channel() -> None:
    """An SMS whose link somebody follows is answered within three days, by a person; a scanner's visit is none."""

    def visit(after: timedelta, agent: str = PHONE) -> Event:
        context = {"campaign": {"medium": "SMS"}, "userAgent": agent}
        return event("Page Viewed", ["user:1"], at=NOW + after, id=f"v{after}", context=context)

    sent = [told("SMS Sent", f"m{number}", timedelta(days=number), number) for number in range(3)]
    now = NOW + timedelta(days=9)
    for visits, answered in (
        ([visit(timedelta(days=1, hours=1))], 1),
        ([visit(timedelta(days=1, hours=1)), visit(timedelta(hours=1))], 2),
        ([visit(timedelta(days=5))], 0),
        ([visit(timedelta(hours=1), "Googlebot/2.1")], 0),
    ):
        assert channel_engagement(profile([*sent, *visits]).engagement, "sms", now).answered == answered


@pytest.mark.parametrize(("mails", "at_least"), [(31, False), (32, False), (33, True), (60, True)])
def test_what_may_be_forgotten_is_said(mails: int, at_least: bool) -> None:
    """Up to 32 mails in 180d are exact; beyond, the count says that it is a lower bound, and it is one."""
    events = [told("Email Sent", f"m{number}", timedelta(days=-number), number) for number in range(mails)]
    found = channel_engagement(profile(events).engagement, "email", NOW + timedelta(hours=1))
    assert (found.received, found.at_least) == (min(mails, 32), at_least)


def test_old_mail_beyond_the_window_makes_nothing_uncertain() -> None:
    """Sixty mails of which twenty are of the last 180d: those are exact."""
    events = [told("Email Sent", f"m{number}", timedelta(days=-number * 9), number) for number in range(60)]
    found = channel_engagement(profile(events).engagement, "email", NOW + timedelta(hours=1))
    assert (found.received, found.at_least) == (20, False)


def test_an_open_right_after_a_forgotten_mail_counts_for_nobody() -> None:
    """Nobody can tell any more how fast it was: it is neither a person's nor a machine's; a later one is a person's."""
    events = [told("Email Sent", f"m{number}", timedelta(days=number), number) for number in range(40)]
    early = told("Email Opened", "m0", timedelta(seconds=1), 100)
    late = told("Email Opened", "m1", timedelta(days=30), 101)
    found = profile([*events, early, late]).engagement
    assert [one.at for one in found.reactions] == [late.time]


def test_nothing_received_is_no_rate() -> None:
    """Without a message there is no rate, and nothing breaks."""
    assert channel_engagement(Engagement(), "email", NOW).rate is None
