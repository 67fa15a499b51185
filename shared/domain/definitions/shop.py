"""The answers that a shop gives once: time zone, languages, send hours, caps."""

from datetime import time
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from shared.domain.definitions.audience import Audience, AudienceName
from shared.domain.definitions.brand import Brand
from shared.domain.definitions.iys import IysSettings
from shared.domain.definitions.retention import Retention
from shared.domain.definitions.sign_up import ConsentText, SignUpLimits
from shared.domain.definitions.warm_up import WarmUp
from shared.domain.facts.provisional import OrdersFrom
from shared.domain.identity.identifiers import IdentifierType
from shared.domain.identity.mailbox import InvalidMailbox, written_address
from shared.domain.message_links.settings import LinkSettings

OrderState = Literal["cancelled", "fully_refunded"]


TextVersion = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]


class Strict(BaseModel):
    """Base of all definitions: unknown keys are errors, values do not change.

    ``defer_build``: validators are built by the first validation. The functions do without (``read_stored``), so what
    stands here as a default is made by ``model_construct``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class SendHours(Strict):
    """The local hours in which messages may be sent; ``start`` included, ``end`` excluded."""

    start: time
    end: time

    @field_validator("end")
    @classmethod
    def _after_start(cls, end: time, info: object) -> time:
        start = getattr(info, "data", {}).get("start")
        if end.tzinfo is not None or (start is not None and start.tzinfo is not None):
            raise ValueError("write send_hours as 09:00-20:00")  # local hours, of each customer
        if start is not None and end <= start:
            raise ValueError("send_hours must end after they start, such as 09:00-20:00")
        return end


def _send_hours(value: object) -> object:
    if not isinstance(value, str):
        return value
    start, dash, end = value.partition("-")
    if not dash:
        raise ValueError("write send_hours as 09:00-20:00")
    return {"start": start.strip(), "end": end.strip()}


class Cap(Strict):
    """At most so many messages: per local calendar day and per rolling seven days."""

    per_local_day: int | None = Field(default=None, ge=0)
    per_7d: int | None = Field(default=None, ge=0)


RecipientName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Recipient = Annotated[str, Field(min_length=3, max_length=300)]
"""An identifier of a customer who gets tests, such as ``email:team@shop.example`` or ``user:42``."""


def _team_address(written: str) -> str:
    try:
        return written_address(written)
    except InvalidMailbox as wrong:
        raise ValueError("there should be an e-mail address here; write such as team@shop.example") from wrong


TeamAddress = Annotated[str, Field(max_length=254), AfterValidator(_team_address)]
"""Somebody of the shop's own team."""


class Prices(Strict):
    """What the shop pays, in its currency: ``sms_part`` for one part of a text message, ``email`` and ``push`` for one
    message."""

    sms_part: Decimal | None = Field(default=None, ge=0, le=1000)
    email: Decimal | None = Field(default=None, ge=0, le=1000)
    push: Decimal | None = Field(default=None, ge=0, le=1000)


class Shop(Strict):
    """``definitions/shop.yaml``.

    ``orders_from``: whose word about orders, prices and stock counts: ``trusted`` sources only, or ``any``, so that
    whoever reads the key of the web page can report orders of other people. ``test_recipients``: who gets tests of
    templates, by a name of the shop's own. ``digest_to``: whose mailbox the monthly digest goes to (docs/digest.md).

    ``low_stock``: so many pieces or fewer of a product are announced to who cares; 0 announces none.
    ``hold_price_drops``: a price that falls by more of a hundred may be a slip, so people are told only when somebody
    says that it is right, or when it stayed for a day; 100 holds none.

    ``double_opt_in``: whether a sign-up on a channel counts only when it is confirmed; so it is if nothing is said.
    ``consent_texts``: by version, what people agree to, per language. ``sign_up_countries``: whose phones get a code to
    confirm a sign-up; the shop's ``region`` if nothing is said. ``sign_up_limits``: how often the form may be sent.

    ``iys``: the shop's account at Turkey's register of consent (docs/iys.md). ``require_iys``: advertising by e-mail
    and SMS goes to recipients in Turkey only if the register holds their approval. ``audiences``: segments that are
    kept the same as lists at advertising platforms (docs/audiences.md). ``retention``: how long people are kept of whom
    nothing is heard any more.
    """

    name: str
    time_zone: str = "Europe/Istanbul"
    currency: str = Field(default="TRY", pattern=r"^[A-Z]{3}$")
    region: str = Field(default="TR", pattern=r"^[A-Z]{2}$")
    languages: tuple[str, ...] = Field(default=("tr", "en"), min_length=1)
    send_hours: Annotated[SendHours, BeforeValidator(_send_hours)] = SendHours.model_construct(
        start=time(9), end=time(20)
    )
    caps: dict[str, Cap] = Field(default_factory=dict)
    warm_up: dict[Literal["email", "sms", "push"], WarmUp] = Field(default_factory=dict)
    orders_ignore: tuple[OrderState, ...] = ("cancelled", "fully_refunded")
    orders_from: OrdersFrom = "any"
    low_stock: int = Field(default=0, ge=0, le=100)
    hold_price_drops: int = Field(default=70, ge=1, le=100)
    cart_url: str = ""
    links: LinkSettings = LinkSettings.model_construct()
    brand: Brand = Brand.model_construct()
    double_opt_in: dict[Literal["email", "sms"], bool] = Field(default_factory=dict)
    sign_up_countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    sign_up_limits: SignUpLimits = SignUpLimits.model_construct()
    consent_texts: dict[TextVersion, ConsentText] = Field(default_factory=dict)
    iys: IysSettings | None = None
    audiences: dict[AudienceName, Audience] = Field(default_factory=dict, max_length=20)
    require_iys: bool = False
    retention: Retention = Retention.model_construct()
    address: str = ""
    contact: str = ""
    mersis: str = ""
    prices: Prices = Prices.model_construct()
    test_recipients: dict[RecipientName, Recipient] = Field(default_factory=dict, max_length=50)
    digest_to: tuple[TeamAddress, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _account_at_iys(self) -> Self:
        if self.require_iys and self.iys is None:
            raise ValueError("require_iys needs the account at IYS: iys: {code: 123456, brand: 123456}")
        return self

    @field_validator("test_recipients")
    @classmethod
    def _identifiers(cls, recipients: dict[str, str]) -> dict[str, str]:
        kinds = [kind.value for kind in IdentifierType]
        if any(written.partition(":")[0] not in kinds for written in recipients.values()):
            raise ValueError(f"a test recipient is TYPE:VALUE, such as user:42, with TYPE one of {', '.join(kinds)}")
        return recipients

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as unknown:
            raise ValueError("time_zone must be an IANA name such as Europe/Istanbul") from unknown
        return name
