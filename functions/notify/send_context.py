"""Reads everything that decides about one message, right before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from functions.notify.competing_journeys import competing_journeys
from functions.notify.excluded_segments import excluded_by
from functions.notify.iys_standing import read_iys_standing
from functions.notify.message_view import MessageViewReader
from shared.domain.consent.consent import Consent
from shared.domain.consent.preferences import Preference, newest_preference
from shared.domain.consent.recipient_tokens import (
    RecipientTokens,
)
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.definitions.release import Release
from shared.domain.identity.identifiers import Identifier, PhoneReader
from shared.domain.journeys.enrollment import Enrollment, from_item, sort_key
from shared.domain.journeys.evidence import ConditionContext, Rules
from shared.domain.journeys.exit_rule import Stop, stopped
from shared.domain.messages.address import Address, address_of, token_key
from shared.domain.messages.evidence import item
from shared.domain.messages.gate_context import GateContext
from shared.domain.messages.message import Reason, Skipped
from shared.domain.messages.priority import CompetingJourney
from shared.domain.messages.request import SendRequest
from shared.domain.privacy.held_rights import Held
from shared.domain.profile.profile import Order, Profile
from shared.domain.templates.view import View
from shared.queries.customer_sends import sends_of
from shared.queries.customer_tree import Tree, load_tree
from shared.queries.push_tokens import own_tokens
from shared.queries.stock_of_now import StockReader
from shared.stores.companions import CompanionStore
from shared.stores.controls import ControlStore
from shared.stores.customers import CustomerStore
from shared.stores.iys_records import IysRecords
from shared.stores.journey_controls import JourneyControls
from shared.stores.kept_products import ProductReader
from shared.stores.ledger import Ledger
from shared.stores.releases import Releases
from shared.stores.reputation import read_suspension, suspension_key
from shared.stores.sends import Sends

COMPLETED = "completed"
"""How an enrollment ends that has handed over its last step: what is in the queue still goes out."""


class ReleaseUnknown(Exception):
    """The release of the request cannot be read yet, so its exit rule cannot be asked: send nothing and try again."""


class SendContext(Struct, frozen=True):
    """What was read: the context of the gates, what the template can say, and where to write afterwards."""

    tree: Tree
    enrollment: Enrollment | None
    context: GateContext
    view: View
    sends: Sends
    unsubscribe_url: str
    coupon: CouponDefinition | None = None
    """Where the codes of what the step gives come from; None if everybody gets the same."""
    several_enrollments: bool = False
    """The customer has other enrollments of the journey, which ask what this one said."""

    @property
    def claim_is_asked_for(self) -> bool:
        """Whether somebody else looks for the claim of this message before it is called: another message of the
        campaign, whoever gives a code back, another enrollment of the journey."""
        request = self.context.request
        return request.campaign is not None or request.give is not None or self.several_enrollments


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SendContextReader:
    """Reads send contexts. ``public_url`` is the address of the HTTP API."""

    customers: CustomerStore
    releases: Releases
    controls: ControlStore
    journeys: JourneyControls
    keys: Callable[[Identifier], str]
    phone: Callable[[str], PhoneReader]
    tokens: RecipientTokens
    public_url: str
    ledger: Ledger
    companions: CompanionStore | None = None
    """What is bought together; None where nothing is recommended."""
    products: ProductReader | None = None
    """The catalogue; None where messages show products as events told of them."""
    stock: StockReader | None = None
    """The stock; None where nobody looks whether something is left."""
    iys: IysRecords | None = None
    """Turkey's register of consent; None where it is not asked, as in a dry run."""

    def read(self, request: SendRequest, now: datetime) -> SendContext:
        """Reads strongly consistent, except the release (it never changes) and the switches of journeys (a few seconds
        old)."""
        tree = load_tree(self.customers, request.home)
        profile, sends = self._profile(tree, request), sends_of(tree)
        release = self.releases.get(request.release)
        if release is None:
            raise ReleaseUnknown(f"release {request.release}")
        enrollment = self._enrollment(tree, request)
        began = enrollment.began if enrollment is not None else None
        enrollments = [] if enrollment is None else _enrollments_of(tree, enrollment)
        phone = self.phone(release.shop.region) if request.channel == "sms" else None
        address = address_of(profile, request.channel, self.keys, phone=phone, dead=sends.dead)
        request = request.addressed(address.key if address else "")
        shown = self._view_reader.read(request, release, enrollment, profile, sends, address, now)
        consents, preference = self._consents(tree, address)
        context = GateContext(
            request=request,
            now=now,
            profile=profile,
            shop=release.shop,
            controls=self.controls.read(),
            template=shown.template,
            language=shown.language,
            address=address,
            consents=consents,
            preference=preference,
            taken=sends.places,
            journey_switch=self.journeys.of(request.switch, began),
            switched_at=self.journeys.changed_at(request.switch, began),
            excluded_by=excluded_by(request, release, profile, self.keys, now),
            died_at=max(sends.dead.values(), default=None),
            stop=_stop(release, enrollment, request, profile, now)
            or self._sent_by_another(request, enrollment, enrollments, profile, now),
            missing=shown.missing,
            product_objection=shown.product_objection,
            given=sends.given,
            competing=self._competing(request, release, tree, profile, now),
            reported=_reported(release, enrollment, request, profile, now),
            restricted=tree.held(Held.RESTRICT),
            objected=tree.held(Held.OBJECT),
            suspension=read_suspension(self.controls.beside(suspension_key(request.channel))),
            iys=read_iys_standing(self.iys, request, release.shop, profile, address, consents, now),
        )
        coupon = release.coupon(request.give.coupon) if request.give else None
        return SendContext(
            tree,
            enrollment,
            context,
            shown.view,
            sends,
            shown.unsubscribe_url,
            coupon,
            several_enrollments=len(enrollments) > 1,
        )

    @property
    def _view_reader(self) -> MessageViewReader:
        return MessageViewReader(
            self.customers, self.tokens, self.public_url, self.companions, self.products, self.stock
        )

    def _competing(
        self, request: SendRequest, release: Release, tree: Tree, profile: Profile, now: datetime
    ) -> tuple[CompetingJourney, ...]:
        cap = release.shop.caps.get("marketing")
        if not request.commercial or cap is None or cap.per_local_day is None:
            return ()
        return competing_journeys(request, tree, profile, self.releases, self.ledger, self.journeys, now)

    def _sent_by_another(
        self,
        request: SendRequest,
        enrollment: Enrollment | None,
        enrollments: Sequence[Enrollment],
        profile: Profile,
        now: datetime,
    ) -> Skipped | None:
        if enrollment is None or len(enrollments) < 2:
            return None
        from functions.notify.competing_enrollments import CompetingEnrollments  # few customers have several

        competing = CompetingEnrollments(self.releases, self.ledger, self.journeys)
        return competing.sent_by_other_enrollment(request, enrollment, enrollments, profile, now)

    def _profile(self, tree: Tree, request: SendRequest) -> Profile:
        """The customer's profile. For push it has no tokens on which another user was seen later."""
        profile = tree.profile()
        if request.channel != "push":
            return profile
        tokens = own_tokens(self.customers, tree, profile.tokens, lambda token: token_key(token, self.keys))
        return profile if tokens == profile.tokens else replace(profile, tokens=tokens)

    def _enrollment(self, tree: Tree, request: SendRequest) -> Enrollment | None:
        if request.campaign is not None:
            return None
        wanted = sort_key(f"{request.journey}#{request.enrollment}")
        home = next((member.control for member in tree.members if member.key == request.home), None)
        control = home or self.customers.control(request.home)  # beyond the newest members of a large tree
        item = next((item for item in control.enrollments if item["sk"] == wanted), None)
        return None if item is None else from_item(item)

    def _consents(self, tree: Tree, address: Address | None) -> tuple[tuple[Consent, ...], Preference | None]:
        """The customer's statements of consent, and those that others made about the address; and the preference that
        holds for both."""
        controls = [member.control for member in tree.members]
        if address is not None and address.channel != "push" and address.key not in tree.keys:
            controls.append(self.customers.control(address.key))
        consents = tuple(consent for control in controls for consent in control.consents)
        return consents, newest_preference(one for control in controls for one in control.preferences)


def _enrollments_of(tree: Tree, enrollment: Enrollment) -> list[Enrollment]:
    """Every enrollment of its journey that the customer has, live or ended, and itself if it is among them."""
    found = [item for member in tree.members for item in member.control.enrollments]
    items = [item for item in found if item["journey"] == enrollment.journey]
    return [enrollment] if len(items) == 1 and items[0]["id"] == enrollment.id else [from_item(item) for item in items]


def _stop(
    release: Release, enrollment: Enrollment | None, request: SendRequest, profile: Profile, now: datetime
) -> Skipped | None:
    """Why the journey ends: because schedule ended the enrollment, or because its exit rule holds now."""
    if request.campaign is not None:
        return None
    if enrollment is not None and enrollment.end is not None and enrollment.end.reason != COMPLETED:
        return Stop(enrollment.end.reason, found=enrollment.end.found).skipped
    journey = release.journey(request.journey)
    if journey is None:
        return Skipped(Reason.JOURNEY_STOPPED, evidence=(item("journey", request.journey),))
    values = enrollment.trigger.values if enrollment is not None else {}
    found = stopped(journey, ConditionContext(profile, Rules.of(release), now, request.clock, values))
    return None if found is None else found.skipped


def _reported(
    release: Release, enrollment: Enrollment | None, request: SendRequest, profile: Profile, now: datetime
) -> tuple[Order, ...]:
    """The provisional orders that would end the journey if they counted; nearly everybody has none."""
    journey = release.journey(request.journey) if profile.provisional and request.campaign is None else None
    if journey is None:
        return ()
    values = enrollment.trigger.values if enrollment is not None else {}

    def would_end(order: Order) -> bool:
        orders = tuple(sorted((*profile.orders, order), key=lambda one: (one.at, one.id)))
        context = ConditionContext(replace(profile, orders=orders), Rules.of(release), now, request.clock, values)
        return stopped(journey, context) is not None

    return tuple(filter(would_end, profile.provisional))
