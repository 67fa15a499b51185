"""A connected shop, as ``definitions/connectors/*.yaml`` describes it (docs/connectors.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.domain.connectors.mapping_definition import MappingDefinition
from shared.domain.connectors.payload import id_text
from shared.domain.consent.consent import OWN_SOURCES
from shared.domain.definitions.shop import Strict
from shared.domain.events.event import Source
from shared.domain.events.quota import Quota
from shared.domain.identity.identifiers import prefixed_user
from shared.domain.senders.gateway import HookCheck
from shared.domain.senders.public_hosts import check_https

NAME = r"^[a-z][a-z0-9-]{0,26}$"
SECRET, NEXT_SECRET = "secret", "secret_next"
"""The secret that deliveries are signed with, and the one that replaces it: both count."""
MAPPING_SECRETS = frozenset({SECRET, NEXT_SECRET})
LOCATION_LENGTH = 64
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,59}$")]
LocationName = Annotated[str, StringConstraints(min_length=1, max_length=LOCATION_LENGTH, strip_whitespace=True)]


def _address(value: str) -> str:
    check_https(value)
    return value.rstrip("/")


class EventQuota(Strict):
    """What the shop may report; beyond it deliveries are answered with 429, and the shop sends them later."""

    events_per_minute: int | None = Field(None, ge=1)
    events_per_day: int | None = Field(None, ge=1)


class SignedField(Strict):
    """A signature that stands in the body, over a text of the body: HMAC-SHA256 of ``content``, in ``signature``."""

    content: FieldName
    signature: FieldName
    encoding: Literal["hex", "base64"] = "hex"


class Connector(Strict):
    """One shop.

    Attributes
    ----------
    shop
        Its host (``kervan.myshopify.com``); deliveries that name another one are refused.
    currency
        Of its products, where the delivery names none.
    storefront
        Where products are looked at (``https://shop.example``); without it products have no address.
    user_prefix
        Stands before the shop's numbers of customers. Two shops that both count from 1 need one, else their customers
        of one number would be one person.
    customers_of
        Another connector that numbers the same people: both report of one shop's accounts.
    location
        Where the stock of a shop without locations lies.
    locations
        The shop's number of a location to our name of it; others are called ``<connector>-<number>``.
    """

    connector: str = Field(pattern=NAME)
    platform: Literal["shopify", "woocommerce", "mapping"]
    shop: Host | None = None
    channel: str = Field("web", pattern=r"^[a-z][a-z0-9_-]{0,31}$")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    storefront: Annotated[str, AfterValidator(_address)] | None = None
    user_prefix: str = Field("", pattern=r"^[A-Za-z0-9_.-]{0,32}$")
    customers_of: str | None = Field(None, pattern=NAME)
    location: LocationName = "online"
    locations: dict[str, LocationName] = Field(default_factory=dict, max_length=1_000)
    stock: bool = True
    quota: EventQuota | None = None
    check: HookCheck | None = None
    signed: SignedField | None = None
    mapping: MappingDefinition | None = None

    @model_validator(mode="after")
    def _fits(self) -> Connector:
        if self.connector in OWN_SOURCES:
            raise ValueError(f"the name {self.connector} is Kervan's own")
        own_form = self.platform == "mapping"
        proofs = sum(one is not None for one in (self.check, self.signed))
        if own_form != (self.mapping is not None) or proofs != own_form:
            raise ValueError("the platform mapping needs mapping and one of check and signed; no other one has them")
        if self.check is not None and self.check.secret != SECRET:
            raise ValueError(f"the secret of a connector is called {SECRET}")
        return self

    @property
    def secrets(self) -> str:
        """The name under which its secrets are kept among those of webhooks."""
        return f"shop-{self.connector}"

    @property
    def source(self) -> Source:
        """Who reports: a trusted source of this name."""
        return Source(self.connector, self.channel, trusted=True)

    @property
    def limits(self) -> Quota | None:
        """The quota, if there is one."""
        return None if self.quota is None else Quota(self.quota.events_per_minute, self.quota.events_per_day)

    def user_of(self, number: Any) -> str:
        """Our name of one of the shop's customers; empty if there is none."""
        return prefixed_user(self.user_prefix, id_text(number))

    def place_of(self, location: str) -> str:
        """Our name of one of the shop's locations."""
        return self.locations.get(location) or f"{self.connector}-{location}"[:LOCATION_LENGTH]

    def is_host(self, said: str) -> bool:
        """Whether a delivery says that it is of this shop; a name or an address. True if no shop is written."""
        if self.shop is None:
            return True
        try:
            host = urlsplit(said).hostname if "//" in said else said
        except ValueError:
            return False
        return (host or "").lower().rstrip(".") == self.shop
