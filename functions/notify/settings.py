"""What the workers of the channels need of their environment, read once."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from shared.adapters.clock import clock_file
from shared.domain.messages.request import CHANNELS, SOCIAL, Channel, Worker


class Settings(Struct, frozen=True):
    """Names of tables, urls of queues, the senders, and the clock file (local stage only).

    An empty sender means that sending by this channel is off. ``sms`` says who carries text messages: ``sns``,
    ``end_user_messaging``, or ``gateway``: then ``sender_sms`` is the gateway's name. ``sender_secrets``: the ARN of
    the secrets that senders need. ``public_url`` is where the HTTP API answers, for links
    to unsubscribe; without a slash at its end.
    """

    stage: str
    customers: str
    timers: str
    messages: str
    catalog: str
    products: str
    stock: str
    conversations: str
    iys: str
    secret: str
    queues: Mapping[Channel, str]
    support: str
    """Url of the queue that hears what became of answers."""
    channel: Worker
    sending: bool
    sender_email: str
    sender_sms: str
    sms: str
    sms_max_price: str
    sender_secrets: str
    web_push: bool
    pinpoint_app: str
    configuration_set: str
    public_url: str
    clock: str
    graph_url: str = ""
    """Where the Graph API of Meta answers, on the laptop; elsewhere it is Meta's."""
    files: str = ""
    """The bucket that holds the files of answers."""
    reply_to: str = ""
    """Where answers to e-mails go, if that is not the sender."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises KeyError with the name of the variable that is missing."""
        stage, channel = environment["KERVAN_STAGE"], environment["KERVAN_CHANNEL"]
        found = next((known for known in (*CHANNELS, SOCIAL) if known == channel), None)
        if found is None:
            raise KeyError("KERVAN_CHANNEL")
        return cls(
            stage=stage,
            customers=environment["KERVAN_CUSTOMERS"],
            timers=environment["KERVAN_TIMERS"],
            messages=environment["KERVAN_MESSAGES"],
            catalog=environment["KERVAN_CATALOG"],
            products=environment["KERVAN_PRODUCTS"],
            stock=environment["KERVAN_STOCK"],
            conversations=environment["KERVAN_CONVERSATIONS"],
            iys=environment["KERVAN_IYS"],
            secret=environment["KERVAN_SECRET"],
            queues={name: environment[f"KERVAN_QUEUE_{name.upper()}"] for name in CHANNELS},
            support=environment["KERVAN_SUPPORT_QUEUE"],
            channel=found,
            sending=environment.get("KERVAN_SENDING", "off") == "on",
            sender_email=environment.get("KERVAN_SENDER_EMAIL", ""),
            sender_sms=environment.get("KERVAN_SENDER_SMS", ""),
            sms=environment.get("KERVAN_SMS", "sns"),
            sms_max_price=environment.get("KERVAN_SMS_MAX_PRICE", ""),
            web_push=environment.get("KERVAN_WEB_PUSH", "off") == "on",
            sender_secrets=environment.get("KERVAN_SENDER_SECRETS", ""),
            pinpoint_app=environment.get("KERVAN_PINPOINT_APP", ""),
            configuration_set=environment.get("KERVAN_CONFIGURATION_SET", ""),
            public_url=environment.get("KERVAN_PUBLIC_URL", "").rstrip("/"),
            clock=clock_file(environment),
            graph_url=environment.get("KERVAN_GRAPH_URL", "") if stage == "local" else "",
            files=environment.get("KERVAN_FILES", ""),
            reply_to=environment.get("KERVAN_REPLY_TO", ""),
        )
