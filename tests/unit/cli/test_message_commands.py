"""`kervan messages ...` against the real answers of the API, and of a folder without one."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli import paths
from cli.main import run
from cli.preview.page import framed, preview_page
from shared.domain.definitions.release import Release
from shared.stores.releases import Releases
from tests.unit.ingest.world import World
from tests.unit.notify.world import SHOP, TEMPLATES

pytestmark = pytest.mark.unit

DEFINITIONS = str(paths.project() / "definitions")


@pytest.fixture
def world(connect: Callable[[World], None]) -> World:
    world = World()
    Releases(world.catalog).publish(Release(0, SHOP, templates=tuple(TEMPLATES.values())))
    connect(world)
    return world


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["messages", "preview", *arguments, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_a_deployment_and_a_folder_show_the_same(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The same templates for the same made-up customer; only one of the two is published."""
    asked = ("cart-offer", "--sample", "many", "--language", "en", "--channel", "sms")
    there, here = told(capsys, *asked), told(capsys, *asked, "--definitions", DEFINITIONS)
    assert (there["release"], here["release"]) == (1, 0)
    assert [one["channel"] for one in there["channels"]] == ["sms"]
    assert there["channels"][0]["sms"]["text"].startswith("10% off your cart")
    assert here["channels"][0]["sms"]["parts"] == there["channels"][0]["sms"]["parts"] == 1


def test_a_page_is_written_for_its_owner_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It holds every channel; pictures of the made-up products are in it, so that nothing is fetched for them."""
    file = tmp_path / "new" / "page.html"
    asked = ["messages", "preview", "cart-offer", "--definitions", DEFINITIONS, "--html", str(file)]
    assert run(asked) == 0
    assert "The page is" in capsys.readouterr().out
    page = file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for said in ("E-mail", "Text message", "iOS, locked", "Android, locked", "data:image/png;base64"):
        assert said in page
    assert "https://shop.example/i/" not in page


def test_a_message_cannot_leave_its_frame() -> None:
    """Whatever it holds, the page shows it as text or in a frame that runs nothing."""
    hostile = '"></iframe><script>alert(1)</script><img src=x onerror=alert(1)>'
    page = preview_page(
        {
            "template": "t", "purpose": "marketing", "release": 1, "customer": hostile, "sample": None,
            "channels": [
                {"channel": "email", "language": "tr", "missing": [hostile], "problem": None, "sms": None, "push": None,
                 "email": {"subject": hostile, "preheader": hostile, "html": hostile, "text": hostile, "bytes": 9}},
                {"channel": "push", "language": "tr", "missing": [], "problem": None, "sms": None, "email": None,
                 "push": {"title": hostile, "body": hostile, "url": hostile, "image": hostile, "shown": {
                     name: {"title": hostile, "body": hostile, "shortened": True} for name in ("android", "ios")}}},
                {"channel": "sms", "language": "tr", "missing": [], "problem": None, "push": None, "email": None,
                 "sms": {"text": hostile, "encoding": "gsm-7", "units": 9, "parts": 1, "forces_ucs2": hostile,
                         "price": {"amount": "1", "currency": "TRY", "text": hostile}}},
            ],
        }
    )  # fmt: skip
    assert "<script" not in page
    assert "<img src=x" not in page
    assert page.count("</iframe>") == page.count(' sandbox width="') == 4
    assert "default-src 'none'" in page


def test_a_frame_shows_the_mode_that_it_says() -> None:
    """The colours for dark mode hold in the dark frame only, whatever the machine prefers."""
    html = "<style>@media (prefers-color-scheme:dark) { a { color: red } }</style>"
    assert "@media all {" in framed(html, dark=True)
    assert "@media not all {" in framed(html, dark=False)


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["cart-offer", "--customer", "user:1", "--sample", "two"], 2, "not both"),
        (["cart-offer", "--customer", "user:1", "--definitions", DEFINITIONS], 2, "knows no customers"),
        (["nothing", "--definitions", DEFINITIONS], 2, "has no template nothing"),
        (["nothing"], 1, "no such template"),
        (["welcome", "--channel", "sms"], 1, "the template has no sms"),
        (["welcome", "--language", "de"], 1, "in en, tr only"),
        (["welcome", "--customer", "user:nobody"], 1, "nobody is known"),
    ],
)
def test_what_cannot_be_shown_is_told_in_one_line(
    world: World, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, says: str
) -> None:
    """The exit status tells wrong use from failure."""
    assert run(["messages", "preview", *arguments]) == status
    assert says in capsys.readouterr().err


def test_a_test_is_asked_for_by_the_name_of_its_recipient(
    connect: Callable[[World], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """What goes out where, and how to see what became of it; an unknown name lists those that there are."""
    world = World()
    shop = SHOP.model_copy(update={"test_recipients": {"ayse": "user:42"}})
    Releases(world.catalog).publish(Release(0, shop, templates=tuple(TEMPLATES.values())))
    connect(world)
    assert run(["messages", "test", "cart-offer", "--to", "ayse"]) == 0
    told = capsys.readouterr().out
    assert "cart-offer goes to ayse by email, sms, push within a minute" in told
    assert "kervan customer messages user:42" in told
    assert run(["messages", "test", "cart-offer", "--to", "ayse", "--channel", "sms", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["channels"] == ["sms"]
    assert run(["messages", "test", "cart-offer", "--to", "can"]) == 1
    assert "there are: ayse" in capsys.readouterr().err
    assert len(world.timers.items()) == 4
