"""Previews of templates (docs/messages.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from functions.admin.models.base import AnswerModel, RequestModel
from shared.domain.messages.request import Channel
from shared.domain.templates.sample import SAMPLES

_SAMPLES = ", ".join(SAMPLES)


class PreviewTemplateRequest(RequestModel):
    """For whom it is shown: a customer, or one of the made-up customers; in whose language, and on which channels."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"customer": "user:42"}, {"sample": "many", "language": "tr"}]}
    )
    sentences: ClassVar[Mapping[str, str]] = {
        "": 'the body is {"customer": "user:42"} or {"sample": "many"}, and may have language and channel',
        "customer": "customer is an identifier such as user:42",
        "sample": f"sample is one of {_SAMPLES}",
        "language": "language has two letters, such as tr",
        "channel": "channel is email, sms or push",
    }

    customer: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    sample: Literal["one", "two", "three", "four", "many"] | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] | None = None
    channel: Channel | None = None


class PreviewedEmail(AnswerModel):
    """``bytes`` of the HTML: Gmail shows 102 KB of it."""

    subject: str
    preheader: str
    html: str
    text: str
    bytes: int


class Price(AnswerModel):
    amount: str
    currency: str
    text: str


class PreviewedSms(AnswerModel):
    """``forces_ucs2``: the characters that make a part hold 70 of them instead of 160. ``price`` of all parts, if the
    shop says what one costs."""

    text: str
    encoding: Literal["gsm-7", "ucs-2"]
    units: int
    parts: int
    forces_ucs2: str
    price: Price | None


class ShownOnLockScreen(AnswerModel):
    title: str
    body: str
    shortened: bool


class PreviewedPush(AnswerModel):
    """``shown``: what a locked phone shows of it, by its system."""

    title: str
    body: str
    url: str
    image: str
    shown: dict[Literal["android", "ios"], ShownOnLockScreen]


class PreviewedChannel(AnswerModel):
    """``missing``: needs of the template that are empty, so that the message would be skipped as ``content_missing``.
    Without content, ``problem`` says why."""

    channel: Channel
    language: str | None
    missing: list[str]
    problem: str | None
    email: PreviewedEmail | None
    sms: PreviewedSms | None
    push: PreviewedPush | None


class TemplatePreview(AnswerModel):
    template: str
    purpose: Literal["marketing", "transactional"]
    release: int
    customer: str | None = Field(description="the id of the customer; null for a sample")
    sample: str | None
    channels: list[PreviewedChannel]


class TemplateTestRequest(RequestModel):
    """A name of ``test_recipients`` in shop.yaml; on every channel that the template has, or on one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"required": ["to"], "examples": [{"to": "ayse"}]})
    sentences: ClassVar[Mapping[str, str]] = {
        "": 'the body is {"to": "ayse"}, and may have channel',
        "to": "to is a name of test_recipients in shop.yaml",
        "channel": "channel is email, sms or push",
    }

    to: Annotated[str, Field(min_length=1, max_length=32)]
    channel: Channel | None = None


class TemplateTest(AnswerModel):
    """What goes out with the next tick; ``recipient`` is the identifier that the name stands for."""

    template: str
    to: str
    recipient: str
    channels: list[Channel]
