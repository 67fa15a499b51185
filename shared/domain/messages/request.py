"""The hand-over from schedule to notify: send this step, on the first channel that reaches the customer."""

import base64
import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Literal, Self, assert_never, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.domain.identity.keys import moment

Channel = Literal["email", "sms", "push"]
CHANNELS: tuple[Channel, ...] = ("email", "sms", "push")
SocialChannel = Literal["whatsapp", "instagram", "messenger"]
SOCIAL_CHANNELS: tuple[SocialChannel, ...] = ("whatsapp", "instagram", "messenger")
"""Channels of Meta: agents answer there, and no journey or campaign sends there."""
SOCIAL: Literal["social"] = "social"
"""The queue and the worker of these channels: one provider carries them all."""
Worker = Literal["email", "sms", "push", "social"]
"""A queue of messages, and who sends them."""
Purpose = Literal["marketing", "transactional"]
Instant = Annotated[int, Field(ge=0, lt=253_402_300_800_000)]
"""Epoch milliseconds before the year 10000."""
ANSWERS = "@conversations"
"""Stands for the journey of an answer in a conversation; no journey and no campaign has such a name."""
CALLED_ONCE = frozenset({"marketing", "service"})
"""Purposes of which a message is called once, whatever the provider says: an agent can see what became of it."""
CAMPAIGN_RUN = "campaign"
TEST_RUN = "test-"
"""Take the place of an enrollment's id in a campaign's messages; every test is a run of its own."""
PRIORITY = 50
"""Of a journey that says none."""


def queue_of(channel: Channel | SocialChannel) -> Worker:
    """The queue whose worker sends by this channel."""
    match channel:
        case "whatsapp" | "instagram" | "messenger":
            return SOCIAL
        case "email" | "sms" | "push":
            return channel
        case _:
            assert_never(channel)


class Give(BaseModel):
    """What the step gives away: one code, ``percent`` off, good for ``valid_ms`` after the sending.

    ``coupon`` is the name of a definition, which says where codes come from, or else the code itself.
    ``once_per_ms``: a customer gets this coupon once in so long at the most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    coupon: str = Field(min_length=1, max_length=60)
    percent: int | None = Field(default=None, ge=1, le=100)
    valid_ms: int | None = Field(default=None, gt=0)
    once_per_ms: int | None = Field(default=None, gt=0)


class SendRequest(BaseModel):
    """One step of one enrollment, handed over to the queue of ``channels[0]``.

    Handing the same request over twice sends once: the message id is made of home, journey, enrollment, step, channel.
    ``enrollment`` is the id alone (the item is ``enrollment#<journey>#<enrollment>`` under ``home``); ``home`` is the
    partition key of the identifier whose event began it. ``release`` is the pinned release. Instants are epoch
    milliseconds: ``due_ms`` when the step was due, ``fresh_until_ms`` after which it is skipped as stale, ``clock_ms``
    the clock of the enrollment that this hand-over was planned with. ``priority`` is the journey's: where two compete
    for the last place of a day, the higher goes first.

    A campaign's request names it in ``campaign`` and in ``journey``, and in ``excluded`` the segments whose members do
    not get it; a ``test`` counts nowhere. With ``sample`` made-up
    products, order and offer stand in for what the template needs and the customer does not have; only tests have it.
    ``address`` is filled in by notify.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    v: Literal[1] = 1
    home: str = Field(min_length=3, max_length=64)
    enrollment: str = Field(min_length=1, max_length=128)
    journey: str = Field(min_length=1, max_length=64)
    release: int = Field(ge=0)
    step: str = Field(min_length=1, max_length=64)
    template: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")
    purpose: Purpose | Literal["service"]
    channels: tuple[Channel | SocialChannel, ...] = Field(min_length=1, max_length=3)
    due_ms: Instant
    fresh_until_ms: Instant
    clock_ms: Instant
    give: Give | None = None
    priority: int = Field(default=PRIORITY, ge=0, le=100)
    campaign: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    excluded: tuple[str, ...] | None = None
    test: bool = False
    sample: bool | None = None
    address: str = Field(default="", max_length=64)

    @property
    def channel(self) -> Channel | SocialChannel:
        """The channel of this attempt."""
        return self.channels[0]

    @property
    def own_channel(self) -> Channel:
        """The channel, of a message of a journey or a campaign. Raises ValueError for an answer on another one."""
        if self.channel in SOCIAL_CHANNELS:
            raise ValueError("journeys and campaigns do not send by the channels of Meta")
        return cast("Channel", self.channel)

    @model_validator(mode="after")
    def _only_answers_are_social(self) -> Self:
        if self.journey != ANSWERS:
            for channel in self.channels:
                if channel in SOCIAL_CHANNELS:
                    raise ValueError("only answers go out by the channels of Meta")
        return self

    @property
    def message_id(self) -> str:
        if self.campaign is not None:
            once = (self.campaign, self.enrollment, self.address or self.home, self.channel)
            return _digest("campaign", *once)
        return message_id(self.home, self.journey, self.enrollment, self.step, self.channel)

    def own_message_id(self, home: str) -> str:
        """Under which a campaign's message that did not go out is kept for one of several customers with an address."""
        return self.model_copy(update={"home": home, "address": ""}).message_id

    @property
    def unit(self) -> str:
        """What a cap counts once (docs/definitions.md#caps): the step, whatever channels it takes to deliver it. Of a
        campaign it is the campaign, so that profiles that become one customer count once."""
        if self.campaign is not None:
            return _digest("unit of a campaign", self.campaign, self.enrollment)
        return _digest("unit", self.home, self.journey, self.enrollment, self.step)

    @property
    def gift(self) -> str:
        """Under which name its coupon is noted: the unit's, but of a campaign each profile's own, so that nobody's code
        is taken for another's when profiles become one customer."""
        if self.campaign is not None:
            return _digest("gift of a campaign", self.campaign, self.enrollment, self.home)
        return self.unit

    @property
    def switch(self) -> str:
        """The name under which it is stopped by hand; no journey's begins with ``@``."""
        return self.journey if self.campaign is None else campaign_switch(self.campaign)

    @property
    def timer_ref(self) -> str:
        """The ``ref`` of the timer that asks for it again; one of a campaign says everything that makes it anew."""
        if self.campaign is not None:
            return f"{campaign_switch(self.campaign)}#{self.due_ms}#{self.enrollment}"
        return f"{self.journey}#{self.enrollment}"

    @property
    def due(self) -> datetime:
        return moment(self.due_ms)

    @property
    def fresh_until(self) -> datetime:
        return moment(self.fresh_until_ms)

    @property
    def clock(self) -> datetime:
        return moment(self.clock_ms)

    @property
    def commercial(self) -> bool:
        return self.purpose == "marketing"

    def valid_until(self, now: datetime) -> datetime | None:
        """The end of the offer, if it is sent now."""
        if self.give is None or self.give.valid_ms is None:
            return None
        return now + timedelta(milliseconds=self.give.valid_ms)

    def for_next_channel(self) -> Self | None:
        """The same request for the rest of the channels, or None if this was the last one."""
        if len(self.channels) < 2:
            return None
        return self.model_copy(update={"channels": self.channels[1:], "address": ""})

    def addressed(self, key: str) -> Self:
        """A campaign's message is made of the address it goes to, by its keyed digest: two profiles that share an
        address get one message. Others stay as they are, and so does what was addressed before."""
        if self.campaign is None or self.address or not key:
            return self
        return self.model_copy(update={"address": key})


def campaign_switch(name: str) -> str:
    """The name under which a campaign is stopped."""
    return f"@{name}"


def message_id(home: str, journey: str, enrollment: str, step: str, channel: str) -> str:
    """The id of one message to one person on one channel: 26 letters and digits, independent of the root."""
    return _digest("message", home, journey, enrollment, step, channel)


@lru_cache(maxsize=512)
def _digest(*parts: str) -> str:
    """Kept, because a message asks for its id and its unit again and again."""
    raw = b"".join(len(data).to_bytes(4, "big") + data for data in (part.encode() for part in parts))
    return base64.b32encode(hashlib.blake2b(raw, digest_size=16).digest()).decode().rstrip("=").lower()
