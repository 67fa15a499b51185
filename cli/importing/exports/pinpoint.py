"""Amazon Pinpoint's endpoints: JSON lines of an export job, or CSV with the same names (``User.UserId``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.importing.exports.export import Export, names
from cli.importing.exports.person import ExportOptions, Person
from cli.importing.moments import read_moment

ENDPOINTS = Export(
    name="pinpoint-endpoints",
    label="Pinpoint endpoints",
    kind="customers",
    recognised=(names("ChannelType", "Address"),),
    columns={},
)
MAPPING = (
    ("Address, ChannelType EMAIL", "email"),
    ("Address, ChannelType SMS or VOICE", "phone"),
    ("Address, ChannelType GCM, APNS, ...", "push token of the device Id"),
    ("User.UserId", "user"),
    ("User.UserAttributes.*, Attributes.*", "trait (FirstName: firstName, ...)"),
    ("Metrics.*", "trait, a number"),
    ("Demographic.Timezone, Demographic.Locale", "trait timezone, trait language"),
    ("Location.*", "trait address"),
    ("OptOut ALL", "withdrawal of every purpose"),
    ("OptOut NONE", "no consent, unless --consents-at and the endpoint is active"),
    ("EffectiveDate", "time"),
)
_NAMES = {
    "firstname": "firstName", "first_name": "firstName", "lastname": "lastName", "last_name": "lastName",
    "name": "name",
    "birthday": "birthday", "birthdate": "birthday", "gender": "gender", "language": "language", "city": "city",
}  # fmt: skip
_PLACES = {"City": "city", "Country": "country", "PostalCode": "postalCode", "Region": "state"}
_TOKENS = {
    "GCM": "android", "FCM": "android", "ADM": "android", "BAIDU": "android",
    "APNS": "ios", "APNS_SANDBOX": "ios", "APNS_VOIP": "ios", "APNS_VOIP_SANDBOX": "ios",
}  # fmt: skip


def is_endpoint(content: Mapping[str, Any]) -> bool:
    """Whether a JSON object is an endpoint."""
    return "ChannelType" in content and "type" not in content and ("Address" in content or "User" in content)


def read_endpoint(endpoint: Mapping[str, Any], options: ExportOptions) -> tuple[Person, dict[str, Any] | None]:
    """The person, and the device if the endpoint is one."""
    person = Person()
    channel, address = str(endpoint.get("ChannelType", "")).upper(), str(endpoint.get("Address") or "").strip()
    user = _object(endpoint.get("User"))
    named = user.get("UserId")
    if isinstance(named, list):  # a list of one, as Pinpoint writes attributes
        named = named[0] if len(named) == 1 else None
    if isinstance(named, str | int) and named and not isinstance(named, bool):
        person.who["user"] = str(named)
    elif user.get("UserId"):
        options.warn("User.UserId", "is no text or number")
    device = None
    active = str(endpoint.get("EndpointStatus", "ACTIVE")).upper() == "ACTIVE"
    kind = {"EMAIL": "email", "SMS": "phone", "VOICE": "phone"}.get(channel)
    if kind and address:
        person.who[kind] = address
    elif channel in _TOKENS and endpoint.get("Id"):
        device = {"id": str(endpoint["Id"]), "type": _TOKENS[channel]}
        if address and active:
            device["token"] = address
    person.traits = _traits(endpoint, user)
    if endpoint.get("EffectiveDate"):
        person.time = read_moment(endpoint["EffectiveDate"], options.zone, "EffectiveDate")
    consents = {"EMAIL": "email", "SMS": "sms"}.get(channel) or ("push" if channel in _TOKENS else None)
    if consents:
        opted_out = str(endpoint.get("OptOut", "")).upper() == "ALL"
        agreed = options.consents_at is not None and active and not opted_out
        person.consents[consents] = ("suppressed" if opted_out else "granted" if agreed else "none", None)
    return person, device


def _traits(endpoint: Mapping[str, Any], user: Mapping[str, Any]) -> dict[str, Any]:
    traits: dict[str, Any] = {}
    for holder in (endpoint.get("Attributes"), user.get("UserAttributes")):
        for name, value in _object(holder).items():
            known = _NAMES.get(name.lower())
            traits[known or name] = _single(value) if known else value
    for name, value in _object(endpoint.get("Metrics")).items():
        traits[name] = _number(value)
    demographic = _object(endpoint.get("Demographic"))
    for name, trait in (("Timezone", "timezone"), ("Locale", "language")):
        if demographic.get(name):
            traits[trait] = demographic[name]
    location = _object(endpoint.get("Location"))
    place = {trait: location[name] for name, trait in _PLACES.items() if location.get(name)}
    return traits | ({"address": place} if place else {})


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _number(value: Any) -> Any:
    try:
        return value if isinstance(value, int | float) else float(value)
    except (TypeError, ValueError):
        return value
