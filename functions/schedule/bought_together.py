"""Counts which products are bought together, once per order that a server reports."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.facts import values
from shared.domain.profile.customer_item import Customer
from shared.domain.templates.recommendations import bought_in, counted
from shared.ports import Conflict
from shared.stores.companions import CompanionStore
from shared.stores.customers import CustomerStore
from shared.stores.event_items import UnreadableEvent

ORDERED = "Order Completed"
TRIES = 5


@dataclass(frozen=True, slots=True)
class BoughtTogether:
    """Counts each order at most once, however often and by whichever channel it is reported.

    The order is marked before it is counted. A crash in between loses one order of a ranking; no repetition counts
    twice. Orders of public sources are not counted: names and pictures of their products would reach other customers.
    """

    customers: CustomerStore
    companions: CompanionStore

    def customer_changed(self, new: Customer) -> int:
        """Counts the orders among the events that were just folded, and returns how many it counted.

        An order of n products (at most ten) costs a read of the event, a mark, and a read and a write for each product.
        An order of one product costs the read of its event.
        """
        return sum(self._count(pk, sk) for name, pk, sk, _ in new.events if name == ORDERED)

    def _count(self, pk: str, sk: str) -> bool:
        try:
            event = self.customers.event(pk, sk)
        except UnreadableEvent:
            return False
        if event is None or not event.trusted:
            return False
        order, bought = values.id_of(event.properties.get("order_id")), bought_in(event.properties)
        if not order or len(bought) < 2 or not self.companions.first_time(order):
            return False
        for product, shown in bought.items():
            self._add(product, [other for other in bought if other != product], shown)
        return True

    def _add(self, product: str, others: list[str], shown: dict[str, object]) -> None:
        """Adds to one product's counts. If many orders write at once, a count may be lost: such a product has enough of
        them."""
        for _ in range(TRIES):
            companions, version = self.companions.get(product)
            try:
                self.companions.put(counted(companions, others, shown), previous=version)
            except Conflict:
                continue
            return
