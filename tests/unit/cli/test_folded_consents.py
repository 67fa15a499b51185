"""What was folded is told wherever consents are shown: how many statements there were, and when."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.operators.person_copy import everything
from shared.stores.releases import Releases
from tests.unit.admin.test_questions import fold, told
from tests.unit.console.shop_world import ShopWorld
from tests.unit.ingest.world import WEB_KEY, World
from tests.unit.privacy.shop import Shop42

pytestmark = pytest.mark.unit

MANY = 60


def flood(world: World, prefix: str = "m", **message: Any) -> None:
    """An hour's worth of withdrawals of one customer, half of them at its end."""
    properties = message.pop("properties", {"channel": "email"})
    for half in range(2):
        batch = [
            {"type": "track", "userId": "42", "event": "Consent Withdrawn", "messageId": f"{prefix}-{half}-{number}",
             "properties": properties, **message}
            for number in range(MANY // 2)
        ]  # fmt: skip
        assert world.post("/v1/batch", {"batch": batch}, WEB_KEY)[0] == 200
        world.clock.advance(timedelta(minutes=50))


@pytest.fixture
def world(connect: Callable[[World], None]) -> World:
    world = World()
    Releases(world.catalog).publish(Release(0, Shop(name="Kervan")))
    told(world, type="identify", traits={"email": "ayse@example.com"})
    flood(world)
    fold(world)
    connect(world)
    return world


def folded(world: World) -> dict[str, Any]:
    items = world.get("/v1/customers/user:42/consents")[1]["items"]
    found = [item["folded"] for item in items]
    assert sum(1 if one is None else one["count"] for one in found) == MANY
    [one] = [one for one in found if one is not None]
    return dict(one)


def test_the_answer_says_how_many_and_when(world: World) -> None:
    """The rest is that of the statement that came last."""
    one = folded(world)
    assert one["count"] > MANY // 2
    assert one["widened"] is False
    assert one["first_received_at"] < one["last_received_at"]


def test_the_command_says_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """In the row of the statement."""
    assert run(["customer", "consents", "user:42"]) == 0
    assert f"{folded(world)['count']} statements between" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(("language", "words"), [("tr", "beyan, "), ("en", "statements, received from ")])
def test_the_proof_says_so(world: World, tmp_path: Path, language: str, words: str) -> None:
    """With the times of the shop's zone."""
    file = tmp_path / "proof.html"
    command = ["customer", "consent-proof", "user:42", "--html", str(file), "--language", language, "--zone", "UTC"]
    assert run(command) == 0
    one = folded(world)
    page = file.read_text("utf-8")
    assert f"({one['count']} {words}" in page
    assert one["last_received_at"][:19].replace("T", " ") in page


def test_the_copy_of_the_person_says_so(world: World, tmp_path: Path) -> None:
    """As data, and on the page."""
    file = tmp_path / "copy.zip"
    assert run(["customer", "export", "user:42", "--out", str(file), "--language", "en"]) == 0
    with zipfile.ZipFile(file) as archive:
        data = json.loads(archive.read("data.json"))
        page = archive.read("index.html").decode()
    one = folded(world)
    assert one in [item["folded"] for item in data["consents"]["items"]]
    assert f"withdrawn ({one['count']} statements, " in page


@pytest.mark.parametrize(("language", "words"), [("tr", "beyan"), ("en", "statements from")])
def test_the_console_says_so(language: str, words: str) -> None:
    """Beside who said it."""
    shop = ShopWorld()
    flood(shop)
    fold(shop)
    part = shop.browser("privacy").get(f"/console/customers/{shop.ayse}/consents", accept_language=language).text
    assert words in part.split('<details class="more"><summary>', 1)[1]


def test_a_widened_one_says_that_it_is_of_more(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Invented purposes: what is kept is more than what was said."""
    for number in range(120):
        properties = {"channel": "sms", "purpose": f"p{number}"}
        told(world, WEB_KEY, event="Consent Withdrawn", properties=properties, messageId=f"p-{number}")
    assert run(["customer", "consents", "user:42"]) == 0
    assert ", of more words" in " ".join(capsys.readouterr().out.split())


def test_of_a_shared_laptop_the_copy_has_only_hers() -> None:
    """Both refused so often in it that it was folded: she gets what she said, one by one, and nothing of his."""
    shop = Shop42()
    before = "2026-11-22T09:00:00Z"
    flood(shop.world, "hers", userId=None, anonymousId="laptop", timestamp=before, properties={"channel": "push"})
    flood(shop.world, "his", userId=None, anonymousId="laptop", properties={"channel": "push"})
    shop.fold()
    copy = everything(shop.world.admin, "user:42")
    said = [one["messageId"] for one in copy["consents"]["items"] if one["channel"] == "push"]
    assert len(said) == len(set(said)) == MANY
    assert all(name.startswith("hers") for name in said)
