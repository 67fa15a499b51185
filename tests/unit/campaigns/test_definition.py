"""What a campaign may say, how it reads aloud, and what the API answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from pydantic import ValidationError

from cli.commands.campaigns import app
from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.campaigns.describe import describe_campaign
from shared.domain.campaigns.timing import begins, on_the_wall, share
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from tests.unit.campaigns.world import SALE, SEGMENT, START, TEMPLATE, Store
from tests.unit.notify.world import SHOP

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store()
    coupon = CouponDefinition(coupon="CART10", codes="imported")
    store.releases.publish(Release(0, SHOP, segments=(SEGMENT,), templates=(TEMPLATE,), coupons=(coupon,)))
    return store


@pytest.mark.parametrize(
    ("changes", "path", "word"),
    [
        ({"segment": "nobody"}, "segment", "high-value"),
        ({"send": "nothing"}, "send", "spring"),
        ({"purpose": "transactional"}, "purpose", "make them agree"),
        ({"channels": ["push"]}, "channels", "no push in tr, en"),
        ({"channels": ["email", "email"]}, "", "name each once"),
        ({"channels": ["preferred"]}, "channels[0]", "'email', 'sms' or 'push'"),
        ({"at": "tomorrow"}, "at", "2026-12-01T10:00"),
        ({"at": "2026-11-20T10:00"}, "at", "write a later one"),
        ({"at": "2026-11-24T23:00", "fresh_for": "6h"}, "at", "outside the send hours"),
        ({"at": "now", "local_time": True}, "", "without an offset"),
        ({"at": "2026-12-01T10:00+03:00", "local_time": True}, "", "without an offset"),
        ({"fresh_for": "1 month"}, "fresh_for", "write 30d"),
        ({"throtle": {"per_minute": 5}}, "throtle", "did you mean throttle?"),
        ({"throttle": {"per_minute": 0}}, "throttle.per_minute", "greater than"),
        ({"give": {"coupon": "cart10"}}, "give.coupon", "there is CART10"),
        ({"give": {"coupon": "CART1O"}}, "give.coupon", "write CART10"),
        ({"give": {"coupon": "on sale"}}, "give.coupon", "cannot be a code"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place_and_remedy(
    store: Store, changes: dict[str, Any], path: str, word: str
) -> None:
    """Every mistake names where it is and what to write; nothing is scheduled."""
    status, answer = store.ask("POST", "check", body={"definition": SALE | changes, "file": "sale.yaml"})
    assert status == 200
    [problem, *_] = answer["problems"]
    assert (problem["file"], problem["path"]) == ("sale.yaml", path)
    assert word in f"{problem['message']}; {problem['remedy']}"
    status, answer = store.ask("POST", body={"definition": SALE | changes})
    assert (status, answer["error"]) == (400, "invalid_definition")
    assert store.ask("GET")[1]["items"] == []


def test_a_check_says_it_aloud_and_whom_it_reaches() -> None:
    """Both languages, the count, the sample by channel, and a throttle that is too slow."""
    store = Store()
    store.people(9)
    store.person(9, email="p9@example.com", consent=False)
    slow = SALE | {"channels": ["sms", "email"], "throttle": {"per_minute": 1}, "fresh_for": "5m"}
    _, answer = store.ask("POST", "check", body={"definition": slow})
    assert answer["reach"] == {
        "members": 10, "members_at_least": False, "sample": 10, "reachable_in_sample": 9,
        "by_channel_in_sample": {"sms": 0, "email": 9},
    }  # fmt: skip
    assert "10 minutes" in answer["warnings"][0]
    assert "her müşterinin" not in answer["says"]["tr"]
    assert "spring once (SMS, else e-mail)" in answer["says"]["en"]
    assert store.next_due() is None


def test_scheduling_the_same_again_changes_nothing_and_another_under_its_name_is_refused() -> None:
    """A name is used once, also after a cancel; a retry is the same campaign."""
    store = Store()
    store.plan()
    before = store.next_due()
    assert store.ask("POST", body={"definition": SALE | {"test": ["user:p1"]}})[0] == 200
    status, answer = store.ask("POST", body={"definition": SALE | {"fresh_for": "5h"}})
    assert (status, answer["error"]) == (409, "name_taken")
    assert store.ask("POST", "spring-sale", "cancel", body={})[1]["state"] == "cancelled"
    assert store.ask("POST", body={"definition": SALE})[1]["state"] == "cancelled"
    assert store.next_due() == before


def test_the_release_of_the_scheduling_stays() -> None:
    """A template that is taken out afterwards is still sent as it was."""
    store = Store()
    store.people(1)
    store.plan()
    store.releases.publish(Release(0, store.release.shop))
    store.until(START + timedelta(hours=1))
    assert store.addresses == ["p0@example.com"]


def test_what_is_not_there_is_404_and_a_write_key_schedules_nothing(store: Store) -> None:
    """The answers that every other resource gives."""
    assert store.ask("GET", "nope")[0] == 404
    assert store.ask("POST", "nope", "cancel", body={})[0] == 404
    assert store.ask("POST", "nope", "else", body={})[0] == 404
    assert store.ask("POST", "test", body={"definition": SALE})[1]["error"] == "malformed"
    assert store.ingest.post("/v1/campaigns", {"definition": SALE})[0] == 403


def test_every_form_of_at() -> None:
    """The shop's wall clock, an instant, now, and a time that the clock leaves out."""
    shop = Shop(name="S", time_zone="America/New_York")

    def start(at: Any, **more: Any) -> datetime:
        return begins(CampaignDefinition.model_validate(SALE | {"at": at} | more), shop, START)

    assert start("2026-12-01T10:00") == datetime(2026, 12, 1, 15, tzinfo=UTC)
    assert start(datetime(2026, 12, 1, 10)) == datetime(2026, 12, 1, 15, tzinfo=UTC)  # noqa: DTZ001 - as YAML reads it
    assert start("2026-12-01T10:00+03:00") == datetime(2026, 12, 1, 7, tzinfo=UTC)
    assert start("now") == START
    zone = ZoneInfo("America/New_York")
    gap, twice = datetime(2027, 3, 14, 2, 30), datetime(2026, 11, 1, 1, 30)  # noqa: DTZ001 - wall clocks
    assert on_the_wall(gap, zone).astimezone(zone).hour == 3
    assert on_the_wall(twice, zone) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:59", datetime(9999, 12, 31)])  # noqa: DTZ001
def test_a_year_nobody_means_is_refused(at: Any) -> None:
    """It is mistyped, and leads beyond the years that can be counted with."""
    store = Store()
    status, answer = store.ask("POST", body={"definition": SALE | {"at": at if isinstance(at, str) else str(at)}})
    assert (status, answer["error"]) == (400, "invalid_definition")
    with pytest.raises(ValidationError, match="no moment of these years"):
        CampaignDefinition.model_validate(SALE | {"at": at})


def test_shares_add_up_in_every_minute_and_every_shard_gets_its_turn() -> None:
    """Without asking each other, all shards together have exactly what a minute allows."""
    for most in (1, 3, 16, 37):
        for minute in range(29_000_000, 29_000_020):
            assert sum(share(most, 16, shard, minute) for shard in range(16)) == most
        for shard in range(16):
            assert sum(share(most, 16, shard, minute) for minute in range(16)) >= 1


def test_the_document_s_example_is_valid_and_its_commands_exist() -> None:
    """What a reader copies is taken; what he types is there."""
    document = Path("docs/campaigns.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", document, re.DOTALL)
    assert len(examples) >= 2
    for example in examples:
        CampaignDefinition.model_validate(yaml.safe_load(example))
    commands = set(re.findall(r"`kervan campaigns ([a-z]+)", document))
    assert commands == {
        command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands
    }


def test_it_reads_aloud() -> None:
    """The whole definition in one or two sentences."""
    whole = CampaignDefinition.model_validate(
        SALE | {"local_time": True, "give": {"coupon": "SPRING10", "percent": 10}, "throttle": {"per_minute": 500}}
    )
    assert describe_campaign(whole, "en") == (
        "spring-sale: at 2026-11-24 10:30 of each customer's own clock everybody in high-value gets spring once "
        "(e-mail), unless it is 24 hours late. It gives the code SPRING10 (10% off). At most 500 people a minute. "
        "It stops by itself at 4% bounces or 0.1% complaints."
    )
    assert describe_campaign(whole, "tr") == (
        "spring-sale: her müşterinin kendi saatiyle 2026-11-24 10:30 high-value segmentindeki herkese bir kez spring "
        "gönderilir (e-posta); 24 saat geçerse gönderilmez. SPRING10 kodu (%10) verilir. Dakikada en çok 500 kişi. "
        "Geri dönenler %4 ya da şikâyetler %0,1 olursa kendiliğinden durur."
    )
