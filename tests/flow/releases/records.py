"""What stands for days or years and is seldom written: switches, the quota of SES, proofs of what people asked for,
consents that were folded. Written and read by the stores alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from msgspec import to_builtins

from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.connectors.feed import Pull, Refusal
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.folding import Bounds
from shared.domain.consent.forged_withdrawals import Attack
from shared.domain.consent.preferences import Preference
from shared.domain.identity.keys import VERBATIM
from shared.domain.journeys.enrollment import (
    ChosenBranch,
    ChosenChannels,
    End,
    Enrollment,
    HandedOver,
    SkippedStep,
    Trigger,
    from_item,
    to_item,
)
from shared.domain.messages.controls import Controls
from shared.domain.messages.sending_quota import SendingQuota
from shared.domain.privacy.case import PERSON, CaseState, Right, new_case
from shared.domain.privacy.erasure import Erasure, State
from shared.domain.privacy.held_rights import Held, Mark
from shared.stores.allowances import Allowances, of_day
from shared.stores.cases import Cases
from shared.stores.consent_items import consent_items, put_first, read_consent, statements
from shared.stores.controls import ControlStore
from shared.stores.customers import CustomerStore
from shared.stores.erasures import Erasures, note_anew, put_marks, wrote_anew
from shared.stores.feeds import Feeds, row_digest
from shared.stores.journey_controls import JourneyControls
from shared.stores.preference_items import preference_items
from shared.stores.public_consents import PublicConsents, runs_of
from shared.stores.reputation import Reports, Suspensions
from shared.stores.retention_log import RetentionLog, Walk
from shared.stores.right_marks import put_right_marks
from shared.stores.sending_quota import SendingQuotas
from shared.stores.taking_backs import TakingBack, TakingBacks
from shared.stores.withdrawal_pointers import first_mark
from tests.flow.releases.scene import Scene
from tests.unit.ingest.world import NOW

HOME, ADDRESS = "u.person", "e.address"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPERATION = f"{int(NOW.timestamp() * 1000)}-0a1b2c3d4e5f"
FEW = Bounds(places=1)
"""So that few statements are enough for each to be folded but one."""


ENROLLMENT = Enrollment(
    "win-back", "e1", HOME, 3, Trigger("Order Completed", HOME, "t#1", NOW, {"total": "5"}), NOW, NOW + HOUR,
    {
        "first": HandedOver(("email", "sms"), NOW, NOW), "next": SkippedStep("stale", NOW, NOW, ({"what": "late"},)),
        "half": ChosenBranch("a", NOW, NOW, "split"), "last": ChosenChannels(("push",), NOW, NOW),
    },
    End("ordered", NOW + DAY, {"order": "S-1"}, ({"what": "order"},)), 4, "S-1", "offers", 7, NOW,
)  # fmt: skip


@dataclass
class Records:
    catalog: MemoryTable = field(default_factory=MemoryTable)
    customers: MemoryTable = field(default_factory=lambda: MemoryTable(indexes=INDEXES["customers"]))
    metrics: MemoryTable = field(default_factory=MemoryTable)


def withdrawals() -> list[ConsentRecord]:
    """Of the same words by a public key, within minutes."""
    return [
        ConsentRecord(
            (HOME, ADDRESS),
            Consent(
                "email", "marketing", False, NOW + number * HOUR / 10, NOW + number * HOUR / 9, False, "web",
                f"w-{number}", ADDRESS, "2026-01", "form", "m-1", public=True,
            ),
        )
        for number in range(4)
    ]  # fmt: skip


def an_erasure() -> Erasure:
    return Erasure(
        "20261122T100000Z-9", (HOME, ADDRESS), NOW, "deniz", "case 7", "20261122T100000Z-8", ADDRESS, State.RUNNING,
        done=1, removed=Counter(events=3), kept=Counter(consents=1), erased_at=NOW + HOUR, confirmed_at=NOW + 2 * HOUR,
    )  # fmt: skip


def play(world: Records) -> dict[str, Any]:
    catalog = world.catalog
    allowed = Controls(global_stop=True, allow_list=frozenset({ADDRESS}), at="2026-11-22", by="deniz")
    ControlStore(catalog).write(allowed)
    JourneyControls(catalog).set("win-back", "stopped", NOW, "deniz")
    JourneyControls(catalog).set("cart-recovery", "paused", NOW, "deniz")
    JourneyControls(catalog).set("again", "stopped", NOW, "deniz")
    JourneyControls(catalog).set("again", "running", NOW + HOUR, "deniz")
    SendingQuotas(catalog).store(SendingQuota(NOW, 50_000, 14, 120, production=True, enabled=False))
    Allowances(catalog, "email").spend(of_day(NOW.date()), 5_000, NOW)
    Suspensions(catalog, "sms").resume(NOW, "deniz")
    for what in ("sent", "complained"):
        Reports(world.metrics, "email").count(what, NOW)
    Erasures(catalog).put(an_erasure())
    put_marks(world.customers, an_erasure(), [HOME])
    note_anew(world.customers, HOME, an_erasure().id, 1_700_000_000_000)
    by_himself = new_case("20261122T100000Z-8", Right.RESTRICT, HOME, NOW, PERSON, part=(HOME, ADDRESS), proven=ADDRESS)
    marked = by_himself.moved(CaseState.DONE, NOW + HOUR, PERSON)
    Cases(catalog).put(replace(marked, marked=(HOME,)))
    put_right_marks(world.customers, [HOME], Mark(Held.RESTRICT, by_himself.id, HOME, NOW, NOW + DAY))
    chosen = Preference(NOW, "p-1", 7, NOW + 30 * DAY, "tr", "web", "page", "2026-01", "m-1")
    world.customers.put_many(preference_items([HOME], chosen))
    PublicConsents(world.customers, FEW).put(withdrawals())
    merchant = Consent("sms", "marketing", True, NOW, NOW, True, "store", "g-1", merchant=True)
    put_first(world.customers, consent_items(ConsentRecord((HOME,), merchant), trusted=True))
    attack = Attack("web", NOW - HOUR, NOW)
    marks = {0: first_mark(0), 3: "2026-11-22#3#10#u.person"}
    TakingBacks(catalog).put(TakingBack(OPERATION, NOW, "deniz", attack, "a script", marks, {"taken_back": 2}))
    feeds = Feeds(catalog)
    refused = (Refusal(3, "p-9", "bad_price"),)
    feeds.put(
        "g", Pull("ok", NOW, NOW, NOW + DAY, "e1", "Sun", "d1", 5, 2, 3, 1, refused, NOW + HOUR, 4, "d2", "status_404")
    )
    rows = feeds.rows("g")
    rows.note("p-1", row_digest("shirt"))
    feeds.put_rows(rows)
    RetentionLog(catalog).put(
        Walk(NOW, 3, "place", {"orders": 2}, f"{NOW:%Y-%m-%d}", 1, ended_at=NOW + HOUR, carried_out=True)
    )
    world.customers.put(to_item(ENROLLMENT))
    return {}


def answers(world: Records, _carried: Any) -> dict[str, Any]:
    catalog, store = world.catalog, CustomerStore(world.customers)
    journeys, erasures, quota = JourneyControls(catalog), Erasures(catalog), SendingQuotas(catalog).read()
    control, erasure = store.control(HOME), erasures.get(an_erasure().id)
    operation = TakingBacks(catalog).get(OPERATION)
    said = sorted((one for one, _ in statements(world.customers, HOME)), key=lambda one: one.message_id)
    controls, feeds, walk = ControlStore(catalog).read(), Feeds(catalog), RetentionLog(catalog).current()
    return {
        "switches": [controls.global_stop, controls.shadow, controls.at, controls.by],
        "allowed": sorted(controls.allow_list or ()),
        "journeys": [[name, journeys.of(name), journeys.changed_at(name)] for name in ("win-back", "cart-recovery")],
        "began before the stop": journeys.of("again", NOW - HOUR),
        "quota": to_builtins(quota),
        "asked SES": SendingQuotas(catalog).turn_to_ask(NOW + timedelta(minutes=1)),
        "reserved": Allowances(catalog, "email").reserved(of_day(NOW.date())),
        "resumed": str(Suspensions(catalog, "sms").read()[1]),
        "reports": to_builtins(Reports(world.metrics, "email").since(NOW - DAY, NOW + DAY)),
        "erasure": to_builtins(erasure),
        "wrote anew": wrote_anew(world.customers, an_erasure()),
        "cases": [to_builtins(case) for case in Cases(catalog).of(HOME)],
        "marks": [to_builtins(mark) for mark in control.rights],
        "preferences": [to_builtins(one) for one in control.preferences],
        "consents": [to_builtins(one) for one in said],
        "folded": [
            [item["place"], to_builtins(read_consent(item))]
            for item in world.customers.query(HOME, prefix=VERBATIM).items
        ],
        "runs": [[run.place, run.version] for run in runs_of(world.customers, HOME)],
        "sent again": PublicConsents(world.customers, FEW).put(withdrawals()),
        "taken back": to_builtins(operation),
        "pull": to_builtins(feeds.last("g")),
        "known row": feeds.rows("g").is_known("p-1", row_digest("shirt")),
        "enrollments": [to_builtins(from_item(item)) for item in control.enrollments],
        "retention": to_builtins(walk),
    }


RECORDS = Scene(
    "records",
    Records,
    lambda world: {"catalog": world.catalog, "customers": world.customers, "metrics": world.metrics},
    play,
    answers,
)
