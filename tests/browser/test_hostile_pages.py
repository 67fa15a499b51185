"""Every page of the console with hostile values in all that a public source, a customer or a colleague may say.

Traits, products, names of events, conversations and their files, labels of definitions, templates, campaigns, locations
and dry runs hold the corpus. Nothing runs, the policy has nothing to refuse, nothing stands there as markup, and no
page scrolls sideways at 200 %.
"""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from benchmarks.deployment import ready_definitions
from functions.console.route import Route
from functions.console.routes import ROUTES
from shared.domain.campaigns.campaign import Campaign
from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.identity.identifiers import parse_identifier
from shared.operators.publishing import save_draft
from shared.operators.stock import levels, products
from shared.stores.campaigns import Campaigns
from shared.stores.dry_runs import DryRunJob, DryRuns, Totals
from shared.stores.releases import Releases
from tests.browser.console_page import opened
from tests.browser.console_server import LOCAL, served
from tests.unit.console.service_world import ServiceWorld
from tests.unit.console.shop_world import HOSTILE

pytestmark = pytest.mark.browser
SEEN_ELSEWHERE = {
    "sign-in", "sign-in/start", "signed-in", "enter/*",  # without a person
    "conversations/next", "conversations/*/files/*/*",  # lead elsewhere
    "customers/*/consents/proof",  # a file to keep
    "reports/*", "reports/*/answer", "reports/*/sql", "reports/*/file",  # need a lake
}  # fmt: skip


WIDTH = 640
"""Of a window of 1280 pixels at 200 %: no page scrolls sideways, whatever stands in it."""


class HostileWorld(ServiceWorld):
    """The ready definitions with hostile labels, and one of everything else that has a page."""

    def __init__(self) -> None:
        super().__init__(LOCAL)
        ready = ready_definitions()
        label = {"tr": HOSTILE[0], "en": HOSTILE[1]}
        segments = [one.model_copy(update={"label": label}) for one in ready.segments]
        journeys = [one.model_copy(update={"label": label}) for one in ready.journeys]
        shop = ready.shop.model_copy(update={"name": HOSTILE[5]})
        templates = [
            one.model_copy(update={"subject": {"tr": HOSTILE[0], "en": HOSTILE[1]}, "sms": {"tr": HOSTILE[5]}})
            if one.template == "newsletter"
            else one
            for one in ready.templates
        ]
        Releases(self.catalog).publish(
            replace(ready, shop=shop, segments=tuple(segments), journeys=tuple(journeys), templates=tuple(templates))
        )
        now = self.clock.now()
        rule = {"segment": "new", "label": label, "who": {"trait": {"name": HOSTILE[0][:60], "is": HOSTILE[1]}}}
        save_draft(self.catalog, "segment", rule, now, HOSTILE[0], version=0)
        answer = {"canned_answer": "hostile", "label": {"tr": HOSTILE[0][:60]}, "text": {"tr": HOSTILE[0]}}
        save_draft(self.catalog, "canned_answer", answer, now, HOSTILE[1], version=0)
        definition = CampaignDefinition.model_validate(
            {"campaign": "sale", "label": label, "segment": "new", "send": "newsletter", "purpose": "marketing",
             "channels": ["email"], "at": "now", "give": {"coupon": HOSTILE[0][:60]}}
        )  # fmt: skip
        Campaigns(self.catalog).create(Campaign(definition, 1, now, now))
        products.put_one(self.stock_desk, "p-1", {"name": HOSTILE[0], "price": "1", "currency": "TRY"})
        levels.put_location(self.stock_desk, "depot", {"label": HOSTILE[1][:60], "pickup": True})
        content = json.dumps({"journey": "cart-recovery", "label": label})
        would = {f"{HOSTILE[0]}|email|sent|{HOSTILE[1]}": 1}
        job = DryRunJob(
            id="r1", journey="cart-recovery", content=content, release=1, draft=True, since=0, until=1, limit=1,
            agreed=False, sms_price=0.02, by=HOSTILE[0], at="2026-11-23T10:00:00.000Z", state="done",
            totals=Totals(would=would, not_begun={HOSTILE[0]: 1}),
        )  # fmt: skip
        runs = DryRuns(self.catalog)
        job = runs.put(job, now)
        word = next(iter(would))
        runs.put_part(job, [{"customer": HOSTILE[1], "would": [[job.at, word]], "was": [[job.at, word]]}], now)

    def parts(self) -> dict[str, tuple[str, ...]]:
        """What stands for the stars of a path, by the first word of it, or by the whole path."""
        key = self.keys(parse_identifier("user:42"))
        owned = parse_identifier("loyalty:L-7")
        return {
            "campaigns": ("sale",), "segments": ("new",), "journeys": ("cart-recovery",), "dry-runs": ("r1",),
            "releases": ("1",), "templates": ("newsletter",), "sending": ("stop",), "customers": (key,),
            "conversations": (self.hostile_talk,), "rights": ("nobody",),
            "service": ("canned_answer", "hostile"), "new-service": ("canned_answer",),
            "journeys/*/*": ("cart-recovery", "stopped"), "customers/*/why/*": (key, "stopped"),
            "customers/*/segments/*": (key, "new"),
            "customers/*/links/*/*/*": (key, "undo", self.keys(owned), "1"),
        }  # fmt: skip


def _path(route: Route, parts: dict[str, tuple[str, ...]]) -> str:
    given = iter(parts.get("/".join(route.path), parts.get(route.path[0], ())))
    return "/".join(quote(next(given), safe="") if one == "*" else one for one in route.path)


def test_nothing_hostile_runs_on_any_page(chromium: Browser) -> None:
    """A new route is walked by itself; one with a star needs its part above."""
    world = HostileWorld()
    parts = world.parts()
    ran: list[str] = []
    wide: list[str] = []
    with served(world) as console:
        page, said = opened(chromium, (WIDTH, "light", "en-US"))
        page.on("dialog", lambda dialog: ran.append(dialog.message))
        page.goto(console.link("admin"))
        walked = 0
        for route in ROUTES:
            if route.method != "GET" or "/".join(route.path) in SEEN_ELSEWHERE:
                continue
            path = _path(route, parts)
            page.goto(f"{console.address}/console/{path}".rstrip("/"))
            page.wait_for_load_state("networkidle" if page.locator("[hx-trigger*=load]").count() else "load")
            walked += 1
            whole = page.locator("main").count()  # a part alone has no style sheet
            wide += [path] if whole and page.evaluate("document.documentElement.scrollWidth") > WIDTH else []
            if page.title() == "run" or page.locator("img[onerror], svg[onload], script:not([src])").count():
                ran.append(path)
        for query in ("stock/sku?id=p-1", "stock/movements?id=p-1&location=depot", f"customers?q={quote(HOSTILE[0])}"):
            page.goto(f"{console.address}/console/{query}")
            ran += [query] if page.title() == "run" else []
        page.close()
    assert walked > 40
    assert (ran, wide) == ([], [])
    assert [line for line in said if "Failed to load resource" not in line] == []
