"""Tells the lake what segment decided: the events under their customer, the customer, and his orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from functions.segment.batch import Batch
from functions.segment.release import Definitions
from shared.domain.facts import values
from shared.domain.facts.provisional import OrdersFrom
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.lake.customer_rows import absorbed_row, customer_row, order_rows
from shared.domain.lake.event_rows import event_row
from shared.domain.lake.tables import CUSTOMERS, EVENTS, ORDERS
from shared.domain.profile.customer_item import Customer
from shared.domain.segments.subject import Subject
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.customers import CustomerStore
from shared.stores.lake_rows import LakeRows


class DecisionRows:
    """The rows of what one ``Segmentation`` decides. Without ``rows`` there is no lake, and none are made."""

    def __init__(self, rows: LakeRows | None) -> None:
        self._rows = rows
        self._named: dict[str, set[str]] = {}

    def after_hand_over(self, done: Callable[[], None]) -> None:
        """Marks of finished links wait until what they led to is handed on: a crash before it leads there again."""
        if self._rows is None:
            done()
        else:
            self._rows.afterwards(done)

    def named(self, batch: Batch) -> None:
        """Remember which orders these events name."""
        if self._rows is None:
            return
        for event in batch.events:
            order = values.id_of(event.properties.get("order_id"))
            if order:
                self._named.setdefault(order, set()).add(batch.pk)

    def events(self, batches: Iterable[Batch], roots: Mapping[str, str], orders_from: OrdersFrom) -> None:
        """``roots``: by identifier the customer that its events were decided under."""
        if self._rows is None:
            return
        for batch in batches:
            root = roots.get(batch.pk, batch.pk)
            self._rows.hand_on(EVENTS, *(event_row(event, batch.pk, root, orders_from) for event in batch.events))

    def decided(self, tree: Tree, subject: Subject, customer: Customer, now: datetime, *, anew: bool = False) -> None:
        """The customer was written. ``anew``: identifiers moved, or the past was told again, so all of his orders may
        be others than they were; else those that events named just now."""
        if self._rows is None:
            return
        self._rows.hand_on(CUSTOMERS, customer_row(subject, customer, now))
        homes = {order: found for order, keys in self._named.items() if (found := keys & set(tree.keys))}
        orders = subject.profile.orders
        if anew:
            homes = {order.id: homes.get(order.id, set()) | {tree.root} for order in orders}
        if homes:
            rows = order_rows(orders, homes, tree.root, _version(tree, customer), now)
            self._rows.hand_on(ORDERS, *rows)

    def again(self, tree: Tree, release: Definitions, keys: IdentifierKeys, now: datetime) -> None:
        """Nothing was written: who decided this customer before may have died before the lake was told."""
        customer = tree.control.customer
        if self._rows is not None and customer is not None:
            segments = {definition.segment: definition for definition in release.segments}
            self.decided(tree, Subject(tree.profile(), release.shop, segments, keys), customer, now)

    def all_of(
        self, store: CustomerStore, home: str, release: Definitions, keys: IdentifierKeys, now: datetime
    ) -> None:
        """Everything about one identifier that is told when it happens; nothing is written."""
        if self._rows is None:
            return
        tree = load_tree(store, home)
        batch = Batch(home, list(store.events(home)))
        self.named(batch)
        self.events([batch], {home: tree.root}, release.features.orders_from)
        self.again(tree, release, keys, now)
        for member in tree.members:
            customer = member.control.customer
            if member.key == home != tree.root and customer is not None and customer.state == "absorbed":
                self.absorbed(home, customer, now)

    def absorbed(self, root: str, customer: Customer, now: datetime) -> None:
        """A customer ended, because its identifier has an owner now."""
        if self._rows is not None:
            self._rows.hand_on(CUSTOMERS, absorbed_row(root, customer, now))


def _version(tree: Tree, customer: Customer) -> int:
    """Rises with each decision about any of the tree: who absorbs another goes on where the other was."""
    others = (member.control.customer for member in tree.members[1:])
    return customer.version + sum(other.version for other in others if other is not None)
