"""A template: what a marketer writes in ``definitions/templates/<name>/``, and the form in which a release keeps it."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from shared.domain.definitions.shop import Strict
from shared.domain.time.durations import Duration

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Dotted = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z_]+)*$")]
Channel = Literal["email", "sms", "push"]
HttpsAddress = Annotated[str, StringConstraints(pattern=r"^(https://[^\s\"'<>\\{}|^`]{1,2000})?$")]


class Action(Strict):
    """The one call to action: what the button says in each language, and where it leads (Liquid)."""

    text: dict[Language, str]
    url: str


class SelectedProduct(Strict):
    """A product that the marketer chose, the same for everybody; ``price`` is in the shop's currency."""

    name: dict[Language, str] = Field(min_length=1)
    price: Decimal | None = Field(default=None, ge=0, lt=Decimal("1e12"))
    image: HttpsAddress = ""
    url: HttpsAddress


class CatalogueRule(Strict):
    """What happens if a product of the message is sold out, or costs more than the customer was told.

    ``drop`` leaves such products out, and does not send a message that would show none; ``skip`` does not send it at
    all; ``show`` sends it as it is, with the price of now; ``say`` does too, and tells the template (``sold_out``,
    ``told_price``).
    """

    out_of_stock: Literal["drop", "skip", "show", "say"] = "drop"
    price_rose: Literal["drop", "skip", "show", "say"] = "show"


def _kept_long_enough(value: timedelta) -> timedelta:
    if value and not timedelta(minutes=1) <= value <= timedelta(days=28):
        raise ValueError("time_to_live is between 1m and 28d")
    return value


class PushText(Strict):
    """``push.<language>.yaml``: title (at most 50 characters rendered), body, an optional image (all Liquid).

    ``link`` (Liquid) opens a place in the app. A newer message with the same ``collapse`` (Liquid) takes the place of
    the older one. ``time_to_live``: how long the service of the device keeps it.
    """

    title: str
    body: str
    image: str = ""
    link: str = ""
    badge: int | None = Field(None, ge=0, le=99)
    collapse: str = Field("", max_length=64, pattern=r"^[ -~]*$")
    time_to_live: Annotated[Duration, AfterValidator(_kept_long_enough)] = timedelta()


class TemplateDefinition(Strict):
    """``template.yaml``.

    ``needs`` names what must be there when it is rendered (``cart.items``, ``offer.coupon``, ...), else the message is
    skipped. ``defaults`` gives, per language, what stands in for an absent text, by its dotted name. ``selection``:
    products that the message shows to everybody. ``catalogue``: what happens if a product is sold out or dearer.
    """

    template: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    label: dict[Language, str] = Field(default_factory=dict)
    purpose: Literal["marketing", "transactional"]
    needs: tuple[Dotted, ...] = ()
    defaults: dict[Language, dict[Dotted, str]] = Field(default_factory=dict)
    action: Action
    catalogue: CatalogueRule = CatalogueRule.model_construct()
    selection: tuple[SelectedProduct, ...] = Field(default=(), max_length=12)


class Template(TemplateDefinition):
    """A template as published: the definition with its texts per language; MJML is already compiled to HTML.

    A channel is served in a language if its text is there: e-mail needs ``subject`` and ``html``. ``text`` is the plain
    alternative of an e-mail. ``text_made`` is the one that was made from the HTML where it is absent; where that is
    absent too, what is markup depends on the customer, and the text is made from the HTML of each message.
    """

    subject: dict[Language, str] = Field(default_factory=dict)
    html: dict[Language, str] = Field(default_factory=dict)
    text: dict[Language, str] = Field(default_factory=dict)
    text_made: dict[Language, str] = Field(default_factory=dict)
    push: dict[Language, PushText] = Field(default_factory=dict)
    sms: dict[Language, str] = Field(default_factory=dict)

    def languages(self, channel: str) -> tuple[str, ...]:
        """The languages in which this channel is served, sorted."""
        return tuple(sorted(self._texts(channel)))

    def _texts(self, channel: str) -> Mapping[str, object]:
        match channel:
            case "email":
                return {language: body for language, body in self.html.items() if language in self.subject}
            case "sms":
                return self.sms
            case "push":
                return self.push
            case _:
                return {}


def choose_language(preferred: str, served: tuple[str, ...], shop: tuple[str, ...]) -> str | None:
    """The customer's language if it is served; else the first of the shop's languages that is; None if none is.

    A customer whose language the shop does not have gets English before the others, if the shop has it: he more likely
    reads English than the shop's first language.
    """
    wanted = preferred.replace("_", "-").partition("-")[0].lower()
    foreign = wanted and wanted not in shop
    order = (wanted, *(("en",) if foreign and "en" in shop else ()), *shop)
    return next((language for language in order if language in served), None)
