"""One customer, whole."""

from __future__ import annotations

from typing import Any

from shared.domain.consent.consent import CHANNELS
from shared.domain.journeys.enrollment import from_item
from shared.domain.messages.address import address_of
from shared.domain.profile.customer_json import customer_json
from shared.operators.environment import Environment
from shared.operators.find_customer import find_tree
from shared.operators.past_journeys import journeys_of
from shared.queries.customer_tree import Tree
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases


def customer(environment: Environment, identifier: str) -> dict[str, Any]:
    """The customer that an identifier belongs to."""
    return customer_of(environment, find_tree(environment, identifier))


def customer_of(environment: Environment, tree: Tree, *, alone: bool = False) -> dict[str, Any]:
    """``alone``: without what others said of consent for an address that is not among these identifiers."""
    store = CustomerStore(environment.customers)
    profile = tree.profile()
    consents = list(profile.consents)
    addresses: dict[str, str] = {}
    for channel in CHANNELS:
        address = address_of(profile, channel, environment.keys, phone=environment.phone, dead={})
        if address is not None:
            addresses[channel] = address.key
            if address.key not in tree.keys and channel != "push" and not alone:
                consents += store.control(address.key).consents
    runs = [from_item(item) for member in tree.members for item in member.control.enrollments]
    releases = Releases(environment.catalog)
    shop = releases.current().shop
    names = {member.key: str(member.identifier) for member in tree.members if member.identifier is not None}
    return customer_json(
        profile, consents, addresses, runs, shop, environment.clock.now(), names, journeys_of(releases)
    )
