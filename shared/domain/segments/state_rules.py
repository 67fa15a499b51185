"""Nodes of a segment about what is known now: traits, consent, reachability, anniversaries, the cart."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, model_validator

from shared.domain.definitions.bounds import AmountBounds, CountBounds
from shared.domain.definitions.shop import Strict, TextVersion
from shared.domain.definitions.value_test import ValueTest
from shared.domain.messages.request import Channel, Purpose
from shared.domain.time.dates import written_date
from shared.domain.time.durations import Duration


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
    def _some_bound(self) -> Self:
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


class ConsentRule(Strict):
    """Whether there is consent now, for the address in use (or, on push, for the customer).

    ``text_not``: only if it was given to another text than these versions, or to none.
    """

    channel: Channel
    purpose: Purpose = "marketing"
    granted: StrictBool = True
    text_not: tuple[TextVersion, ...] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _of_a_grant(self) -> Self:
        if self.text_not and not self.granted:
            raise ValueError("text_not asks for who agreed; leave granted out")
        return self


class HasConsent(Strict):
    consent: ConsentRule


class ReachableRule(Strict):
    """There is an address on the channel (on one of them, if none is named), it is not suppressed, and for marketing
    there is consent for it."""

    channel: Channel | None = None
    purpose: Purpose = "marketing"


class Reachable(Strict):
    reachable: ReachableRule


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
    def _one_of(self) -> Self:
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
    def _some_bound(self) -> Self:
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
    def _asks_something(self) -> Self:
        if self.items is None and self.value is None and self.age is None:
            raise ValueError("say what the cart must be; write items, value or age")
        if self.items is not None and not self.items.counts:
            raise ValueError("say how many; write exactly, at_least, more_than, at_most or less_than")
        return self


class CartIs(Strict):
    cart: CartRule
