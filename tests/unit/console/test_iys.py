"""The console's page of Turkey's register of consent, and its part of a customer's consents."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.iys.record import Record
from shared.domain.iys.statement import Known, Statement
from shared.stores.iys_records import Pull
from shared.stores.releases import Releases
from tests.unit.console.console_world import ConsoleWorld

pytestmark = pytest.mark.unit
ACCOUNT: dict[str, object] = {"name": "Kervan Moda", "iys": {"code": 1, "brand": 2}}


def world(shop: dict[str, object]) -> ConsoleWorld:
    made = ConsoleWorld()
    Releases(made.catalog).publish(Release(0, Shop.model_validate(shop)))
    now = made.clock.now()
    due = Statement("ONAY", now, "HS_WEB", now + timedelta(days=3), "said-1")
    refused = Statement("ONAY", now, "HS_WEB", now + timedelta(days=3), "said-2", "refused", "H114")
    for who, said in (("email:ayse@example.com", due), ("email:ece@example.com", refused)):
        key, plain = made.keys(parse_identifier(who)), who.partition(":")[2]
        made.admin.iys.of_account("1-2").put(Record(key, "BIREYSEL", "EPOSTA", plain, key, None, (said,)))
    return made


def test_what_is_due_and_what_was_refused() -> None:
    """Each with its state; a refusal with its code; and whoever may not see customers gets neither."""
    made = world(ACCOUNT)
    due = made.browser("marketer").get("/console/iys").text
    assert "ayse@example.com" in due
    assert "ece@example.com" not in due
    refused = made.browser("marketer").get("/console/iys?state=refused").text
    assert "H114" in refused
    assert "ayse@example.com" not in refused
    assert made.browser("store").get("/console/iys").status == 403


def test_without_an_account_it_says_so() -> None:
    assert "definitions/shop.yaml" in world({"name": "Kervan Moda"}).browser("admin").get("/console/iys").text


def test_what_could_not_be_read_is_shown_and_names_nobody() -> None:
    """By program and on the page; with the time since when changes may be missing."""
    made = world(ACCOUNT)
    records, now = made.admin.iys.of_account("1-2"), made.clock.now()
    records.keep_unreadable({"status": "RET", "consentDate": "yesterday"}, now, "e.key")
    records.put_pull(Pull("c-1", now, now - timedelta(hours=1)))
    assert made.get("/v1/iys")[1]["unreadable"] == 1
    [row] = made.get("/v1/iys/unreadable")[1]["items"]
    assert (row["customer"], row["row"]) == ("e.key", {"status": "RET", "consentDate": "yesterday"})
    text = made.browser("marketer").get("/console/iys").text
    assert "1 changes of 30 days could not be read" in text
    assert "may be missing" in text


def test_today_leads_there() -> None:
    """Only where there is an account."""
    assert "/console/iys" in world(ACCOUNT).browser("admin").get("/console/today/health").text
    assert "/console/iys" not in world({"name": "Moda"}).browser("admin").get("/console/today/health").text


def test_the_api_lists_them_by_pages() -> None:
    """The same by program, with the counts; a cursor of another list is refused."""
    made = world(ACCOUNT)
    for number in range(3):
        key = made.keys(parse_identifier(f"phone:+9053211122{number}0"))
        now = made.clock.now()
        said = Statement("RET", now, "HS_MESAJ", now + timedelta(days=4, minutes=number))
        made.admin.iys.of_account("1-2").put(Record(key, "BIREYSEL", "MESAJ", "+90", key, Known("ONAY", now), (said,)))
    status, found = made.get("/v1/iys")
    assert (status, found["counts"]) == (200, {"due": 4, "pending": 0, "refused": 1})
    assert (found["unreadable"], found["missing_since"]) == (0, None)
    seen, cursor = [], ""
    while True:
        asked = {"state": "due", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = made.get("/v1/iys/statements", query=asked)[1]
        seen += [one["statements"][0]["due_by"] for one in page["items"]]
        cursor = page["cursor"]
        if not cursor:
            break
    assert len(seen) == 4
    assert seen == sorted(seen)
    assert made.get("/v1/iys/statements", query={"state": "nonsense"})[0] == 400
    assert made.get("/v1/iys/statements", query={"cursor": "abc"})[0] == 400
