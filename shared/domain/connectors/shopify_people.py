"""Customers of Shopify, and what they agreed to.

Form: https://shopify.dev/docs/api/admin-rest, resource Customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain.connectors.connector import Connector
from shared.domain.connectors.payload import (
    body,
    id_text,
    identify,
    milliseconds_of,
    named,
    object_at,
    text,
    version,
)
from shared.domain.connectors.shopify_orders import NO_ID
from shared.domain.connectors.translation import Translation
from shared.domain.events.event_names import CONSENT_GRANTED, CONSENT_WITHDRAWN

UNDATED_MS = 946_684_800_000
"""2000-01-01: a yes without a time is outweighed by every later word, as in an import of the shop's export."""
_STATES = {"subscribed": True, "unsubscribed": False}
"""``not_subscribed``, ``pending``, ``invalid`` and ``redacted`` are no statement of anybody."""
MOST_TAGS = 50


def read_customer(customer: Mapping[str, Any], connector: Connector, told: Translation) -> None:
    """An identify, and a statement of consent for each channel on which the customer said something."""
    id_, updated = id_text(customer.get("id")), milliseconds_of(customer.get("updated_at"))
    if not id_ or updated is None:
        told.warn("customer", NO_ID, "missing")
        return
    who = named(connector.user_of(id_), customer.get("email"), customer.get("phone"))
    message_id = f"{connector.connector}-customer-{id_}"
    told.add(identify(updated, message_id, _traits(customer), who))
    for channel, address in (("email", customer.get("email")), ("sms", customer.get("phone"))):
        said = object_at(customer, f"{channel}_marketing_consent")
        if said and address:
            _consent(said, channel, text(address, 320), message_id, who, told)


def read_consent_change(change: Mapping[str, Any], connector: Connector, told: Translation) -> None:
    """``customers_email_marketing_consent/update`` and ``customers_marketing_consent/update`` (text messages)."""
    id_ = id_text(change.get("customer_id")) or id_text(change.get("id"))
    if not id_:
        told.warn("customer", NO_ID, "missing")
        return
    email, phone = change.get("email_address"), change.get("phone")
    for channel, address in (("email", email), ("sms", phone)):
        said = object_at(change, f"{channel}_marketing_consent")
        if said and address:
            who = named(connector.user_of(id_), email, phone)
            _consent(said, channel, text(address, 320), f"{connector.connector}-customer-{id_}", who, told)


def _consent(
    said: Mapping[str, Any], channel: str, address: str, message_id: str, who: Mapping[str, str], told: Translation
) -> None:
    granted = _STATES.get(text(said.get("state")).lower())
    if granted is None:
        return
    at_ms = milliseconds_of(said.get("consent_updated_at"))
    if at_ms is None and not granted:
        told.warn("consent", "has no time, so it counts from now on", "missing")
    name = CONSENT_GRANTED if granted else CONSENT_WITHDRAWN
    properties = {
        "channel": channel,
        "purpose": "marketing",
        "address": address,
        "source": "shopify",
        "text_version": text(said.get("opt_in_level"), 60),
    }
    said_ms = UNDATED_MS if at_ms is None else at_ms
    # Each statement has an id of its own: the same id at two times would be one that was sent again.
    told.add(version(body(name, said_ms, f"{message_id}-{channel}", properties, who)))


def _traits(customer: Mapping[str, Any]) -> dict[str, Any]:
    address = object_at(customer, "default_address")
    tags = [text(tag, 60) for tag in text(customer.get("tags"), 2_000).split(",")]
    return {
        "email": text(customer.get("email"), 320),
        "phone": text(customer.get("phone"), 40),
        "firstName": text(customer.get("first_name"), 100),
        "lastName": text(customer.get("last_name"), 100),
        "company": text(address.get("company"), 100),
        "createdAt": text(customer.get("created_at"), 40),
        "tags": [tag for tag in tags if tag][:MOST_TAGS],
        "address": {
            name: value
            for name, value in (
                ("city", text(address.get("city"), 100)),
                ("state", text(address.get("province_code"), 60)),
                ("postalCode", text(address.get("zip"), 20)),
                ("country", text(address.get("country_code"), 2)),
            )
            if value
        },
    }
