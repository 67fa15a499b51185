"""What the gates look at: everything that decides about one message, read in the moment of sending."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from shared.domain.consent.consent import Consent
from shared.domain.consent.preferences import Preference
from shared.domain.coupons.given import Gifts
from shared.domain.definitions.shop import Shop
from shared.domain.iys.standing import IysStanding
from shared.domain.messages import caps
from shared.domain.messages.address import Address
from shared.domain.messages.controls import Controls
from shared.domain.messages.evidence import Item
from shared.domain.messages.message import Skipped
from shared.domain.messages.priority import CompetingJourney
from shared.domain.messages.reputation import Suspension
from shared.domain.messages.request import SendRequest
from shared.domain.privacy.held_rights import Mark
from shared.domain.profile.profile import Order, Profile
from shared.domain.templates.definition import Template


class GateContext(Struct, frozen=True):
    """Everything that the gates look at, read when the message is about to be sent.

    ``stop`` is the outcome of the message if the exit rule of the journey holds now. ``missing`` names what the
    template needs and the customer does not have now. ``taken`` are the places under caps that all identifiers of the
    customer have taken, ``given`` the coupons. ``competing`` are enrollments of other journeys that are about to send
    to this customer.
    """

    request: SendRequest
    now: datetime
    profile: Profile
    shop: Shop
    controls: Controls
    template: Template | None
    language: str | None
    address: Address | None
    consents: tuple[Consent, ...]
    taken: caps.Reservations
    journey_switch: str = "running"
    switched_at: str = ""
    """When somebody paused or stopped the journey, or cancelled the campaign."""
    excluded_by: Item | None = None
    """The segment of the campaign's ``except`` in which the customer is, and since when."""
    stop: Skipped | None = None
    missing: tuple[str, ...] = ()
    product_objection: Skipped | None = None
    """Why the products of the message keep it from being sent: sold out, or dearer."""
    died_at: datetime | None = None
    """When the provider last said that a push token of the customer is dead."""
    given: Gifts = field(default_factory=dict)
    competing: tuple[CompetingJourney, ...] = ()
    reported: tuple[Order, ...] = ()
    """Orders that would end the journey if a trusted source confirmed them, by time."""
    suspension: Suspension | None = None
    """Why commercial messages of the channel are held back because of bounces or complaints, if they are."""
    iys: IysStanding | None = None
    """What Turkey's register of consent holds of the address; None where it is not asked."""
    preference: Preference | None = None
    """How often at most, and until when not at all, as the customer chose."""
    restricted: Mark | None = None
    """The restriction of processing that is in force, if there is one."""
    objected: Mark | None = None
    """The objection to marketing that is in force, if there is one."""

    @property
    def one_in_days(self) -> int:
        """The customer's own limit: at most one commercial message in so many days; 0 if he wants none."""
        return self.preference.one_in_days if self.preference is not None else 0

    @property
    def tags(self) -> tuple[str, ...]:
        """Caps that the message counts under: none if it is transactional (docs/definitions.md#purpose) or a test."""
        counted = self.request.commercial and not self.request.test
        return (self.request.purpose, self.request.channel) if counted else ()
