"""`kervan journeys`, `sending` and `coupons` against the real answers of the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.main import run
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.stores.controls import ControlStore
from shared.stores.coupons import CouponCodes
from shared.stores.journey_controls import JourneyControls
from shared.stores.releases import Releases
from tests.unit.admin import test_switches as switches
from tests.unit.ingest.world import World

pytestmark = pytest.mark.unit


@pytest.fixture
def world(connect: Callable[[World], None]) -> World:
    """The deployment that the command asks."""
    world = World()
    definitions = Release(0, Shop(name="Moda"), journeys=(switches.CART,), coupons=(switches.POOL, switches.MADE))
    Releases(world.catalog).publish(definitions)
    connect(world)
    return world


def test_a_journey_is_paused_resumed_and_stopped(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence says what follows; the list shows the state and who waits for which step."""
    for number in range(1, 4):
        switches.enroll(world, number)
    for word, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        assert run(["journeys", word, "cart-recovery"]) == 0
        assert "cart-recovery" in capsys.readouterr().out
        assert JourneyControls(world.catalog).of("cart-recovery") == state
    assert run(["journeys", "list"]) == 0
    shown = capsys.readouterr().out
    assert "stopped" in shown
    assert "offer: 3" in shown
    assert run(["journeys", "pause", "nothing", "--json"]) == 1
    assert "no journey of this name" in capsys.readouterr().err


def test_sending_is_switched_for_all(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Stop, shadow mode and the allow-list; each shows what stands then."""
    assert run(["sending", "stop"]) == 0
    assert "held by the global stop" in capsys.readouterr().out
    assert run(["sending", "shadow", "on"]) == 0
    assert run(["sending", "allow-list", "set", "user:42", "email:ayse@example.com"]) == 0
    capsys.readouterr()
    assert run(["sending", "show", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["global_stop"], said["shadow"], said["allow_list"]) == (True, True, 2)
    for words in (["resume"], ["shadow", "off"], ["allow-list", "clear"]):
        assert run(["sending", *words]) == 0
    found = ControlStore(world.catalog).read()
    assert (found.global_stop, found.shadow, found.allow_list) == (False, False, None)
    assert run(["sending", "shadow", "maybe"]) == 2
    assert run(["sending", "allow-list", "set"]) == 2


def test_codes_come_from_a_file(world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With or without a heading, of a CSV the first column; a wrong line is named, the others are in."""
    file = tmp_path / "codes.csv"
    file.write_text('\ufeffcode;note\nKIS-1;"for mail"\n"KIS-2"\n\nKIS 3\n', "utf-8")
    assert run(["coupons", "import", "CART10", str(file), "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["new"] == 2
    assert json.loads(told.out)["rejected"] == [{"line": 5, "reason": "not_a_code"}]
    assert "line 5" in told.err
    many = tmp_path / "many.txt"
    many.write_text("".join(f"A-{n}\n" for n in range(1_200)))
    assert run(["coupons", "import", "LATER", str(many)]) == 0
    assert "1,200 new codes for LATER" in (said := capsys.readouterr().out)
    assert "No published definition takes from them yet" in said
    assert run(["coupons", "list"]) == 0
    shown = capsys.readouterr().out
    assert "made from SPRING-{8}" in shown
    assert "cart-recovery/offer" in shown
    assert run(["coupons", "import", "CART10", str(tmp_path / "none.txt")]) == 2


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("discount_code\nNEW-1\n", "discount_code"),
        ("Coupon Code;used\nNEW-1;0\n", "Coupon Code"),
        ("id,couponCode,value\n1,NEW-1,10\n", "couponCode"),
        ("indirim kodu\tadet\nNEW-1\t1\n", "indirim kodu"),
        ("NEW-1,the code of ours\n", None),
        ("WELCOME\n", None),
    ],
)
def test_the_heading_of_an_export_is_no_code(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, heading: str | None
) -> None:
    """It would be given to a customer: so it is left out and named, and the column that it heads is taken."""
    file = tmp_path / "codes.csv"
    file.write_text(text, "utf-8")
    assert run(["coupons", "import", "CART10", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["heading"], told["new"]) == (heading, 1)
    wanted = "WELCOME" if text.startswith("WELCOME") else "NEW-1"
    assert CouponCodes(world.messages, lambda _below: 0).add("CART10", [wanted]) == 0
