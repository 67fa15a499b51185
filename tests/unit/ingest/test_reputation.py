"""Bounces and complaints stop marketing before SES reviews the account; a person lets it go on."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.feedback import Feedback
from functions.ingest.reputation import Reputation
from shared.adapters.memory import MemoryTable
from shared.domain.messages.message import Deferred, Reason
from shared.domain.messages.reputation import Feedback as Counts
from shared.domain.messages.reputation import Suspension, limit_reached
from shared.stores.reputation import Reports, Suspensions
from tests.unit.ingest.test_feedback import Mail
from tests.unit.ingest.world import NOW, World, http_event
from tests.unit.notify.world import MORNING, Shopping, request

pytestmark = pytest.mark.unit

HOUR = timedelta(hours=1)


def channel(world: World) -> dict[str, Any]:
    status, answer = world.send(http_event("GET", "/v1/channels", None, {"authorization": "Bearer admin-key"}))
    assert status == 200
    found: dict[str, Any] = answer["items"][0]
    return found


def resume(world: World, name: str = "email", body: Any = None) -> tuple[int, Any]:
    said = {"marketing": "running"} if body is None else body
    return world.send(http_event("PUT", f"/v1/channels/{name}", said, {"authorization": "Bearer admin-key"}))


class Watched:
    """Counters of a deployment."""

    def __init__(self) -> None:
        self.world = World()
        self.told: list[str] = []
        self.reputation = Reputation(self.world.metrics, self.world.catalog, stopped=self.told.append)

    def sent(self, amount: int, at: timedelta = timedelta()) -> None:
        self.world.metrics.add("reputation#email", f"{NOW + at:%Y-%m-%dT%H}", {"sent": amount})

    def bad(self, what: str, amount: int, at: timedelta = timedelta()) -> None:
        for _ in range(amount):
            self.reputation.count(what, "email", NOW + at)

    def suspension(self) -> Suspension | None:
        return Suspensions(self.world.catalog, "email").read()[0]


@given(st.integers(0, 5_000), st.integers(0, 400), st.integers(0, 10))
def test_the_rates_against_fractions(sent: int, bounced: int, complained: int) -> None:
    """Four in a hundred, eight in ten thousand, and at least two complaints; nothing below a thousand messages."""
    expected = ""
    if sent >= 1_000:
        if complained >= 2 and Fraction(complained, sent) >= Fraction(8, 10_000):
            expected = "complaints"
        elif Fraction(bounced, sent) >= Fraction(4, 100):
            expected = "bounces"
    assert limit_reached(Counts(sent, bounced, complained)) == expected


def test_bounces_stop_marketing_once() -> None:
    """At the fortieth of a thousand, told once; further ones change nothing."""
    watched = Watched()
    watched.sent(1_000, -3 * 24 * HOUR)
    watched.bad("bounced", 39)
    assert watched.suspension() is None
    watched.bad("bounced", 5)
    assert watched.suspension() == Suspension(NOW, "bounces", Counts(1_000, 40, 0))
    assert watched.told == ["email"]


def test_what_is_older_than_the_window_does_not_count() -> None:
    """A week."""
    watched = Watched()
    watched.sent(1_000)
    watched.bad("bounced", 39, -8 * 24 * HOUR)
    watched.bad("bounced", 2)
    assert watched.suspension() is None
    assert Reports(watched.world.metrics, "email").since(NOW - 24 * HOUR, NOW) == Counts(1_000, 2, 0)


def test_an_operator_lets_it_go_on_and_counts_begin_anew() -> None:
    """The API says why it stopped. After that the old reports stop nothing; new ones do."""
    watched = Watched()
    watched.sent(5_000)
    watched.bad("complained", 4)
    shown = channel(watched.world)["suspended"]
    assert (shown["because"], shown["sent"], shown["complained"]) == ("complaints", 5_000, 4)
    status, answer = resume(watched.world)
    assert (status, answer["suspended"]) == (200, None)
    watched.bad("complained", 3)
    assert watched.suspension() is None
    later = timedelta(hours=2)
    watched.sent(2_000, later)
    watched.bad("complained", 2, later)
    assert watched.suspension() is not None
    assert watched.told == ["email", "email"]


def test_who_resumes_says_it_clearly() -> None:
    """An unknown channel, another word, nothing at all."""
    world = World()
    assert resume(world, "fax")[0] == 404
    assert resume(world, body={"marketing": "stopped"})[0] == 400
    assert resume(world, body={})[0] == 400
    assert resume(world, "sms")[0] == 200


def test_reports_are_counted_as_ses_counts_them() -> None:
    """What SES took, bounces for good, complaints; a temporary bounce and a delivery speak of nobody."""
    mail = Mail()
    reputation = Reputation(mail.world.metrics, mail.world.catalog)
    feedback = Feedback(mail.world.customers, mail.ledger, mail.world.keys, reputation)
    details = [mail.report(name) for name in ("send", "delivery", "complaint", "bounce")]
    soft = mail.report("bounce")
    soft["bounce"]["bounceType"] = "Transient"
    for detail in [*details, soft]:
        assert feedback.record(detail, NOW)
    assert Reports(mail.world.metrics, "email").since(NOW - HOUR, NOW) == Counts(1, 1, 1)


def test_marketing_waits_with_the_counts_as_evidence_and_confirmations_go_out() -> None:
    """It is asked again each hour, and goes out when it is resumed."""
    shop = Shopping()
    shop.ayse()
    Suspensions(shop.catalog, "email").suspend(Suspension(MORNING, "bounces", Counts(1_000, 40, 0)))
    told = shop.notifying().handle(request("email"), MORNING).outcome
    assert isinstance(told, Deferred)
    assert told == Deferred(MORNING + HOUR, Reason.REPUTATION, "bounces")
    assert told.evidence[0]["bounced"] == "40"
    confirmation = request("email", purpose="transactional", step="confirmed")
    assert shop.notifying().handle(confirmation, MORNING).state == "sent"
    Suspensions(shop.catalog, "email").resume(MORNING, "ada")
    assert shop.notifying().handle(request("email"), MORNING + HOUR).state == "sent"


def test_two_stops_at_once_are_one() -> None:
    """Of two workers that see the same rates one stops, and tells it."""
    table = MemoryTable()
    found = Suspension(NOW, "bounces", Counts(1_000, 40, 0))
    assert [Suspensions(table, "email").suspend(found) for _ in range(2)] == [True, False]


def test_one_recipient_who_complains_of_every_message_is_one() -> None:
    """Eight complaints of one person stop nothing; the second person's does. After a week he counts again."""
    watched = Watched()
    watched.sent(2_000)
    for number in range(8):
        watched.reputation.count("complained", "email", NOW + number * HOUR, recipient="e.one")
    assert watched.suspension() is None
    assert Reports(watched.world.metrics, "email").since(NOW, NOW + 8 * HOUR).complained == 1
    watched.reputation.count("complained", "email", NOW + 9 * HOUR, recipient="e.two")
    found = watched.suspension()
    assert found is not None
    assert (found.because, found.found.complained) == ("complaints", 2)


def test_a_recipient_counts_again_after_the_window() -> None:
    """Seven days after the report that counted, whatever was reported in between; bounces and complaints apart."""
    reports = Reports(Watched().world.metrics, "email")
    days = [0, 3, 6.99, 7, 8, 14]
    said = [reports.is_new("complained", "e.one", NOW + timedelta(days=day)) for day in days]
    assert said == [True, False, False, True, False, True]
    assert reports.is_new("bounced", "e.one", NOW)
    assert reports.is_new("complained", "e.onemore", NOW)


def test_of_two_reports_at_one_moment_one_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read before either wrote."""
    world = World()
    first, second = Reports(world.metrics, "email"), Reports(world.metrics, "email")
    real, answers = world.metrics.add, list[bool]()

    def add(pk: str, sk: str, amounts: Any, **more: Any) -> Any:
        if not answers:
            answers.append(False)
            answers[0] = second.is_new("complained", "e.one", NOW)
        return real(pk, sk, amounts, **more)

    monkeypatch.setattr(world.metrics, "add", add)
    assert [first.is_new("complained", "e.one", NOW), answers[0]] == [False, True]
