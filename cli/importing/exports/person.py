"""One row of another tool's customers: an identify, and what it says of consent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from cli.importing.columns import number
from cli.importing.exports.cells import (
    Consent,
    address_of_cell,
    birthday_of_cell,
    consent_of_cell,
    first_value,
    list_of_cell,
    suppression_of_cell,
)
from cli.importing.exports.export import Export
from cli.importing.moments import read_moment, written
from cli.importing.people import name_people
from shared.domain.consent.consent import EVERY_PURPOSE, MARKETING
from shared.domain.events.event_names import CONSENT_GRANTED, CONSENT_WITHDRAWN
from shared.domain.events.event_time import EARLIEST
from shared.domain.events.refusals import Refused
from shared.domain.identity.identifiers import IdentifierType, InvalidIdentifier, MeansNobody, identifier

PEOPLE = ("user", "email", "phone", "loyalty")
Warn = Callable[[str, str], None]
"""Told of a column whose cell cannot be used, and why; never of what it holds."""


@dataclass(slots=True)
class Person:
    """What a row says. ``consents``: channel to the state and the time at which it was said, if it is known."""

    who: dict[str, str] = field(default_factory=dict)
    traits: dict[str, Any] = field(default_factory=dict)
    consents: dict[str, tuple[Consent, str | None]] = field(default_factory=dict)
    time: str | None = None


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How rows are read.

    ``zone`` counts for times without one, ``consents_at`` for a yes without a time.
    With ``withdraw`` a no is a withdrawal.
    """

    export: Export
    zone: tzinfo
    consents_at: datetime | None
    warn: Warn
    withdraw: bool = False


def read_person(row: Mapping[str, str], options: ExportOptions) -> Person:
    """The person that a row (column to cell, empty ones left out) is about.

    Raises
    ------
    Refused
        If a consent or a time cannot be read: these decide whether somebody is written to.
    """
    person = Person()
    states: dict[str, Consent] = {}
    times: dict[tuple[str, str], str] = {}
    suppressions: dict[str, Consent | None] = {}
    for column, cell in row.items():
        kind, *words = options.export.target(column).split(" ", 1)
        if kind in PEOPLE:
            person.who.setdefault(kind, first_value(cell))
        elif kind == "time":
            person.time = read_moment(cell, options.zone, column)
        elif kind == "consent" and words[0].endswith(" suppressed"):
            suppressions[words[0].split(" ", 1)[0]] = suppression_of_cell(cell)
        elif kind == "consent":
            _consent(words[0], column, cell, options, states, times)
        elif kind == "address":
            _address(person.traits, cell)
        elif kind == "own":
            person.traits.setdefault(words[0], first_value(cell))
        elif kind == "trait":
            _trait(person.traits, words[0], column, cell, options)
    if options.export.state:
        states["email"] = options.export.state
    for channel, suppression in suppressions.items():
        _suppress(channel, suppression, states, times)
    for channel, state in states.items():
        person.consents[channel] = (state, _time_of(state, channel, times, options.export))
    return person


def bodies_of(person: Person, options: ExportOptions, device: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The bodies for the API: an identify, then a statement of consent for each channel that has one.

    Raises
    ------
    Refused
        If the row names nobody.
    """
    if not person.who and device is None:
        raise Refused("the row names nobody; it has no customer number, e-mail address or phone number")
    identify: dict[str, Any] = {"type": "identify", "traits": person.traits}
    if person.time is not None:
        identify["timestamp"] = person.time
    name_people(identify, person.who)
    bodies = [identify]
    for channel, (state, time) in person.consents.items():
        body = _statement(person, channel, state, time, options)
        if body is not None:
            bodies.append(body)
    for body in bodies:
        context = body.setdefault("context", {})
        context["active"] = False  # nobody visits the shop by being imported
        if device is not None:
            context["device"] = dict(device)
    return bodies


def _statement(
    person: Person, channel: str, state: Consent, time: str | None, options: ExportOptions
) -> dict[str, Any] | None:
    address = None if channel == "push" else person.who.get("email" if channel == "email" else "phone")
    if state == "none" or (channel != "push" and not _is_somebodys(channel, address)):
        return None
    if state == "no" and not options.withdraw:
        options.warn(f"consent {channel}", "says no, which withdraws nothing; say --withdraw in a newer file of a shop")
        return None
    if state == "granted":
        time = time or _undated(channel, options)
        if time is None:
            return None
    purpose = EVERY_PURPOSE if state == "suppressed" else MARKETING
    label = options.export.label
    properties = {
        "channel": channel, "purpose": purpose, "source": label, "text_version": f"imported from {label}",
    }  # fmt: skip
    if address is not None:
        properties["address"] = address
    event = CONSENT_GRANTED if state == "granted" else CONSENT_WITHDRAWN
    body: dict[str, Any] = {"type": "track", "event": event, "properties": properties}
    body |= {} if time is None else {"timestamp": time}
    name_people(body, person.who)
    return body


def _time_of(state: Consent, channel: str, times: Mapping[tuple[str, str], str], export: Export) -> str | None:
    """When it was said. A time beside a column of the state is that of the state, whatever it is."""
    if state != "granted" and (withdrawn := times.get((channel, "withdrawn"))):
        return withdrawn
    of_the_column = state in {"withdrawn", "no"} and not export.state
    return times.get((channel, "time")) if state == "granted" or of_the_column else None


def _is_somebodys(channel: str, address: str | None) -> bool:
    """Whether it is an address to which a statement can belong; ``n/a`` and ``noemail@example.com`` are nobody's."""
    if address is None:
        return False
    try:
        identifier(IdentifierType.EMAIL if channel == "email" else IdentifierType.PHONE, address)
    except MeansNobody:
        return False
    except InvalidIdentifier:
        return True  # the API says what is wrong with it
    return True


def _undated(channel: str, options: ExportOptions) -> str | None:
    """The time of a yes that names none; it is left out, and told, where the tool cannot be believed without."""
    if options.consents_at is not None:
        return written(options.consents_at)
    if options.export.undated_consents:
        return written(EARLIEST)
    options.warn(f"consent {channel}", "has no time, so it is not taken; say --consents-at for all that have none")
    return None


def _consent(
    words: str,
    column: str,
    cell: str,
    options: ExportOptions,
    states: dict[str, Consent],
    times: dict[tuple[str, str], str],
) -> None:
    channel, _, part = words.partition(" ")
    match part:
        case "time" | "withdrawn":
            times[channel, part] = read_moment(cell, options.zone, column)
        case _:
            states[channel] = consent_of_cell(cell, column)


def _suppress(
    channel: str, suppression: Consent | None, states: dict[str, Consent], times: dict[tuple[str, str], str]
) -> None:
    """A list of suppressions goes before the column of the consent, whose time is not that of the suppression. A
    column that says ``bounced`` stays: the address takes no mail at all, though its owner unsubscribed too."""
    if suppression is None or states.get(channel) in {suppression, "suppressed"}:
        return
    states[channel] = suppression
    times.pop((channel, "time"), None)


def _address(traits: dict[str, Any], cell: str) -> None:
    """The parts of a whole address; a column of the plain name ``address`` counts less."""
    known = traits.get("address")
    traits["address"] = (known if isinstance(known, dict) else {}) | address_of_cell(cell)


def _trait(traits: dict[str, Any], words: str, column: str, cell: str, options: ExportOptions) -> None:
    path, kind = words, ""
    for known in ("number", "list", "birthday"):
        if words.endswith(f" {known}"):
            path, kind = words.removesuffix(f" {known}"), known
    value: Any = first_value(cell)
    if kind == "number":
        try:
            value = number(cell, column)
        except Refused:
            options.warn(column, "is not a number, or can be read in two ways")
            return
    elif kind == "list":
        value = list_of_cell(cell)
    elif kind == "birthday":
        value = birthday_of_cell(cell, month_first=options.export.month_first)
        if value is None:
            options.warn(column, "is no day; write it as 1991-04-17")
            return
    holder = traits
    *above, last = path.split(".")
    for name in above:
        inner = holder.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        holder = inner
    if not isinstance(holder.get(last), dict):  # parts that other columns say
        holder[last] = value
