"""Two customers with something of every kind that a person leaves; one asks for a copy, then to be erased."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from shared.domain.consent.consent import Consent, FoldedRun, TakenBack
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.case import PERSON as HIMSELF
from shared.domain.privacy.case import CaseState, Right, new_case
from shared.domain.privacy.copy_files import place_of
from shared.domain.privacy.erasure import CONFIRM_AFTER
from shared.domain.privacy.held_rights import Held, Mark
from shared.stores.cases import Cases
from shared.stores.consent_items import consent_items, put_first
from shared.stores.erasures import Erasures
from shared.stores.right_marks import put_right_marks
from tests.flow.releases.scene import Scene
from tests.support.canaries import found as canaries
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import ADMIN_KEY, NOW, World, http_event
from tests.unit.privacy.shop import MARK, Shop42, marked
from tests.unit.privacy.test_erasing_conversations import wrote

PARTED = {"owner": "user:42", "reason": "her sister's"}
QUESTIONS = ("", "/timeline", "/messages", "/links", "/consents")


def play(shop: Shop42) -> dict[str, Any]:
    """The erasure of the other one is on its way: asked for, and not begun."""
    world = shop.world
    home = world.keys(parse_identifier("user:42"))
    for item in [one for one in world.messages.items() if "since" in one]:  # a mark that no function writes
        world.messages.delete(item["pk"], item["sk"])
    told(world, event="Product Added to Wishlist", properties=marked("wish"))
    told(world, type="identify", traits={"firstName": MARK, "lastName": f"{MARK}oglu"})
    for number in range(130):  # so many orders that some lie in items of their own
        told(world, event="Order Completed", messageId=f"o{number}", properties={"order_id": f"{MARK}-{number}"})
    shop.fold()
    wrote(shop, "user:42", "m-1", f"{MARK} question")
    key = {"authorization": f"Bearer {ADMIN_KEY}"}
    assert world.send(http_event("POST", "/v1/customers/anonymous:own-browser/release", PARTED, key))[0] == 202
    shop.fold()
    put_right_marks(world.customers, [home], Mark(Held.OBJECT, "case-9", home, NOW))
    case = Cases(world.catalog).put(new_case("20261122T100000Z-1", Right.EXPORT, home, NOW, HIMSELF))
    Cases(world.catalog).put(case.moved(CaseState.DONE, NOW, HIMSELF))
    shop.files.kept[place_of(case.id)] = f"a copy, {MARK}".encode()
    put_first(world.customers, [item for said in said_of(world, home) for item in consent_items(said, trusted=False)])
    status, asked = shop.ask("user:77")
    assert status == 202, asked
    return {"files": {name: body.decode() for name, body in shop.files.kept.items()}, "queued": world.erasures.bodies}


def said_of(world: World, home: str) -> list[ConsentRecord]:
    """Statements with everything that one may hold: the page of a link, a run, a withdrawal that was taken back."""
    sms = Consent("sms", "news", True, NOW, NOW, True, "web", "link-1", "", "2026-01", "HS_WEB", "m-9")
    run = FoldedRun(NOW, NOW + timedelta(minutes=5), 3, NOW + timedelta(minutes=4), own=True, widened=True)
    push = Consent("push", "news", False, NOW, NOW, False, "web", "run-1", run=run)
    forged = TakenBack("web", "forged-1", NOW, "ops", "a flood")
    undone = Consent("email", "news", False, NOW, NOW, False, "web", "undo-1", takes_back=forged)
    return [ConsentRecord((home,), said) for said in (sms, push, undone)]


def answers(shop: Shop42, carried: Any) -> dict[str, Any]:
    shop.files.kept = {name: body.encode() for name, body in carried["files"].items()}
    asked: dict[str, Any] = {
        "case": shop.world.get("/v1/cases/20261122T100000Z-1"),
        "cases": shop.world.get("/v1/cases"),
    }
    asked["sources"] = shop.world.get("/v1/sources", ADMIN_KEY)
    asked |= {question: shop.world.get(f"/v1/customers/user:42{question}", ADMIN_KEY) for question in QUESTIONS}
    shop.world.erasures.bodies = list(carried["queued"])
    shop.work()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    erasures = Erasures(shop.world.catalog)
    queued = [_state(erasures, json.loads(body)["erasure"]) for body in carried["queued"]]
    status, own = shop.ask()
    shop.work()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    return {
        **asked,
        "the erasure on its way": queued,
        "his own": [status, _state(erasures, own["id"])],
        "left of him": sorted(canaries([MARK], [shop.everything()])),
        "found by search": len([item for item in shop.world.customers.items() if item["pk"].startswith("find#")]),
    }


def _state(erasures: Erasures, id_: str) -> str:
    found = erasures.get(id_)
    return "" if found is None else str(found.state)


PERSON = Scene(
    "person",
    Shop42,
    lambda shop: {
        "customers": shop.world.customers, "messages": shop.world.messages, "catalog": shop.world.catalog,
        "metrics": shop.world.metrics, "timers": shop.world.timers, "stock": shop.stock,
        "interests": shop.interests, "conversations": shop.conversations, "iys": shop.world.iys_table,
    },
    play,
    answers,
)  # fmt: skip
