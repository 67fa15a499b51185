"""Nodes of a segment about what happened: orders, events, messages, activity, the purchase cycle.

Windows are half-open: ``now - within < time <= now``. What is dated ahead of now counts from its own time on, unless
the node says otherwise.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from shared.domain.definitions.bounds import AmountBounds, CountBounds
from shared.domain.definitions.shop import Strict
from shared.domain.definitions.value_test import Where
from shared.domain.facts.touches import MAX_TOUCHES
from shared.domain.messages.request import Channel, Purpose
from shared.domain.time.durations import Duration

MOST_OCCURRENCES = 500
"""The largest number of occurrences of an event that a definition may count: facts keep so many stamps."""

MOST_TOUCHES = MAX_TOUCHES - 1


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
    def _asks_something(self) -> Self:
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
    def _bounded(self) -> Self:
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


By = Literal["human", "machine", "anybody"]


class ReceivedRule(CountBounds):
    """Different messages that reached the customer (sent or delivered, and not bounced), by channel and purpose.

    Without any bound, at least one.
    """

    channel: Channel | None = None
    purpose: Purpose | None = None
    within: Duration | None = None

    @model_validator(mode="after")
    def _remembered(self) -> Self:
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


class OverdueRule(Strict):
    """Later than the customer's own purchase cycle (``behaviour.purchase_cycle`` of the orders that count, up to now)
    times ``times``, counted from the last order. Who has no cycle yet is not overdue."""

    times: float = Field(default=1.0, gt=0, le=20, allow_inf_nan=False)


class Overdue(Strict):
    overdue: OverdueRule
