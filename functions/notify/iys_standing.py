"""What Turkey's register of consent holds of the address that a message goes to, where the shop asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.domain.consent.consent import Consent, consent_state
from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import IdentifierType
from shared.domain.iys.recipients import in_turkey
from shared.domain.iys.standing import IysStanding, standing
from shared.domain.iys.statement import TYPE_OF_CHANNEL, RecipientType
from shared.domain.messages.address import Address
from shared.domain.messages.request import SendRequest
from shared.domain.profile.demographic import demographic
from shared.domain.profile.profile import Profile
from shared.stores.iys_records import NO_ACCOUNT, IysRecords


def read_iys_standing(
    records: IysRecords | None,
    request: SendRequest,
    shop: Shop,
    profile: Profile,
    address: Address | None,
    consents: Sequence[Consent],
    now: datetime,
) -> IysStanding | None:
    """None where the register is not asked: the shop does not require it, the message is no advertising, or it goes to
    a recipient outside Turkey. One read of one item, strongly consistent."""
    asked = shop.require_iys and request.commercial and request.channel in TYPE_OF_CHANNEL
    if records is None or address is None or not asked:
        return None
    phones = [known.value for known in profile.identifiers if known.type is IdentifierType.PHONE]
    country = demographic(profile, ZoneInfo(shop.time_zone), now).country
    if not in_turkey(request.channel, address.to, country=country, phones=phones, region=shop.region):
        return None
    proof = consent_state(consents, request.channel, request.purpose, address.key, now).proof
    kind: RecipientType = "TACIR" if proof is not None and proof.merchant else "BIREYSEL"
    account = shop.iys.account if shop.iys is not None else NO_ACCOUNT
    found = records.of_account(account).get(address.key, kind)
    return standing(() if found is None else (found,), kind)
