"""An HTTP gateway for text messages, as an operator writes it in ``definitions/senders/*.yaml`` (docs/senders.md)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from shared.domain.definitions.shop import Strict
from shared.domain.senders.placeholders import placeholders
from shared.domain.senders.public_hosts import check_https

NAME = r"^[a-z][a-z0-9-]{0,31}$"
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
_FORBIDDEN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_FIXED = frozenset({"text", "to", "to.digits", "to.national", "message_id"})
STATUSES = re.compile(r"[1-5][0-9]{2}|[1-5]xx")

SecretName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def _url(value: str) -> str:
    check_https(value)
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as broken:
        raise ValueError(f"{value!r} is no regular expression") from broken
    return value


Pattern = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_pattern)]


def _named_by_texts(content: Any) -> bool:
    """YAML reads the names ``no`` and ``on`` as truth values."""
    if isinstance(content, dict):
        return all(isinstance(name, str) and _named_by_texts(part) for name, part in content.items())
    return all(_named_by_texts(part) for part in content) if isinstance(content, list) else True


class Signature(Strict):
    """HMAC-SHA256 over ``<timestamp>.<body>``; both travel in headers."""

    secret: SecretName
    header: str = "X-Signature"
    timestamp_header: str = "X-Timestamp"
    encoding: Literal["hex", "base64"] = "hex"


class BasicAuth(Strict):
    """Names of the secrets that hold user name and password."""

    user: SecretName
    password: SecretName


class Body(Strict):
    """One of three forms. Values are escaped by the form, so a message can break out of none."""

    json_: Any = Field(None, alias="json")
    form: dict[str, str] | None = None
    xml: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Body:
        if sum(part is not None for part in (self.json_, self.form, self.xml)) != 1:
            raise ValueError("a body has one of json, form and xml")
        if not _named_by_texts(self.json_):
            raise ValueError("names in json are texts: put quotes around no, yes, on, off and numbers")
        return self


class CallDefinition(Strict):
    """The one request of a message."""

    url: Annotated[str, AfterValidator(_url)]
    method: Literal["POST", "PUT"] = "POST"
    headers: dict[str, str] = Field(default_factory=dict, max_length=20)
    body: Body
    basic_auth: BasicAuth | None = None
    signature: Signature | None = None
    timeout: Annotated[int, Field(ge=1, le=15)] = 8


class AnswerRule(Strict):
    """Holds if everything that it names holds.

    ``json``: paths and the values that they may have; ``text``: a regular expression that is found in the body;
    ``reason``: a word for the outcome.
    """

    status: str | int | list[str | int] = Field(default_factory=list)
    json_: dict[str, Any] = Field(default_factory=dict, alias="json")
    text: Pattern | None = None
    reason: Word | None = None

    @model_validator(mode="after")
    def _something(self) -> AnswerRule:
        if not (self.statuses or self.json_ or self.text):
            raise ValueError("a rule names at least one of status, json and text")
        if wrong := [one for one in self.statuses if not STATUSES.fullmatch(one)]:
            raise ValueError(f"{wrong[0]} is no status such as 200 or 2xx")
        return self

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses as texts, one or many."""
        said = self.status if isinstance(self.status, list) else [self.status]
        return tuple(str(one) for one in said)


class IdRule(Strict):
    """Where the answer holds the operator's id of the message."""

    json_: str | None = Field(None, alias="json")
    text: Pattern | None = None


class AnswerDefinition(Strict):
    """Asked in this order: accepted, unreachable, refused, retry. What none of them says is told by the status."""

    accepted: list[AnswerRule] = Field(min_length=1)
    unreachable: list[AnswerRule] = Field(default_factory=list)
    refused: list[AnswerRule] = Field(default_factory=list)
    retry: list[AnswerRule] = Field(default_factory=list)
    id: IdRule | None = None


class HookCheck(Strict):
    """How a caller of the webhook proves who it is: a token in a header or in the query, or an HMAC of the body."""

    secret: SecretName
    header: str | None = None
    query: str | None = None
    hmac_header: str | None = None
    timestamp_header: str | None = None
    encoding: Literal["hex", "base64"] = "hex"

    @model_validator(mode="after")
    def _one(self) -> HookCheck:
        if sum(part is not None for part in (self.header, self.query, self.hmac_header)) != 1:
            raise ValueError("a check has one of header, query and hmac_header")
        return self


class ReportRule(Strict):
    """Where a delivery report says which message it is about, and what became of it."""

    message_id: str | None = None
    provider_id: str | None = None
    status: str
    delivered: list[str] = Field(min_length=1)
    failed: dict[str, Word] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _named(self) -> ReportRule:
        if (self.message_id is None) == (self.provider_id is None):
            raise ValueError("a report names the message by one of message_id and provider_id")
        return self


class ReplyRule(Strict):
    """Where a reply holds its sender's number, its text and the operator's id of it."""

    from_: str = Field(alias="from")
    text: str
    id: str | None = None


class HookDefinition(Strict):
    """``POST /v1/hooks/sms/<sender>``. ``items``: the path of a list; without it the body is one item, or a list."""

    check: HookCheck
    items: str | None = None
    reports: ReportRule | None = None
    replies: ReplyRule | None = None


class Gateway(Strict):
    """One gateway. ``country``: it takes numbers of this country code only (``"90"``)."""

    sender: str = Field(pattern=NAME)
    channel: Literal["sms"] = "sms"
    country: str | None = Field(None, pattern=r"^[1-9][0-9]{0,2}$")
    by_purpose: dict[Literal["marketing", "transactional"], dict[Word, str]] = Field(default_factory=dict)
    request: CallDefinition
    answer: AnswerDefinition
    webhook: HookDefinition | None = None

    @model_validator(mode="after")
    def _fits(self) -> Gateway:
        own = [set(values) for values in self.by_purpose.values()]
        if own and (len(own) != 2 or own[0] != own[1]):
            raise ValueError("by_purpose gives the same names for marketing and transactional")
        known = _FIXED | (own[0] if own else set())
        for name in self.names:
            if name not in known and not re.fullmatch(r"secret\.[a-z][a-z0-9_]{0,31}", name):
                raise ValueError(f"{{{{ {name} }}}} is no value; write one of {', '.join(sorted(known))}, secret.NAME")
        if not {"text"} <= self.names or not {"to", "to.digits", "to.national"} & self.names:
            raise ValueError("the body needs {{ text }} and {{ to }}")
        if "to.national" in self.names and self.country is None:
            raise ValueError("{{ to.national }} needs country")
        for name in self.request.headers:
            if not _HEADER.fullmatch(name) or name.lower() in _FORBIDDEN_HEADERS:
                raise ValueError(f"the header {name!r} cannot be set")
        return self

    @property
    def names(self) -> set[str]:
        """Placeholders of headers and body."""
        body = self.request.body
        found = placeholders(self.request.headers) | placeholders(body.json_) | placeholders(body.form)
        return found | placeholders(body.xml)

    @property
    def secrets(self) -> set[str]:
        """Names of the secrets that a call needs."""
        call = self.request
        found = {name.removeprefix("secret.") for name in self.names if name.startswith("secret.")}
        found |= {call.basic_auth.user, call.basic_auth.password} if call.basic_auth else set()
        return found | ({call.signature.secret} if call.signature else set())

    @property
    def hook_secret(self) -> str:
        """Name of the secret of the webhook; empty without one."""
        return self.webhook.check.secret if self.webhook else ""

    @property
    def by_provider_id(self) -> bool:
        """Whether reports name messages by the operator's id, so that it must be remembered."""
        return self.webhook is not None and bool(self.webhook.reports and self.webhook.reports.provider_id)
