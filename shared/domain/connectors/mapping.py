"""Applies a mapping to what a shop sent. Never fails: what an expression does not find is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.connectors.connector import Connector
from shared.domain.connectors.mapping_definition import (
    ConsentRule,
    EventRule,
    MappingDefinition,
    PersonRule,
    PersonStateRule,
    ProductRule,
    Rule,
    StockRule,
)
from shared.domain.connectors.payload import (
    body,
    digest,
    id_text,
    identify,
    milliseconds_of,
    text,
    version,
    whole_number,
)
from shared.domain.connectors.translation import ONLY_LOCATION, ItemSku, ShopLevel, Translation
from shared.domain.events.event_names import CONSENT_GRANTED, CONSENT_WITHDRAWN
from shared.domain.events.json_values import text_of
from shared.domain.identity.identifiers import prefixed_user
from shared.domain.stock.level import MOST

MOST_OBJECTS = 1_000
"""Read by one rule."""
BadExpression = ValueError
Search = Callable[[str, Any], Any]
"""What an expression finds; ValueError if it does not suit what it is applied to."""
_ID_LENGTH = 40


def translate_by_mapping(
    mapping: MappingDefinition, connector: Connector, headers: Mapping[str, str], content: Any, search: Search,
    told: Translation,
) -> None:  # fmt: skip
    """Add to ``told`` what the rules find."""
    found = _content(mapping, content, search, told)
    if found is None:
        told.warn("mapping", "finds nothing under content", "missing")
        return
    said = headers.get(mapping.header.lower(), "") if mapping.header else ""
    reading = _Reading(connector, ZoneInfo(mapping.time_zone), search, told, said)
    rules: tuple[tuple[str, Sequence[Rule], Callable[[Any, Any], None]], ...] = (
        ("events[]", mapping.people, reading.person),
        ("events[]", mapping.consents, reading.consent),
        ("events[]", mapping.events, reading.event),
        ("products[]", mapping.products, reading.product),
        ("stock[]", mapping.stock, reading.level),
    )
    for where, listed, read in rules:
        for rule in listed:
            for one in reading.objects(rule, found, where):
                try:
                    read(rule, one)
                except BadExpression:
                    told.warn(where, "is not taken: an expression does not suit what was sent", "bad_expression")


def _content(mapping: MappingDefinition, content: Any, search: Search, told: Translation) -> Any:
    if mapping.content is None:
        return content
    try:
        found = search(mapping.content, content)
        return json.loads(found) if isinstance(found, str) else found
    except (ValueError, RecursionError):
        told.warn("mapping", "finds no JSON under content", "bad_expression")
        return None


class _Reading:
    """Applies rules to single objects; each method raises ValueError for an expression that does not suit."""

    def __init__(self, connector: Connector, zone: ZoneInfo, search: Search, told: Translation, header: str) -> None:
        self._connector, self._zone, self._search, self._told, self._header = connector, zone, search, told, header

    def objects(self, rule: Rule, content: Any, where: str) -> Iterator[Any]:
        """What a rule is applied to."""
        try:
            seen = content | {"header": self._header} if isinstance(content, dict) and self._header else content
            if rule.when is not None and self._search(rule.when, seen) in (None, False, "", [], {}):
                return
            found = content if rule.each is None else self._search(rule.each, seen)
        except BadExpression:
            self._told.warn(where, "is not taken: when or each does not suit what was sent", "bad_expression")
            return
        for one in self._listed(found, where):
            yield one | {"root": content} if rule.each is not None and isinstance(one, dict) else one

    def _listed(self, found: Any, where: str) -> list[Any]:
        listed = found if isinstance(found, list) else [] if found is None else [found]
        if len(listed) > MOST_OBJECTS:
            self._told.warn(where, f"holds more than {MOST_OBJECTS} objects; the rest is left out", "too_many")
        return listed[:MOST_OBJECTS]

    def event(self, rule: EventRule, one: Any) -> None:
        """Add an event."""
        named = self._named(rule, one)
        if named is None:
            return
        id_, at_ms, who = named
        properties = {name: _plain(self._search(path, one)) for name, path in rule.properties.items()}
        message = body(rule.event, at_ms, f"{self._prefix(rule.event)}-{id_}", _nested(properties), _user(who))
        _add_loyalty(message, who)
        self._told.add(version(message) if rule.version else message)

    def person(self, rule: PersonStateRule, one: Any) -> None:
        """Add an identify."""
        named = self._named(rule, one)
        if named is None:
            return
        id_, at_ms, who = named
        traits = {name: _plain(self._search(path, one)) for name, path in rule.traits.items()}
        message = identify(at_ms, f"{self._prefix('person')}-{id_}", _nested(traits), _user(who))
        _add_loyalty(message, who)
        self._told.add(message)

    def consent(self, rule: ConsentRule, one: Any) -> None:
        """Add a statement of consent; only true, false and the words of the rule are one."""
        found = self._search(rule.granted, one)
        granted = (
            found if type(found) is bool else found in rule.agreed if found in [*rule.agreed, *rule.refused] else None
        )
        if granted is None:
            return
        named = self._named(rule, one)
        if named is None:
            return
        id_, at_ms, who = named
        name = CONSENT_GRANTED if granted else CONSENT_WITHDRAWN
        said = {"channel": rule.channel, "purpose": "marketing", "source": self._connector.connector}
        self._told.add(version(body(name, at_ms, f"{self._prefix('consent')}-{id_}", said, _user(who))))

    def product(self, rule: ProductRule, one: Any) -> None:
        """Add a product."""
        at_ms = self._time(rule.at, one, "products[]")
        if at_ms is None:
            return
        found = {name: self._search(path, one) for name, path in rule.fields.items()}
        kept = {name: _product_value(value) for name, value in found.items()}
        self._told.take_product({"currency": self._connector.currency} | kept, at_ms, "products[]")

    def level(self, rule: StockRule, one: Any) -> None:
        """Add a level, or those of a list."""
        sku = text(self._search(rule.sku, one), 100)
        if not sku:
            self._told.warn("stock[]", "has no sku", "missing")
            return
        levels = [one] if rule.levels is None else self._listed(self._search(rule.levels, one), "stock[]")
        for level in levels:
            self._level(rule, sku, level)

    def _level(self, rule: StockRule, sku: str, level: Any) -> None:
        at_ms = self._time(rule.at, level, "stock[]")
        if at_ms is None:
            return
        quantity = whole_number(self._search(rule.quantity, level))
        said = id_text(self._search(rule.location, level)) if rule.location else ""
        if quantity is None or abs(quantity) > MOST or (rule.location and not said):
            self._told.warn("stock[]", "has no location, or no whole number of pieces", "not_a_quantity")
            return
        if quantity < 0:
            self._told.warn("stock[]", "is below zero; taken as 0", "not_a_quantity")
        place = self._connector.place_of(said) if said else self._connector.location
        item = f"sku-{digest(sku, size=12)}"
        self._told.items.append(ItemSku(item, sku, at_ms))
        self._told.levels.append(ShopLevel(item, place, max(0, quantity), at_ms, number=said or ONLY_LOCATION))

    def _named(
        self, rule: EventRule | PersonStateRule | ConsentRule, one: Any
    ) -> tuple[str, int, dict[str, str]] | None:
        """The id, the time and the person of an event; None if one of them is missing, which is told."""
        who = self._who(rule.who, one)
        if not who:
            self._told.warn("events[]", "names nobody", "names_nobody")
            return None
        id_, at_ms = id_text(self._search(rule.id, one)), self._time(rule.time, one, "events[]")
        if at_ms is None:
            return None
        if not id_:
            self._told.warn("events[]", "has no id of at most 64 characters", "missing")
            return None
        plain = len(id_) <= _ID_LENGTH
        return id_ if plain else digest(id_, size=12), at_ms, who

    def _who(self, rule: PersonRule, one: Any) -> dict[str, str]:
        paths = {"user": rule.user, "email": rule.email, "phone": rule.phone, "loyalty": rule.loyalty}
        found = {kind: text(self._search(path, one), 320) for kind, path in paths.items() if path}
        said = {kind: value for kind, value in found.items() if value and value != "0"}
        return said | ({"user": prefixed_user(self._connector.user_prefix, said["user"])} if "user" in said else {})

    def _time(self, path: str, one: Any, where: str) -> int | None:
        found = milliseconds_of(self._search(path, one), self._zone)
        if found is None:
            self._told.warn(where, "has no time that can be read, such as 2026-11-30T10:00:00+03:00", "not_a_time")
        return found

    def _prefix(self, what: str) -> str:
        """Ids of an event stay below a hundred characters, whatever it is called."""
        return f"{self._connector.connector}-{digest(what, size=4)}"


def _user(who: Mapping[str, str]) -> dict[str, str]:
    return {kind: value for kind, value in who.items() if kind != "loyalty"}


def _add_loyalty(message: dict[str, Any], who: Mapping[str, str]) -> None:
    if "loyalty" in who:
        message.setdefault("context", {})["externalIds"] = [{"type": "loyalty", "id": who["loyalty"]}]


def _plain(value: Any) -> Any:
    """JSON without texts that are endless."""
    return value[:2_000] if isinstance(value, str) else value


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """``address.city`` is the city of the address."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        *outer, last = name.split(".")
        holder = found
        for part in outer:
            inner = holder.setdefault(part, {})
            holder = inner if isinstance(inner, dict) else {}
        if value is not None:
            holder[last] = value
    return found


def _product_value(value: Any) -> Any:
    """Numbers of ids and prices as text; lists of texts stay."""
    if isinstance(value, list):
        return [text(one, 200) for one in value[:20] if text(one, 200)]
    return text_of(value) if type(value) in (int, float) else value
