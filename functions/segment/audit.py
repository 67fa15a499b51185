"""The hour's audit: random customers are told by brute force over raw events, and compared with what is stored."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.segment.sampling import random_customers, size_of_segment
from shared.domain.definitions.shop import Shop
from shared.domain.facts.provisional import OrdersFrom
from shared.domain.identity.identifiers import Identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.privacy.held_rights import Held
from shared.domain.profile.behaviour import purchase_cycle
from shared.domain.segments.audit import ROOTS_KEPT, Audit, differing, newest_cycles
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.oracle import History, MemberLog
from shared.ports import Clock
from shared.queries.customer_tree import MAX_MEMBERS, Tree, load_tree
from shared.stores.audits import AuditStore
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases

log = logging.getLogger("kervan.segment")

SAMPLE = 200
MOST_EVENTS = 5_000
"""Whose log is longer is left out and counted: one robot must not take the hour's time."""
SECOND_LOOK_SECONDS = 5.0
"""An event that has just arrived is folded within seconds; who differs is looked at once more after them."""


class Oracle(Protocol):
    """Brute force: the names of the segments that hold."""

    def __call__(
        self,
        definitions: Iterable[SegmentDefinition],
        history: History,
        shop: Shop,
        now: datetime,
        address_keys: Callable[[Identifier], str],
    ) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at a customer said: where brute force differs, and the customer's purchase cycle in days."""

    wrong: frozenset[str]
    cycle: float | None


@dataclass(frozen=True, slots=True)
class Auditing:
    """Reads only, but for the one item of its findings."""

    clock: Clock
    store: CustomerStore
    releases: Releases
    audits: AuditStore
    keys: Callable[[Identifier], str]
    oracle: Oracle
    rng: random.Random
    sleep: Callable[[float], None]

    def run(self, time_left: Callable[[], bool], wanted: int = SAMPLE) -> Audit:
        """Samples, compares, counts, and keeps what was found. Stops comparing when ``time_left`` says so."""
        release = self.releases.current()
        before = self.audits.read()
        first: dict[str, Looked] = {}
        left_out = 0
        for root in random_customers(self.store, wanted, self.rng):
            if not time_left():
                break
            looked = self._look(root)
            if looked is None:
                left_out += 1
            else:
                first[root] = looked
        wrong = self._still_wrong([root for root, looked in first.items() if looked.wrong])
        cycles = [looked.cycle for looked in first.values() if looked.cycle is not None]
        audit = Audit(
            at=milliseconds(self.clock.now()),
            release=release.number,
            sampled=len(first),
            left_out=left_out,
            mismatches=dict(sorted(Counter(name for names in wrong.values() for name in names).items())),
            roots=tuple(sorted(wrong)[:ROOTS_KEPT]),
            sizes={one.segment: size_of_segment(self.store, one.segment, self.rng) for one in release.segments},
            cycles=newest_cycles(cycles, before.cycles if before else ()),
        )
        self.audits.put(audit)
        return audit

    def _still_wrong(self, suspects: Sequence[str]) -> dict[str, frozenset[str]]:
        if not suspects:
            return {}
        self.sleep(SECOND_LOOK_SECONDS)
        wrong = {}
        for root in suspects:
            looked = self._look(root)
            if looked is not None and looked.wrong:
                wrong[root] = looked.wrong
                log.error("customer %s is not what its events say, in %s", root, ", ".join(sorted(looked.wrong)))
        return wrong

    def _look(self, root: str) -> Looked | None:
        """None for who is nobody's root any more, or too large. The rules are those of the release that decided: what a
        backfill has not reached yet is no mistake."""
        tree = load_tree(self.store, root)
        customer = tree.control.customer
        release = None if customer is None else self.releases.get(customer.release)
        if customer is None or release is None or customer.state != "live" or tree.root != root:
            return None
        history = self._history(tree, release.shop.orders_from)
        if history is None or tree.held(Held.RESTRICT) is not None:  # nothing is decided of him
            return None
        now = self.clock.now()
        segments = () if tree.held(Held.OBJECT) is not None else release.segments
        expected = self.oracle(segments, history, release.shop, now, self.keys)
        orders = tree.profile().counted_orders(release.shop.orders_ignore)
        return Looked(
            differing(expected, customer, tree.control.members, now),
            purchase_cycle(orders, ZoneInfo(release.shop.time_zone)),
        )

    def _history(self, tree: Tree, orders_from: OrdersFrom) -> History | None:
        """The raw events of every member, as far as they count for this customer."""
        if len(tree.members) >= MAX_MEMBERS:
            return None
        logs, left = [], MOST_EVENTS
        for member in tree.members:
            events = list(islice(self.store.events(member.key), left + 1))
            left -= len(events)
            if left < 0:
                return None
            claim = member.control.claim
            logs.append(MemberLog(member.key, events, claim.contested_from(member.key) if claim else None))
        consents = tuple(said for member in tree.members for said in member.control.consents)
        return History(tree.root, logs, consents, orders_from)
