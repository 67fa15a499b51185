"""Definitions are checked together; every problem says where it is and what to write."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.definitions.folder import check_folder
from shared.domain.definitions.bundle import Document, check
from shared.domain.definitions.release import Release, read_release, write_release
from shared.domain.definitions.shop import Shop
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.describe import describe_journey
from shared.domain.templates.definition import Action, PushText, Template

pytestmark = pytest.mark.unit

SHOP = Document("shop.yaml", {"name": "Kervan", "languages": ["tr"]})
JOURNEY: dict[str, Any] = yaml.safe_load(Path("definitions/journeys/cart-recovery.yaml").read_text("utf-8"))


def template(name: str, **changes: Any) -> Template:
    texts = {
        "subject": {"tr": "s"},
        "html": {"tr": "h"},
        "sms": {"tr": "t"},
        "push": {"tr": PushText(title="t", body="b")},
    }
    return Template(template=name, purpose="marketing", action=Action(text={"tr": "x"}, url="u"), **(texts | changes))


TEMPLATES = {name: template(name) for name in ("cart-reminder", "cart-offer", "cart-last")}


def problem(journey: dict[str, Any]) -> tuple[str, str, str]:
    checked = check([SHOP, Document("journeys/x.yaml", journey)], TEMPLATES)
    assert checked.bundle is None
    [found] = checked.problems
    assert found.file == "journeys/x.yaml"
    return found.path, found.message, found.remedy


def changed(*path: Any, to: Any) -> dict[str, Any]:
    journey = copy.deepcopy(JOURNEY)
    here = journey
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = to
    return journey


@pytest.mark.parametrize(
    ("journey", "path", "message", "remedy"),
    [
        (changed("steps", 0, "at", to="2mo"), "steps[0].at", "2mo is not exact", "write 60d"),
        (changed("steps", 0, "at", to=3600), "steps[0].at", "has no unit", "90m, 25h"),
        (changed("steps", 1, "chanels", to=["email"]), "steps[1].chanels", "is not a word", "did you mean channels?"),
        (changed("steps", 1, "channels", to=["fax"]), "steps[1].channels[0]", "'fax' is not known", "'email'"),
        (changed("steps", 1, "channels", to=["preferred"]), "steps[1]", "no channel beside preferred", "add email"),
        (changed("steps", 1, "send", to="cart-ofer"), "steps[1].send", "no template cart-ofer", "cart-offer"),
        (changed("steps", 1, "purpose", to="transactional"), "steps[1].purpose", "is marketing", "make them agree"),
        (changed("steps", 1, to={"pause": "1h"}), "steps[1]", "a step says what it does", "write one of send"),
        (changed("steps", 1, "id", to="last"), "", "two steps are called last", "give each its own id"),
        (changed("steps", 2, "at", to="2h"), "", "step last (at: 2h) comes before offer", "order the steps by at"),
        (changed("steps", 0, "fresh_for", to="13h"), "steps[0].fresh_for", "outlast the night", "write at least 14h"),
        (
            changed("stop_when", "any", 0, to={"orderd": {}}),
            "stop_when.any[0]",
            "that is no condition",
            "begin it with one of ordered",
        ),
        (
            changed("stop_when", "any", 1, "cart", "items", to={}),
            "stop_when.any[1].cart",
            "say how many",
            "write exactly",
        ),
        (changed("start", to={"if": {}}), "start", "a start says what begins it", "write when: cart_changed"),
        (changed("journey", to="Cart Recovery"), "journey", "not a possible name", "small letters"),
        (changed("steps", to=[]), "steps", "it is empty", "write at least one"),
        (changed("steps", 0, to=None), "steps[0]", "words with values", "{word: value}"),
    ],
)
def test_a_mistake_is_found_with_place_and_remedy(
    journey: dict[str, Any], path: str, message: str, remedy: str
) -> None:
    """One mistake in cart-recovery, one problem that helps."""
    found = problem(journey)
    assert found[0] == path
    assert message in found[1]
    assert remedy in found[2]


def test_a_channel_must_be_served_in_every_language_of_the_shop() -> None:
    """A reminder by push without a Turkish push text would reach nobody."""
    templates = {**TEMPLATES, "cart-reminder": template("cart-reminder", push={})}
    checked = check([SHOP, Document("j.yaml", JOURNEY)], templates)
    assert ["has no push in tr" in problem.message for problem in checked.problems] == [True]


def test_all_problems_come_at_once() -> None:
    """Two files with mistakes and a name used twice: three problems in the order of the files."""
    documents = [
        Document("a.yaml", {"journey": "x"}),
        SHOP,
        Document("b.yaml", JOURNEY),
        Document("c.yaml", JOURNEY),
        Document("d.yaml", {"segment": "s", "who": {"ordrs": 1}}),
    ]
    checked = check(documents, TEMPLATES)
    assert {problem.file for problem in checked.problems} == {"a.yaml", "c.yaml", "d.yaml"}


def test_a_folder_without_a_shop_says_so(tmp_path: Path) -> None:
    """And a folder that is not there is one line too."""
    assert [problem.file for problem in check_folder(tmp_path).problems] == ["shop.yaml"]
    assert "no such folder" in str(check_folder(tmp_path / "nowhere").problems[0])


@pytest.mark.parametrize("text", ["a: [1", "\x00", "a: !!python/object:os.system {}", "{" * 1_500])
def test_a_file_that_is_no_yaml_is_one_problem(tmp_path: Path, text: str) -> None:
    """Broken, dangerous or endlessly nested files are reported, never run."""
    (tmp_path / "shop.yaml").write_text(text)
    problems = check_folder(tmp_path).problems
    assert problems
    assert problems[0].file == "shop.yaml"


def test_the_definitions_of_the_repository_are_right() -> None:
    """What `make run` publishes has no problem, and says itself in both languages."""
    checked = check_folder(Path("definitions"))
    assert checked.problems == ()
    assert checked.bundle is not None
    assert {segment.segment for segment in checked.bundle.segments} >= {"new", "at-risk"}
    journey = next(journey for journey in checked.bundle.journeys if journey.journey == "cart-recovery")
    assert "24 saat sonra cart-offer gönderilir" in describe_journey(journey, "tr")
    assert "After 72 hours cart-last is sent (the preferred channel, else SMS, else e-mail)" in describe_journey(
        journey, "en"
    )


def test_cart_recovery_is_as_the_contract_says() -> None:
    """The journey of the repository is word for word the one that was agreed on, beside its label and its priority."""
    agreed = yaml.safe_load(
        """
        journey: cart-recovery
        start: {when: cart_changed, if: {cart: {items: {at_least: 1}}}}
        clock: {from: last_cart_change, freezes_at: first_send}
        reenter: {after: 7d}
        stop_when: {any: [{ordered: {since: clock}}, {cart: {items: {exactly: 0}}}]}
        goal: {ordered: {within: 7d}}
        steps:
          - {id: reminder, at: 1h, fresh_for: 14h, send: cart-reminder, purpose: marketing, channels: [push, email], no_reaction: {after: 4h, then: next_channel}}
          - {id: offer, at: 24h, fresh_for: 24h, send: cart-offer, purpose: marketing, channels: [email], give: {coupon: CART10, percent: 10, valid: 72h, once_per: 180d}}
          - {id: last, at: 72h, fresh_for: 24h, send: cart-last, purpose: marketing, channels: [preferred, sms, email]}
        """  # noqa: E501
    )
    assert {name: value for name, value in JOURNEY.items() if name not in ("label", "priority")} == agreed


def steps(*said: dict[str, Any], **words: Any) -> dict[str, Any]:
    """Cart recovery with other steps."""
    return {**copy.deepcopy(JOURNEY), "steps": list(said), **words}


SEND = {"id": "a", "send": "cart-offer", "purpose": "marketing", "channels": ["email"]}
LATE = {**SEND, "id": "b", "at": "2h"}
EMPTY = {"cart": {"items": {"exactly": 0}}}


@pytest.mark.parametrize(
    ("journey", "path", "message", "remedy"),
    [
        (steps({"end": "enough"}, SEND), "steps[1]", "it comes after end, and is never reached", "take it out"),
        (
            steps({"branch": {"if": EMPTY, "then": [{"end": "x"}, SEND]}}),
            "steps[0].branch.then[1]",
            "it comes after end, and is never reached",
            "take it out",
        ),
        (steps({"holdout": {"percent": 50}}), "steps", "no step sends or writes anything", "send: TEMPLATE"),
        (steps({"wait": "0m"}, SEND), "steps[0].wait", "a wait of 0h is none", "take it out"),
        (steps({"wait": "10d"}, LATE), "steps[1].at", "reached 10d after it at the earliest", "leave at out"),
        (
            steps({**SEND, "no_reaction": {"after": "1h"}}),
            "steps[0].no_reaction",
            "no next channel",
            "take no_reaction",
        ),
        (
            steps({**SEND, "channels": ["push", "email"], "no_reaction": {"after": "0m"}}),
            "steps[0].no_reaction.after",
            "nobody reacts in no time",
            "4h",
        ),
        (changed("stop_when", to=JOURNEY["start"]["if"]), "stop_when", "nothing is ever sent", "write what ends it"),
        (
            {"journey": "x", "start": {"event": "Asked"}, "one_per": "email", "steps": [SEND]},
            "one_per",
            "email is an address",
            "name an id",
        ),
    ],
)
def test_what_cannot_be_meant_is_said(journey: dict[str, Any], path: str, message: str, remedy: str) -> None:
    """The model takes it, because a release that was published must stay readable; a new one is not published so."""
    found = problem(journey)
    assert found[0] == path
    assert message in found[1]
    assert remedy in found[2]


def test_what_was_published_before_a_rule_was_made_is_readable() -> None:
    """Every function reads the release of now, and an enrollment the one it pins: both outlive any check."""
    before = json.loads(write_release(Release(3, Shop(name="Kervan"), journeys=(JourneyDefinition(**JOURNEY),))))
    before["journeys"][0]["steps"][1]["give"] |= {"once_per": "0m", "valid": "0m"}
    give = read_release(json.dumps(before)).journeys[0].sends[1].give
    assert give is not None
    assert give.once_per == timedelta()


def _sends(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"journey": "x", "start": {"event": "Signed Up"}, "steps": list(steps)}


CONFIRMED = template("order-confirmed").model_copy(update={"purpose": "transactional"})
COMMON: dict[str, Any] = {"fresh_for": "24h", "purpose": "marketing", "channels": ["email"]}
FIRST, SECOND = {"id": "first", "send": "cart-reminder", **COMMON}, {"id": "second", "send": "cart-last", **COMMON}
IN_CART = {"cart": {"items": {"at_least": 1}}}


@pytest.mark.parametrize(
    "steps",
    [
        (FIRST, SECOND),
        ({**FIRST, "at": "1h"}, {**SECOND, "at": "1h"}),
        ({"wait": "2h"}, {**FIRST, "at": "1h"}, SECOND),
        (FIRST, {"note": "sent"}, SECOND),
        ({"wait": "1h"}, {**FIRST, "unless": IN_CART}, SECOND),
    ],
)
def test_two_sends_that_are_due_together_are_told(steps: tuple[dict[str, Any], ...]) -> None:
    """The earlier would always be left out as piled_up, and its author would wonder why."""
    told = [
        found
        for found in check([SHOP, Document("journeys/x.yaml", _sends(*steps))], TEMPLATES).problems
        if "piled_up" in found.message
    ]
    [found] = told
    assert found.message == "it is due at the same moment as first, so first is always left out (piled_up)"
    assert found.path == f"steps[{len(steps) - 1}]"


@pytest.mark.parametrize(
    "steps",
    [
        (FIRST, {"wait": "1h"}, SECOND),
        (FIRST, {**SECOND, "at": "1h"}),
        ({**FIRST, "send": "order-confirmed", "purpose": "transactional"}, SECOND),
        (FIRST, {**SECOND, "unless": IN_CART}),
        (FIRST, {"wait_for": {"event": "Signed In", "at_most": "1d", "otherwise": "continue"}}, SECOND),
        (FIRST, {"wait": {"until": "10:00"}}, SECOND),
        ({"branch": {"if": IN_CART, "then": [FIRST], "else": [SECOND]}},),
    ],
)
def test_sends_that_are_due_apart_are_fine(steps: tuple[dict[str, Any], ...]) -> None:
    """A wait, a later at, a condition of the later one, or another path."""
    templates = {**TEMPLATES, "order-confirmed": CONFIRMED}
    assert not check([SHOP, Document("journeys/x.yaml", _sends(*steps))], templates).problems
