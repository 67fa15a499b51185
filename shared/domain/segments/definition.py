"""Segments as marketers write them: a tagged union of small nodes (docs/segments.md).

Each node says in its docstring what it means; the evaluator and the brute force that checks it are both written from
these words. Windows are half-open: ``now - within < time <= now``. What is dated ahead of now
counts from its own time on, unless the node says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, StrictBool, Tag, model_validator

from shared.domain.definitions.bounds import AmountBounds, CountBounds
from shared.domain.definitions.shop import Strict
from shared.domain.definitions.value_test import ValueTest, Where
from shared.domain.facts.touches import MAX_TOUCHES
from shared.domain.messages.request import Channel, Purpose
from shared.domain.time.dates import written_date
from shared.domain.time.durations import Duration

NAME = r"^[a-z][a-z0-9-]{0,47}$"
MOST_OCCURRENCES = 500
"""The largest number of occurrences of an event that a definition may count: facts keep so many stamps."""
MOST_TOUCHES = MAX_TOUCHES - 1
MAX_DEPTH = 12
"""Nodes inside nodes."""


class Recent(Strict):
    """How long ago: ``within`` is half-open, exactly so long ago is outside (docs/definitions.md#windows)."""

    within: Duration


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=100)], ...],
    Field(min_length=1, max_length=50),
    BeforeValidator(_listed),
]
"""One name, or a list of which any will do."""
OrderStatus = Literal["completed", "shipped", "delivered", "cancelled", "fully_refunded", "refunded"]


class OrderRule(CountBounds):
    """Orders that count, how many and how much, and when.

    An order counts if its state is not in ``Shop.orders_ignore``; with ``status`` the shop's answer is not asked, and
    an order counts that has one of these: ``completed`` (neither cancelled nor wholly refunded), ``shipped`` and
    ``delivered`` (it was, at whatever time, and it is not cancelled), ``cancelled``, ``fully_refunded``, ``refunded``
    (at least in part). ``category``: one of its products is in one of these categories; ``channel``: it was completed
    on one of these; ``coupon``: true, any; false, none; else one of these codes. Names are compared ``folded``.

    The state of an order is what is known now, whenever the refund or the cancellation was dated; the order's place in
    time is that of its completion. ``within`` bounds the orders that are counted, summed and averaged. ``total`` and
    ``average`` are what was paid before refunds, of orders in the shop's currency (or that name none); without any
    such order the total is 0 and the average is not within any bounds. ``first`` and ``last`` ask when the first and
    the last of the orders that count was, whatever ``within`` says.
    """

    within: Duration | None = None
    first: Recent | None = None
    last: Recent | None = None
    total: AmountBounds | None = None
    average: AmountBounds | None = None
    category: Names | None = None
    channel: Names | None = None
    coupon: StrictBool | Names | None = None
    status: Annotated[tuple[OrderStatus, ...], Field(min_length=1), BeforeValidator(_listed)] | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> OrderRule:
        summed = self.total is not None or self.average is not None
        if not self.counts and not summed and self.first is None and self.last is None:
            raise ValueError(
                "say how many orders (at_least, at_most, exactly, more_than), how much (total, average), "
                "or how recent the first or last"
            )
        if self.within is not None and not self.counts and not summed:
            raise ValueError("within needs a number of orders beside it, such as at_least: 1")
        return self


class Orders(Strict):
    orders: OrderRule


class EventRule(CountBounds):
    """Occurrences of one event whose properties pass ``where``: how many within a time, when the first and the last.

    Without any bound, at least one. What a program opened or clicked is not counted.
    """

    name: str = Field(min_length=1, max_length=100)
    where: Where | None = None
    within: Duration | None = None
    first: Recent | None = None
    last: Recent | None = None

    @model_validator(mode="after")
    def _bounded(self) -> EventRule:
        if (self.largest or 0) > MOST_OCCURRENCES:
            raise ValueError(f"so many occurrences are not remembered; ask for at most {MOST_OCCURRENCES}")
        return self

    @property
    def counting(self) -> CountBounds | None:
        """The bounds on the number; at least one if nothing else is asked; None if only ``first`` or ``last`` is."""
        if self.counts:
            return self
        return None if self.within is None and (self.first or self.last) else CountBounds(at_least=1)

    @property
    def keep(self) -> int:
        """How many of the newest occurrences decide it, if none is dated ahead: the largest threshold and one."""
        return (self.counting.largest or 0) + 1 if self.counting is not None else 1


class Event(Strict):
    event: EventRule


class TraitRule(ValueTest):
    """A trait of the customer. ``name`` may lead inside with dots: ``address.city``.

    ``before`` (excluded) and ``after`` (included) compare a date or an instant with one that is written here;
    ``within``: the instant lies within this time before now. A day without a time is the beginning of that local day,
    of the customer's zone in a trait and of the shop's zone in a definition. A text that is no date passes no test of
    dates.
    """

    name: Annotated[str, Field(pattern=r"^[^.\x00-\x1f]{1,100}(\.[^.\x00-\x1f]{1,60}){0,3}$")]
    before: str | None = Field(default=None, max_length=40)
    after: str | None = Field(default=None, max_length=40)
    within: Duration | None = None

    @model_validator(mode="before")
    @classmethod
    def _some_test(cls, value: Any) -> Any:
        return {**value, "exists": True} if isinstance(value, Mapping) and set(value) == {"name"} else value

    @model_validator(mode="after")
    def _some_bound(self) -> TraitRule:
        if not self.asks_value and self.exists is None and not self.asks_date:
            raise ValueError(
                "say what the trait must be; write is, one_of, contains, starts_with, exists, at_least, at_most, "
                "exactly, more_than, less_than, before, after or within"
            )
        for day in (self.before, self.after):
            if day is not None:
                written_date(day)
        return self

    @property
    def asks_date(self) -> bool:
        return any(word is not None for word in (self.before, self.after, self.within))


class TraitIs(Strict):
    trait: TraitRule


By = Literal["human", "machine", "anybody"]


class ReceivedRule(CountBounds):
    """Different messages that reached the customer (sent or delivered, and not bounced), by channel and purpose.

    Without any bound, at least one.
    """

    channel: Channel | None = None
    purpose: Purpose | None = None
    within: Duration | None = None

    @model_validator(mode="after")
    def _remembered(self) -> ReceivedRule:
        if (self.largest or 0) > MOST_TOUCHES:
            raise ValueError(f"the newest {MOST_TOUCHES} are remembered; ask for at most {MOST_TOUCHES}")
        return self

    @property
    def counting(self) -> CountBounds:
        return self if self.counts else CountBounds(at_least=1)


class TouchRule(ReceivedRule):
    """What was done with our messages. ``by``: human unless it says machine or anybody.

    Opens count once per message. Of one message at most three clicks count, and on push a tap is a click and counts
    once. A purpose is that of the message, as far as it is known.
    """

    by: By = "human"


class Received(Strict):
    received: ReceivedRule


class Opens(Strict):
    opens: TouchRule


class Clicks(Strict):
    """``clicks: {channel: email, purpose: marketing, by: human, at_least: 2, within: 90d}``."""

    clicks: TouchRule


class ConsentRule(Strict):
    """Whether there is consent now, for the address in use (or, on push, for the customer)."""

    channel: Channel
    purpose: Purpose = "marketing"
    granted: StrictBool = True


class HasConsent(Strict):
    consent: ConsentRule


class ReachableRule(Strict):
    """There is an address on the channel (on one of them, if none is named), it is not suppressed, and for marketing
    there is consent for it."""

    channel: Channel | None = None
    purpose: Purpose = "marketing"


class Reachable(Strict):
    reachable: ReachableRule


class ActiveRule(Strict):
    """The customer did something on one of these channels, with one of these kinds of device, within a time.

    Known to the hour: the begin of the newest such hour is compared (one dated ahead counts at once). Devices are as
    channels name them: ios, android, desktop, pos, ...; names are compared ``folded``.
    """

    channel: Names | None = None
    device: Names | None = None
    within: Duration | None = None


class Active(Strict):
    active: ActiveRule


class AnniversaryRule(Strict):
    """The yearly return of a day: ``trait`` holds a date (``birthday``: as ``demographic`` reads it), and it returns on
    the local day today, in this week (Monday to Sunday) or in this month of the customer's zone; or, with ``ahead``,
    within so many days from today on (today included, ``ahead: 7d`` is seven days).

    29 February returns on 1 March in common years. Local midnights are moved by ``offset_of(profile.id)``, so that not
    everybody flips at once: the local day of a customer begins so much later.
    """

    trait: str = Field(default="birthday", min_length=1, max_length=100)
    this: Literal["day", "week", "month"] | None = None
    ahead: Duration | None = None

    @model_validator(mode="after")
    def _one_of(self) -> AnniversaryRule:
        if (self.this is None) == (self.ahead is None):
            raise ValueError("say when it returns; write this: day, week or month, or ahead: 7d")
        if self.ahead is not None and (self.ahead % timedelta(days=1) or not timedelta() < self.ahead <= _YEAR):
            raise ValueError("ahead counts whole days, at most 365; write 1d to 365d")
        return self


_YEAR = timedelta(days=365)


class Anniversary(Strict):
    anniversary: AnniversaryRule


class AgeBounds(Strict):
    """How long ago something was: from exactly ``at_least`` on, until just before ``less_than``."""

    at_least: Duration | None = None
    less_than: Duration | None = None

    @model_validator(mode="after")
    def _some_bound(self) -> AgeBounds:
        if self.at_least is None and self.less_than is None:
            raise ValueError("say how long ago; write at_least or less_than")
        return self


class CartRule(Strict):
    """The cart as it is now: different products, what it is worth, how long ago it was last changed.

    ``value``: price times quantity of the lines whose price is known, in the shop's currency (or that name none).
    ``age``: since the last add, removal or change of quantity; a cart that was never changed has none, and passes no
    test of its age. A change that is dated ahead is 0 old.
    """

    items: CountBounds | None = None
    value: AmountBounds | None = None
    age: AgeBounds | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> CartRule:
        if self.items is None and self.value is None and self.age is None:
            raise ValueError("say what the cart must be; write items, value or age")
        if self.items is not None and not self.items.counts:
            raise ValueError("say how many; write exactly, at_least, more_than, at_most or less_than")
        return self


class CartIs(Strict):
    cart: CartRule


class OverdueRule(Strict):
    """Later than the customer's own purchase cycle (``behaviour.purchase_cycle`` of the orders that count, up to now)
    times ``times``, counted from the last order. Who has no cycle yet is not overdue."""

    times: float = Field(default=1.0, gt=0, le=20, allow_inf_nan=False)


class Overdue(Strict):
    overdue: OverdueRule


class InSegment(Strict):
    """Member of another segment of the same release, as its rule is at this moment; circles are refused."""

    in_segment: str = Field(pattern=NAME)


class All(Strict):
    all: tuple[Node, ...] = Field(min_length=1)


class AnyOf(Strict):
    any: tuple[Node, ...] = Field(min_length=1)


class Not(Strict):
    not_: Node = Field(alias="not")


Leaf = (
    Orders
    | Event
    | TraitIs
    | Received
    | Opens
    | Clicks
    | HasConsent
    | Reachable
    | Active
    | Anniversary
    | CartIs
    | Overdue
    | InSegment
)
"""The nodes that ask something of the customer."""

LEAVES: Mapping[str, type[Strict]] = {
    "orders": Orders,
    "event": Event,
    "trait": TraitIs,
    "received": Received,
    "opens": Opens,
    "clicks": Clicks,
    "consent": HasConsent,
    "reachable": Reachable,
    "active": Active,
    "anniversary": Anniversary,
    "cart": CartIs,
    "overdue": Overdue,
    "in_segment": InSegment,
}
"""By the only word that a node begins with. A new one is added here, to ``Leaf`` and ``Node``, to ``evaluation``, to
``oracle`` and to ``say``."""
NODES: Mapping[str, type[Strict]] = {**LEAVES, "all": All, "any": AnyOf, "not": Not}


def _tag(value: Any) -> str | None:
    """A node is named by its only key; the tag is in angle brackets, so that the path of an error leaves it out."""
    if isinstance(value, Mapping):
        return next((f"<{name}>" for name in value if name in NODES), None)
    return next((f"<{name}>" for name, kind in NODES.items() if isinstance(value, kind)), None)


Node = Annotated[
    Annotated[Orders, Tag("<orders>")]
    | Annotated[Event, Tag("<event>")]
    | Annotated[TraitIs, Tag("<trait>")]
    | Annotated[Received, Tag("<received>")]
    | Annotated[Opens, Tag("<opens>")]
    | Annotated[Clicks, Tag("<clicks>")]
    | Annotated[HasConsent, Tag("<consent>")]
    | Annotated[Reachable, Tag("<reachable>")]
    | Annotated[Active, Tag("<active>")]
    | Annotated[Anniversary, Tag("<anniversary>")]
    | Annotated[CartIs, Tag("<cart>")]
    | Annotated[Overdue, Tag("<overdue>")]
    | Annotated[InSegment, Tag("<in_segment>")]
    | Annotated[All, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[Not, Tag("<not>")],
    Discriminator(
        _tag,
        custom_error_type="unknown_rule",
        custom_error_message=f"write one of {', '.join(NODES)} here",
    ),
]


class SegmentDefinition(Strict):
    """One segment. ``aliases`` are further labels for the same rule, never a second rule."""

    segment: str = Field(pattern=NAME)
    label: dict[str, str] = Field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    who: Node

    @model_validator(mode="after")
    def _shallow(self) -> SegmentDefinition:
        if _depth(self.who) > MAX_DEPTH:
            raise ValueError(f"nodes are nested deeper than {MAX_DEPTH}; make a segment of a part and use in_segment")
        return self


for _nested in (All, AnyOf, Not, SegmentDefinition):
    _nested.model_rebuild()


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly inside a node."""
    match node:
        case All():
            return node.all
        case AnyOf():
            return node.any
        case Not():
            return (node.not_,)
        case _:
            return ()


def leaves_of(node: Node) -> Iterator[Leaf]:
    """Every node below that asks something, in the order of writing."""
    parts = parts_of(node)
    if isinstance(node, Leaf):
        yield node
    for part in parts:
        yield from leaves_of(part)


def _depth(node: Node) -> int:
    return 1 + max((_depth(part) for part in parts_of(node)), default=0)
