"""Plays a customer who writes to the shop, on the local stack: by the form and the signature of the real channel."""

from __future__ import annotations

import hashlib
import hmac
import json
import mimetypes
import secrets
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from cli import paths
from cli.failure import Failure, WrongUse
from cli.local import deploy, meta_app
from cli.local.clock import now as local_now
from cli.local.emulator import GRAPH
from cli.local.running import LocalStack
from shared.adapters.attribute_values import read_item
from shared.domain.conversations.conversation import digest
from shared.domain.conversations.mail import mail_id, read_mail
from shared.domain.conversations.mail_receipt import PREFIX
from shared.domain.identity.identifiers import IdentifierType, InvalidIdentifier, identifier
from shared.domain.identity.keys import time_text
from shared.stores.conversation_items import MARK, mark_pk

META = ("instagram", "messenger", "whatsapp")
PLAYED = (*META, "email")
SHOP_ACCOUNT = "17841400000000001"
PHONE_NUMBER_ID = "106540352242922"
PATIENCE = 30.0
"""Seconds until the message must be in its conversation."""


def play(
    stack: LocalStack, channel: str, who: str, text: str, id_: str | None, file: Path | None = None
) -> dict[str, str]:
    """What the API answers for a message that it takes: state, id, conversation, at. ``file``: on a channel of Meta.

    Raises
    ------
    WrongUse
        If ``who`` cannot write on this channel.
    Failure
        If the message is not there after a while.
    """
    now = local_now()
    if channel == "email":
        return _mail(stack, who.removeprefix("email:"), text, id_, now)
    account = who.rpartition(":")[2].rpartition("/")[2].removeprefix("+")
    return _meta(stack, channel, account, text, id_, now, None if file is None else _left(stack, file))


@dataclass(frozen=True, slots=True)
class Left:
    """A file at Meta."""

    name: str
    type: str
    id: str
    url: str


def _left(stack: LocalStack, file: Path) -> Left:
    """Leaves the file with the server that plays Meta."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    name = str(secrets.randbelow(10**15) + 10**15)
    url = f"{stack.base}{GRAPH}/kept/{name}"
    asked = urllib.request.Request(url, file.read_bytes(), {"content-type": kind}, method="PUT")  # noqa: S310 - loopback
    with urllib.request.urlopen(asked, timeout=30):  # noqa: S310 - loopback
        return Left(file.name, kind, name, url)


def meta_body(
    channel: str, account: str, text: str, id_: str, now: datetime, file: Left | None = None
) -> dict[str, Any]:
    """A delivery as Meta's documents show it."""
    seconds, ms = int(now.timestamp()), int(now.timestamp() * 1000)
    if channel == "whatsapp":
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "905550001122", "phone_number_id": PHONE_NUMBER_ID},
            "contacts": [{"profile": {"name": "Customer"}, "wa_id": account}],
            "messages": [{"from": account, "id": id_, "timestamp": str(seconds), **_whatsapp_part(text, file)}],
        }
        entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
        return {"object": "whatsapp_business_account", "entry": [entry]}
    said: dict[str, Any] = {
        "sender": {"id": account},
        "recipient": {"id": SHOP_ACCOUNT},
        "timestamp": ms,
        "message": {"mid": id_, **({"text": text} if text else {})},
    }
    if file is not None:
        shown = "image" if file.type.startswith("image/") else "file"
        said["message"]["attachments"] = [{"type": shown, "payload": {"url": file.url}}]
    kind = "instagram" if channel == "instagram" else "page"
    return {"object": kind, "entry": [{"id": SHOP_ACCOUNT, "time": ms, "messaging": [said]}]}


def _whatsapp_part(text: str, file: Left | None) -> dict[str, Any]:
    if file is None:
        return {"type": "text", "text": {"body": text}}
    kind = "image" if file.type.startswith("image/") else "document"
    named = {} if kind == "image" else {"filename": file.name}
    return {"type": kind, kind: {"id": file.id, "mime_type": file.type, "caption": text, **named}}


def mail_of(sender: str, text: str, id_: str, now: datetime) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, deploy.outputs()["Mailbox"], text[:60].replace("\n", " ")
    mail["Message-ID"], mail["Date"] = id_, format_datetime(now)
    mail.set_content(text)
    return mail.as_bytes()


def receipt_of(key: str, bucket: str, sender: str, now: datetime) -> dict[str, Any]:
    """The notification of SES for a mail that passes every check."""
    passed = {f"{name}Verdict": {"status": "PASS"} for name in ("spam", "virus", "spf", "dkim", "dmarc")}
    at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "notificationType": "Received",
        "mail": {"timestamp": at, "source": sender, "messageId": key.removeprefix(PREFIX), "destination": []},
        "receipt": {"timestamp": at, **passed, "action": {"type": "S3", "bucketName": bucket, "objectKey": key}},
    }


def _meta(
    stack: LocalStack, channel: str, account: str, text: str, id_: str | None, now: datetime, file: Left | None
) -> dict[str, str]:
    if not account.isdecimal():
        raise WrongUse(f"on {channel} people have a number, such as 7781; on WhatsApp it is that of their phone")
    name = id_ or f"m.{secrets.token_hex(8)}"
    message = digest("received", channel, name)
    known = _mark(stack, message)
    body = json.dumps(meta_body(channel, account, text, name, now, file)).encode()
    signature = hmac.new(meta_app.app_secret().encode(), body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"}
    url = f"{paths.read(paths.LOCAL)['endpoint']}/v1/hooks/meta"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30):  # noqa: S310 - loopback
            pass
    except OSError as refused:
        raise Failure(f"the webhook of Meta did not take it: {refused}") from refused
    return _taken(stack, message, now, known)


def _mail(stack: LocalStack, sender: str, text: str, id_: str | None, now: datetime) -> dict[str, str]:
    from shared.adapters.html_text import text_of_html

    outputs = deploy.outputs()
    bucket, key = outputs["FilesBucket"], f"{PREFIX}{secrets.token_hex(16)}"
    raw = mail_of(sender, text, f"<{id_ or secrets.token_hex(8)}@mail.local>", now)
    mail = read_mail(raw, sender, text_of_html)
    try:
        who = identifier(IdentifierType.EMAIL, mail.sender, None)
    except InvalidIdentifier as broken:
        raise WrongUse(f"{sender} is no e-mail address") from broken
    message = digest("received", "email", mail_id(mail, who))
    known = _mark(stack, message)
    deploy.client(stack.base, "s3").put_object(Bucket=bucket, Key=key, Body=raw)
    told = json.dumps(receipt_of(key, bucket, sender, now))
    deploy.client(stack.base, "sns").publish(TopicArn=outputs["TopicMail"], Message=told)
    return _taken(stack, message, now, known)


def _taken(stack: LocalStack, message: str, now: datetime, known: str) -> dict[str, str]:
    """``known``: the conversation in which it was before."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = _mark(stack, message)
        if found:
            state = "repeated" if known else "taken"
            return {"state": state, "id": message, "conversation": found, "at": time_text(now)}
        time.sleep(0.2)
    raise Failure("the message did not reach a conversation: see `kervan deadletters list`")


def _mark(stack: LocalStack, message: str) -> str:
    """The conversation of a message that was taken; empty if it was not."""
    client, table = deploy.client(stack.base, "dynamodb"), deploy.outputs()["TableConversations"]
    found = client.get_item(TableName=table, Key={"pk": {"S": mark_pk(message)}, "sk": {"S": MARK}}).get("Item")
    return str(read_item(found)["conversation"]) if found else ""
