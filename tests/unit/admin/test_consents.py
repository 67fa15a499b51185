"""Consent with proof: what holds now and why, and who said what, where, when, to which text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.admin.test_questions import fold, told
from tests.unit.ingest.world import STORE_KEY, WEB_KEY, World

pytestmark = pytest.mark.unit

PATH = "/v1/customers/user:42/consents"
MAIL = "ayse@example.com"


def says(world: World, key: str, what: str = "Consent Granted", **properties: Any) -> None:
    message = {name: properties.pop(name) for name in ("timestamp", "messageId") if name in properties}
    told(world, key, event=what, properties={"channel": "email"} | properties, **message)


def seen(world: World) -> tuple[dict[tuple[str, str], dict[str, Any]], list[dict[str, Any]]]:
    fold(world)
    status, found = world.get(PATH)
    assert status == 200
    return {(row["channel"], row["purpose"]): row for row in found["now"]}, found["items"]


@pytest.fixture
def world() -> World:
    """Ayşe, whose address a trusted source told."""
    world = World()
    told(world, type="identify", traits={"email": MAIL})
    return world


def test_nobody_ever_said_anything(world: World) -> None:
    """Without a statement the answer is no, on every channel, and why."""
    now, items = seen(world)
    assert {place: row["granted"] for place, row in now.items()} == {
        ("email", "marketing"): False, ("push", "marketing"): False, ("sms", "marketing"): False,
    }  # fmt: skip
    assert now["email", "marketing"]["why"] == "nobody ever granted it"
    assert now["email", "marketing"]["address"] == f"email:{MAIL}"
    assert items == []


def test_a_grant_shows_its_proof(world: World) -> None:
    """Who said it, when, where, to which text, for which address; the statement itself is listed once."""
    says(world, STORE_KEY, address=MAIL, source="checkout", text_version="2026-11")
    now, items = seen(world)
    (statement,) = items
    assert now["email", "marketing"]["granted"] is True
    assert now["email", "marketing"]["proof"] == statement
    assert (
        "store (checkout) on 2026-11-22T10:01:00.000Z granted it, to text 2026-11" in now["email", "marketing"]["why"]
    )
    assert statement["under"] == [f"email:{MAIL}", "user:42"]
    shown = {name: statement[name] for name in ("said", "address", "source", "trusted", "permitted", "text_version")}
    assert shown == {
        "said": "granted", "address": f"email:{MAIL}", "source": "store", "trusted": True, "permitted": True,
        "text_version": "2026-11",
    }  # fmt: skip


def test_a_grant_of_a_public_source_is_kept_and_does_not_count(world: World) -> None:
    """What the web page said is in the list as not permitted, and the reason names it."""
    says(world, WEB_KEY)
    now, (statement,) = seen(world)
    assert (statement["trusted"], statement["permitted"]) == (False, False)
    assert (now["email", "marketing"]["granted"], now["email", "marketing"]["proof"]) == (False, None)
    assert "may not grant consent" in now["email", "marketing"]["why"]


def test_a_withdrawal_of_any_source_counts(world: World) -> None:
    """The later withdrawal decides, is the proof, and says so."""
    says(world, STORE_KEY, text_version="1")
    says(world, WEB_KEY, "Consent Withdrawn")
    now, items = seen(world)
    row = now["email", "marketing"]
    assert (row["granted"], row["proof"]) == (False, items[0])
    assert "web on 2026-11-22T10:02:00.000Z withdrew it" in row["why"]
    assert [item["said"] for item in items] == ["withdrawn", "granted"]
    assert items[0]["permitted"] is True


def test_another_address_is_another_consent(world: World) -> None:
    """A grant for an old address does not cover the new one, and the reason says it."""
    says(world, STORE_KEY, address="Old@Example.com")
    says(world, STORE_KEY, timestamp=None, channel="sms", address="0532 111 22 33")
    now, items = seen(world)
    assert [item["address"] for item in items] == ["phone:+905321112233", "email:old@example.com"]
    assert now["email", "marketing"]["granted"] is False
    assert now["sms", "marketing"]["why"] == "it was granted for an address that is not known to be the customer's"
    assert now["email", "marketing"]["why"] == "it was granted for another address only, not for the one in use"


def test_a_refusal_of_everything_suppresses(world: World) -> None:
    """An address that refused every message is shown as suppressed, beside the consent that stands."""
    says(world, STORE_KEY, address=MAIL)
    says(world, WEB_KEY, "Consent Withdrawn", purpose="all", address=MAIL)
    now, _ = seen(world)
    row = now["email", "marketing"]
    assert (row["granted"], row["suppressed"], row["proof"]["purpose"]) == (False, True, "all")
    assert "order notices included" in row["why"]


def test_the_view_says_what_the_customer_says(world: World) -> None:
    """The consent of the customer and the view's agree, for every channel and purpose."""
    for channel, purpose, what in (
        ("email", "marketing", "Consent Granted"),
        ("sms", "marketing", "Consent Withdrawn"),
        ("push", "news", "Consent Granted"),
    ):
        says(world, STORE_KEY, what, channel=channel, purpose=purpose)
    now, _ = seen(world)
    consent = world.get("/v1/customers/user:42")[1]["consent"]
    for channel, purposes in consent.items():
        for purpose, state in purposes.items():
            assert now[channel, purpose]["granted"] == state["granted"]


def test_statements_come_page_by_page(world: World) -> None:
    """Pages of one are the whole list; a foreign cursor is refused."""
    for place in range(4):
        says(world, STORE_KEY, messageId=f"m{place}", address=MAIL)
    _, whole = seen(world)
    assert len(whole) == 4
    paged: list[Any] = []
    cursor = None
    while True:
        page = world.get(PATH, query={"limit": "1"} | ({"cursor": cursor} if cursor else {}))[1]
        paged += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert paged == whole
    for odd in ("WyJjb25zZW50cyJd", "e30", "x"):
        assert world.get(PATH, query={"cursor": odd})[0] == 400


@pytest.mark.parametrize(("key", "status"), [(WEB_KEY, 403), (STORE_KEY, 403), (None, 401)])
def test_a_write_key_reads_no_consent(world: World, key: str | None, status: int) -> None:
    """The proof is for the admin key only."""
    assert world.get(PATH, key=key)[0] == status
