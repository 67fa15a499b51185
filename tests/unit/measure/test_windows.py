"""Where windows end, to the millisecond; random histories seldom meet exactly there."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from functions.measure.report import Question, answer
from functions.measure.report_files import read_report
from shared.domain.measure.period import Period
from tests.support.cases import UNIT
from tests.support.lake_history import DAY, FIRST, HOUR, Rows
from tests.support.lake_tables import lake_of

pytestmark = UNIT
PERIOD = Period(date(2026, 3, 1), date(2026, 4, 29), ZoneInfo("Europe/Istanbul"))
AT = FIRST + 20 * DAY


def table(rows: Rows, name: str, place: int | str = 0) -> list[dict[str, Any]]:
    tables = answer(lake_of(rows), read_report(name), Question(PERIOD, "TRY", 0))["tables"]
    found = tables[place] if isinstance(place, int) else next(one for one in tables if one["name"] == place)
    return list(found["rows"])


def order(at: int) -> dict[str, Any]:
    return {
        "home": "a", "order_id": f"o{at}", "root": "a", "version": 1, "decided_at": at, "ordered_at": at,
        "state": "completed", "channel": "web", "total": "10.00", "refunded": "0.00", "currency": "TRY",
    }  # fmt: skip


def event(name: str, at: int, **more: Any) -> dict[str, Any]:
    return {
        "home": "a", "event": f"{name}{at}", "root": "a", "at": at, "received_at": at, "type": "track", "name": name,
        "source": "shop", "channel": "web", **more,
    }  # fmt: skip


def message(name: str = "m", channel: str = "email", at: int = FIRST) -> dict[str, Any]:
    return {
        "kind": "message", "id": name, "version": 1, "day_at": at, "changed_at": at, "home": "a", "root": "a",
        "journey": "cart", "step": "one", "channel": channel, "purpose": "marketing", "state": "sent",
        "planned_at": at, "ended_at": at,
    }  # fmt: skip


@pytest.mark.parametrize(("name", "window"), [("Email Link Clicked", 5 * DAY), ("Email Opened", DAY)])
def test_a_touch_counts_until_its_window_ends(name: str, window: int) -> None:
    """Five days for a click and one for an open, the last millisecond included; none after the order."""
    for before, credited in ((0, 1), (window, 1), (window + 1, 0), (-1, 0)):
        touch = event(name, AT - before, message_id="m")
        rows = {"orders": [order(AT)], "events": [touch], "outcomes": [message()]}
        assert table(rows, "overview")[0]["credited_orders"] == credited


def test_a_delivery_is_no_touch() -> None:
    """Nor is a bounce."""
    touches = [event(name, AT - 1, message_id="m") for name in ("Email Delivered", "Email Bounced")]
    rows = {"orders": [order(AT)], "events": touches, "outcomes": [message()]}
    assert table(rows, "overview")[0]["credited_orders"] == 0


def test_a_visit_within_seven_days_and_after_the_order_before_is_the_start() -> None:
    """To the millisecond at both ends."""
    for before, seen in ((0, 1), (7 * DAY, 1), (7 * DAY + 1, 0)):
        rows = {"orders": [order(AT)], "events": [event("Home", AT - before, channel="store")]}
        assert table(rows, "start-finish", 1)[0]["seen"] == seen
        assert table(rows, "start-finish")[0]["start"] == ("store" if seen else "web")
    for at, seen in ((AT - DAY, 1), (AT - DAY + 1, 2)):
        visits = [event("Home", AT - DAY), event("Home", at, event="second")]
        rows = {"orders": [order(AT - DAY), order(AT)], "events": visits}
        assert table(rows, "start-finish", 1)[0]["seen"] == seen


def test_of_two_orders_of_one_instant_the_cheaper_is_first() -> None:
    """An export with days instead of times brings such orders. The visit belongs to the same one always."""
    rows: Rows = {"orders": [], "events": []}
    for home in "abcdefgh":
        for number in (0, 1):
            total = "90.00" if (home in "aceg") == (number == 0) else "10.00"
            rows["orders"].append(
                order(AT) | {"home": home, "root": home, "order_id": f"{home}{number}", "total": total}
            )
        rows["events"].append(event("Home", AT - HOUR, channel="store") | {"home": home, "root": home})
    found = {row["start"]: float(row["revenue"]) for row in table(rows, "start-finish")}
    assert found == {"store": 80.0, "web": 720.0}


def test_an_order_within_fourteen_days_belongs_to_the_enrollment() -> None:
    """From its beginning on, the first millisecond included and the last excluded; so do groups that are compared."""
    for after, ordered in ((-1, 0), (0, 1), (14 * DAY - 1, 1), (14 * DAY, 0)):
        rows: Rows = {"orders": [order(AT + after)], "outcomes": []}
        for home, arm in (("a", "out"), ("b", "in")):
            steps = [
                {"step": "hold", "became": "decided", "which": arm, "at": AT, "by": "holdout"},
                {"step": "split", "became": "decided", "which": home, "at": AT, "by": "split"},
            ]
            rows["outcomes"].append(
                {
                    "kind": "enrollment",
                    "id": home,
                    "version": 1,
                    "day_at": AT,
                    "changed_at": AT,
                    "home": home,
                    "journey": "cart",
                    "state": "ended",
                    "reason": "holdout" if arm == "out" else "completed",
                    "planned_at": AT,
                    "ended_at": AT,
                    "steps": steps,
                }
            )
        assert table(rows, "journeys")[0]["ordered"] == ordered
        assert table(rows, "holdout")[0]["held_out_rate"] == ordered
        assert [row["converted"] for row in table(rows, "ab")] == [ordered, 0]


def test_what_comes_with_the_view_or_after_it_counts_as_next() -> None:
    """What came before it does not."""
    for after, counted in ((-1, 0), (0, 1), (1, 1)):
        more = [event(name, AT + after) for name in ("Product Added", "Checkout Started")]
        rows = {"orders": [order(AT + after)], "events": [event("Product Viewed", AT), *more]}
        everybody = table(rows, "break-points")[0]
        assert (everybody["added"], everybody["checkout"], everybody["bought"]) == (counted,) * 3


@pytest.mark.parametrize(
    ("emails", "texts", "prefer"), [(2, 1, {"email": 1, "sms": 0}), (1, 1, {"email": 0, "sms": 0})]
)
def test_who_likes_two_channels_alike_prefers_neither(emails: int, texts: int, prefer: dict[str, int]) -> None:
    """The larger share of three messages on each decides; equal shares decide nothing."""
    sent = [message(f"{channel}{n}", channel) for channel in ("email", "sms") for n in range(3)]
    clicked = [event("Email Link Clicked", AT + n, message_id=f"email{n}") for n in range(emails)]
    clicked.append(event("SMS Link Clicked", AT, message_id="sms0"))
    rows = {"outcomes": sent, "events": clicked}
    assert {row["channel"]: row["prefer"] for row in table(rows, "preferred-channel")} == prefer
    assert table({"outcomes": sent[:5], "events": clicked}, "preferred-channel") == []


def test_classes_of_recency_end_with_their_last_day() -> None:
    """30 days are 0-30, a millisecond more is 31-90."""
    ends = PERIOD.ends_ms
    for days, name in ((30, "0-30"), (90, "31-90"), (180, "91-180")):
        assert table({"orders": [order(ends - days * DAY)]}, "rfm")[0]["recency"] == name
        assert table({"orders": [order(ends - days * DAY - 1)]}, "rfm")[0]["recency"] != name


def test_an_event_is_late_after_an_hour() -> None:
    """Exactly an hour is not."""
    for late, counted in ((HOUR, 0), (HOUR + 1, 1)):
        rows = {"events": [event("Home", AT, received_at=AT + late)]}
        assert table(rows, "sources")[0]["late"] == counted


def test_strata_tell_90_days_apart() -> None:
    """Two groups are compared only with those who were alike before."""
    rows: Rows = {"orders": [], "outcomes": []}
    for n in range(40):
        home, both = f"h{n:02}", n % 2 == 0
        age = 90 * DAY + (1 if both else 0)  # who has both channels ordered a millisecond longer ago
        rows["orders"].append(order(PERIOD.starts_ms - age) | {"home": home, "root": home})
        for channel in ("email", "sms") if both else ("email",):
            rows["outcomes"].append(message(f"{home}{channel}", channel) | {"home": home, "root": home})
    assert table(rows, "channels", "lift") == []
    for told in rows["orders"]:
        told["ordered_at"] = PERIOD.starts_ms - 90 * DAY
    assert [row["both"] for row in table(rows, "channels", "lift")] == [20]


@pytest.mark.parametrize(
    ("by", "arms"),
    [({"by": "split"}, ["in", "out"]), ({"by": "holdout"}, []), ({}, [])],
    ids=["split", "holdout", "branch"],
)
def test_only_chance_makes_arms_whatever_their_names(by: dict[str, str], arms: list[str]) -> None:
    """A split may call its arms as a holdout does; a holdout and a branch are no split."""
    rows: Rows = {"outcomes": []}
    for home, which in (("a", "in"), ("b", "out")):
        steps = [{"step": "s", "became": "decided", "which": which, "at": AT, **by}]
        rows["outcomes"].append({
            "kind": "enrollment", "id": f"{home} cart#1", "version": 1, "day_at": AT, "changed_at": AT, "home": home,
            "journey": "cart", "state": "live", "planned_at": AT, "steps": steps,
        })  # fmt: skip
    assert [row["arm"] for row in table(rows, "ab")] == arms
    assert len(table(rows, "holdout")) == (by.get("by") == "holdout")
