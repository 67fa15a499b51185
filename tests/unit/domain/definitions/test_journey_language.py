"""The whole language of journeys: read, refused with place and remedy, dumped, exported as a schema, read aloud."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from shared.domain.definitions.bundle import Document, check
from shared.domain.journeys.date_segments import day_segments
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.describe import Language, describe_journey
from tests.unit.domain.definitions.test_check import SHOP, template

pytestmark = pytest.mark.unit
TEMPLATES = {"x": template("x")}

EVERYTHING = """
journey: everything
start:
  event: Product Viewed
  where: {category: Shoes, price: {at_least: 10}}
  if: {any: [{orders: {at_least: 1}}, {not: {ordered: {within: 7d}}}, {cart: {items: {exactly: 0}}}]}
one_per: product_id
stop_when: {any: [{bought: {same: product_id}}, {in_cart: {same: product_id}}, {open_case: {}}, {in_segment: vip}]}
reenter: {after: 30d}
priority: 80
group: browse
steps:
  - wait: {until: 10:00}
  - wait: {until: {time: "09:30", weekday: [mon, tue]}}
  - wait: {until: active_hour}
  - wait: {until: {property: ends_at, before: 2h}}
  - wait: 3d
  - wait_for: {event: Product Viewed, same: product_id, at_most: 10d, otherwise: continue}
  - holdout: {percent: 10}
  - set: {vip: true}
  - note: Looked at shoes
  - branch:
      if: {trait: {name: city, is: Izmir}}
      then:
        - {id: a, send: x, purpose: marketing, channels: [email]}
        - end: enough
      else:
        - split:
            a: {weight: 50, steps: [{id: b, send: x, purpose: marketing, channels: [email]}]}
            b: {weight: 50}
"""
VIP = Document("segments/vip.yaml", {"segment": "vip", "who": {"orders": {"at_least": 9}}})
BIRTHDAY = {"date": "birthday", "at": "10:00"}
SEND = {"id": "a", "send": "x", "purpose": "marketing", "channels": ["email"]}


def everything() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(EVERYTHING)
    return read


def problems(**changes: Any) -> list[tuple[str, str, str]]:
    document = Document("journeys/x.yaml", {**everything(), **changes})
    found = check([SHOP, VIP, document], TEMPLATES).problems
    return [(one.path, one.message, one.remedy) for one in found]


def test_every_word_of_the_language_is_read() -> None:
    """And dumped as it was written: a release that is read again holds the same journey."""
    journey = JourneyDefinition.model_validate(everything())
    assert problems() == []
    dumped = json.loads(json.dumps(journey.model_dump(mode="json", by_alias=True, exclude_unset=True)))
    assert JourneyDefinition.model_validate(dumped) == journey
    assert [one.id for one in journey.plan.all][-5:] == [
        "branch.9", "a", "branch.9.then.end.1", "branch.9.else.split.0", "b",
    ]  # fmt: skip


def test_an_unquoted_time_is_the_same_time() -> None:
    """YAML reads 10:00 as the number 600; it means ten o'clock all the same."""
    for written in (600, "10:00"):
        journey = JourneyDefinition.model_validate({**everything(), "steps": [{"wait": {"until": written}}]})
        assert journey.model_dump(mode="json", exclude_unset=True)["steps"][0]["wait"]["until"] == {"time": "10:00"}


@pytest.mark.parametrize(
    ("changes", "path", "message", "remedy"),
    [
        ({"steps": [{"wait": "1mo"}]}, "steps[0].wait", "1mo is not exact", "write 30d"),
        ({"steps": [{"wait": {"until": "25:00"}}]}, "steps[0].wait.until.time", "no time of the day", "10:00"),
        ({"steps": [{"wait": {"until": {"time": "10:00", "weekday": ["someday"]}}}]},
         "steps[0].wait.until.weekday[0]", "'someday' is not known", "'mon'"),
        ({"steps": [{"wait_for": {"event": "X"}}]}, "steps[0].wait_for.at_most", "missing", "add it"),
        ({"steps": [{"wait_for": {"event": "X", "at_most": "2d", "same": "a", "where": {"a": 1}}}]},
         "steps[0].wait_for", "same and where are not asked together", "write one of them"),
        ({"steps": [{"branch": {"if": {"ordered": {"since": "clock"}}}}]},
         "steps[0].branch", "a branch leads nowhere", "under then or else"),
        ({"steps": [{"branch": {"if": {"orderd": {}}, "then": [SEND]}}]},
         "steps[0].branch.if", "that is no condition", "begin it with one of"),
        ({"steps": [{"branch": {"if": {"ordered": {"within": "1d"}}, "then": [{**SEND, "channels": ["fax"]}]}}]},
         "steps[0].branch.then[0].channels[0]", "'fax' is not known", "'email'"),
        ({"steps": [{"split": {"a": {"weight": 0}, "b": {"weight": 0}}}]}, "steps[0]", "all weights are 0", "give"),
        ({"steps": [{"holdout": {"percent": 100}}]}, "steps[0].holdout.percent", "less than or equal to 99", "correct"),
        ({"steps": [{"set": {"email": "a@b.c"}}]}, "steps[0]", "email says where", "take it out"),
        ({"steps": [SEND, {"wait": "1d"}, SEND]}, "", "two steps are called a", "its own id"),
        ({"steps": [{"branch": {"if": {"ordered": {"within": "1d"}}, "then": [{**SEND, "send": "y"}]}}]},
         "steps[0].branch.then[0].send", "there is no template y", "write one of x"),
        ({"steps": [{"branch": {"if": {"in_segment": "vips"}, "then": [SEND]}}]},
         "steps[0].branch.if", "there is no segment vips", "did you mean vip?"),
        ({"start": {"entered": "vips"}, "one_per": None, "steps": [SEND], "stop_when": None},
         "start.entered", "there is no segment vips", "did you mean vip?"),
        ({"start": {"when": "cart_changed"}}, "", "one_per is a property of an event", "it needs start: {event: NAME}"),
        ({"start": {"when": "cart_changed"}, "one_per": None}, "", "is asked of the event", "start: {event: NAME}"),
        ({"start": {**BIRTHDAY, "before": "36h"}}, "start", "before counts whole days", "write 1d"),
        ({"start": {**BIRTHDAY, "before": "7d", "every": "once"}}, "start", "every year", "leave"),
        ({"start": {"event": "X", "if": {"not": {"reachable": {"channel": "sms"}}}}},
         "", "journeys meet no addresses", "ask in_segment"),
        ({"priority": 101}, "priority", "less than or equal to 100", "correct it"),
        ({"start": {"event": "X", "where": {"a": {"at_leest": 1}}}, "stop_when": None},
         "start.where.a.at_leest", "is not a word", "did you mean at_least?"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_with_place_and_remedy(
    changes: dict[str, Any], path: str, message: str, remedy: str
) -> None:
    """One mistake, one problem that helps, however deep it lies."""
    found = problems(**changes)
    assert len(found) == 1
    assert found[0][0] == path
    assert message in found[0][1]
    assert remedy in found[0][2]


def test_a_start_by_date_is_a_segment_of_the_release() -> None:
    """For everybody to see: who is in it, who will be next week; its name must be free."""
    document = {"journey": "birthday", "start": {"date": "birthday", "at": "10:00", "before": "7d"}, "steps": [SEND]}
    checked = check([SHOP, Document("j.yaml", document)], TEMPLATES)
    assert checked.bundle is not None
    [segment] = checked.bundle.release().segments
    assert segment.segment == "date-birthday"
    assert segment.who.model_dump(mode="json", exclude_unset=True) == {
        "anniversary": {"trait": "birthday", "ahead": "8d"},
    }  # fmt: skip
    taken = Document("s.yaml", {"segment": "date-birthday", "who": {"orders": {"at_least": 1}}})
    [problem] = check([SHOP, taken, Document("j.yaml", document)], TEMPLATES).problems
    assert "made by this journey" in problem.message


def test_a_day_that_comes_once_is_a_day_long() -> None:
    """``every: once`` begins on the day that the trait holds, of that year."""
    start = {"date": "contract_ends", "at": "09:00", "every": "once"}
    journey = JourneyDefinition.model_validate({"journey": "j", "start": start, "steps": [SEND]})
    [segment] = day_segments([journey])
    assert segment.who.model_dump(mode="json", exclude_unset=True) == {
        "trait": {"name": "contract_ends", "within": "24h"},
    }  # fmt: skip


def test_editors_get_a_schema() -> None:
    """Every kind of step and start is in it."""
    text = json.dumps(JourneyDefinition.model_json_schema())
    for kind in ("SendStep", "WaitStep", "WaitForStep", "BranchStep", "SplitStep", "HoldoutStep", "SetStep", "NoteStep",
                 "EndStep", "EventStart", "EnteredStart", "LeftStart", "DateStart", "WhenStart", "Bought"):  # fmt: skip
        assert f'"{kind}"' in text


@pytest.mark.parametrize(
    ("language", "pieces"),
    [
        (
            "en",
            [
                "begins with Product Viewed (", "It begins once for each product_id.",
                "It waits until 10:00 of the customer's clock.", "09:30 of the customer's clock on Monday or Tuesday",
                "an hour in which the customer is usually active", "It waits until 2 hours before ends_at.",
                "It waits 72 hours.",
                "It waits at most 10 days for Product Viewed of the same product_id; without it, it goes on.",
                "10% of the customers are held out", "It sets vip = True.", 'It notes "Looked at shoes".',
                "If the customer is one", "It ends here: enough.", "Customers are divided: a 50%:", "b 50%: nothing",
                "It stops if the same product was bought since or the same product is in the cart",
                "Priority: 80.", "Of the group browse only one runs at a time.",
            ],
        ),
        (
            "tr",
            [
                "Product Viewed (", "Her product_id için bir kez başlar.", "saati 10:00 olana kadar beklenir",
                "Pazartesi ya da salı günü", "etkin olduğu saate kadar", "ends_at anından 2 saat öncesine kadar",
                "72 saat beklenir.", "En çok 10 gün aynı product_id için Product Viewed beklenir, gelmezse sürer.",
                "%10 kadarı karşılaştırma için ayrılır", "Müşteriye yazılır: vip = True.", "Burada biter: enough.",
                "Müşteriler bölünür: a %50:", "aynı ürün sepette", "Öncelik: 80.",
            ],
        ),
    ],
)  # fmt: skip
def test_every_word_is_read_aloud(language: Language, pieces: list[str]) -> None:
    """A marketer hears each step, condition and start, in both languages."""
    said = describe_journey(JourneyDefinition.model_validate(everything()), language)
    assert [piece for piece in pieces if piece not in said] == [], said


@pytest.mark.parametrize(
    ("start", "english", "turkish"),
    [
        ({"entered": "vip"}, "begins on entering the segment vip.", "vip segmentine girince başlar."),
        ({"left": "vip"}, "begins on leaving the segment vip.", "vip segmentinden çıkınca başlar."),
        ({"date": "birthday", "at": "10:00"}, "begins on the day of birthday each year at 10:00.",
         "her yıl birthday gününde saat 10:00 olunca başlar."),
        ({"date": "birthday", "at": "10:00", "before": "7d"}, "begins 7 days before the day of birthday each year at",
         "her yıl birthday gününden 7 gün önce saat 10:00 olunca başlar."),
    ],
)  # fmt: skip
def test_every_start_is_read_aloud(start: dict[str, Any], english: str, turkish: str) -> None:
    """Segments and days too."""
    journey = JourneyDefinition.model_validate({"journey": "j", "start": start, "steps": [SEND]})
    assert english in describe_journey(journey, "en")
    assert turkish in describe_journey(journey, "tr")


def test_an_instant_and_nothing_are_read_aloud() -> None:
    """The end of an offer without "before"; a trait that is taken away."""
    until = {"wait": {"until": {"property": "ends_at"}}}
    made = JourneyDefinition.model_validate(
        {"journey": "j", "start": {"event": "S"}, "steps": [until, {"set": {"vip": None}}, SEND]}
    )
    assert "ends_at anına kadar" in describe_journey(made, "tr")
    assert "vip = boş" in describe_journey(made, "tr")
    assert "vip = nothing" in describe_journey(made, "en")
