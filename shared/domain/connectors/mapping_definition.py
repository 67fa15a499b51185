"""A mapping: which part of a shop's own form becomes which event, product or level, in JMESPath (https://jmespath.org).

Expressions are of the shop's operator, and bounded; what they are applied to is of the shop.
"""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.domain.definitions.shop import Strict

EXPRESSION_LENGTH, MOST_RULES, MOST_FIELDS = 1_000, 20, 40
Expression = Annotated[str, StringConstraints(min_length=1, max_length=EXPRESSION_LENGTH)]
Field_ = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.]{0,59}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=60)]
EventName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as unknown:
        raise ValueError("is no time zone such as Europe/Istanbul") from unknown
    return value


class Rule(Strict):
    """``when``: the rule counts only if this holds. ``each``: a list, of which every object is read by itself; ``root``
    in it is what the list stands in."""

    when: Expression | None = None
    each: Expression | None = None


class PersonRule(Strict):
    """Who it was; at least one must be found."""

    user: Expression | None = None
    email: Expression | None = None
    phone: Expression | None = None
    loyalty: Expression | None = None

    @model_validator(mode="after")
    def _somebody(self) -> PersonRule:
        if not any((self.user, self.email, self.phone, self.loyalty)):
            raise ValueError("write at least one of user, email, phone and loyalty")
        return self


class EventRule(Rule):
    """An event. ``id`` names it: the same id at the same time is the same event. ``version``: an object that changes,
    so that each of its states is an event of its own."""

    event: EventName
    id: Expression
    time: Expression
    who: PersonRule
    version: bool = False
    properties: dict[Field_, Expression] = Field(default_factory=dict, max_length=MOST_FIELDS)


class PersonStateRule(Rule):
    """What is known of a person, as traits."""

    id: Expression
    time: Expression
    who: PersonRule
    traits: dict[Field_, Expression] = Field(min_length=1, max_length=MOST_FIELDS)


class ConsentRule(Rule):
    """A statement. ``granted`` finds true, false, or a word of ``agreed`` or ``refused``; all else says nothing."""

    channel: Annotated[str, StringConstraints(pattern="^(email|sms)$")]
    granted: Expression
    agreed: list[Word] = Field(default_factory=list, max_length=MOST_RULES)
    refused: list[Word] = Field(default_factory=list, max_length=MOST_RULES)
    id: Expression
    time: Expression
    who: PersonRule


class ProductRule(Rule):
    """A product; ``fields`` are those of ``POST /v1/products``."""

    at: Expression
    fields: dict[Field_, Expression] = Field(min_length=3, max_length=12)


class StockRule(Rule):
    """How many pieces of a sku can be sold. ``location``: without it, that of the connector. ``levels``: a list of
    levels, in which ``quantity``, ``at`` and ``location`` are read."""

    sku: Expression
    levels: Expression | None = None
    quantity: Expression
    at: Expression
    location: Expression | None = None


class MappingDefinition(Strict):
    """``content``: where the body holds what rules are applied to; a text there is read as JSON.

    ``header``: a header whose value rules see as ``header``, as the name of what happened. ``time_zone`` counts for
    times without one.
    """

    content: Expression | None = None
    header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")] | None = None
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    events: list[EventRule] = Field(default_factory=list, max_length=MOST_RULES)
    people: list[PersonStateRule] = Field(default_factory=list, max_length=MOST_RULES)
    consents: list[ConsentRule] = Field(default_factory=list, max_length=MOST_RULES)
    products: list[ProductRule] = Field(default_factory=list, max_length=MOST_RULES)
    stock: list[StockRule] = Field(default_factory=list, max_length=MOST_RULES)

    @model_validator(mode="after")
    def _something(self) -> MappingDefinition:
        if not any((self.events, self.people, self.consents, self.products, self.stock)):
            raise ValueError("a mapping has at least one of events, people, consents, products and stock")
        return self


def expressions_of(value: object, path: str = "") -> list[tuple[str, str]]:
    """Every expression of a mapping with its place, for who checks them."""
    found: list[tuple[str, str]] = []
    if isinstance(value, Strict):
        for name in type(value).model_fields:
            if name not in _NO_EXPRESSIONS:
                found += expressions_of(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, dict):
        for name, inner in value.items():
            found += expressions_of(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            found += expressions_of(inner, f"{path}.{place}")
    elif isinstance(value, str):
        found.append((path, value))
    return found


_NO_EXPRESSIONS = frozenset({"event", "channel", "header", "time_zone", "version", "agreed", "refused"})
