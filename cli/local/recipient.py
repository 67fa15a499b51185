"""What the recipient of a local message does, and what SES would tell of it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from cli import paths
from cli.failure import Failure, WrongUse
from cli.local import deploy, server
from cli.local.emulator import ACTIVITY
from cli.local.running import LocalStack
from shared.domain.events.ses_reports import MESSAGE_TAG

PERSON = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"
MACHINE = "Barracuda Sentinel (EE)"
"""A gateway that looks at every link of a mail."""
SECONDS = 30
Report = Literal["bounce", "complaint"]
_PIXEL = re.compile(r'src="([^"]+/o/[\w-]+\.gif)"')
Fetch = Callable[[str, str], str]
"""Gets an address with a user agent; returns where it leads, or nothing."""


def entry_of(items: list[dict[str, Any]], message_id: str) -> dict[str, Any]:
    """The message of the outbox.

    Raises
    ------
    WrongUse
        If there is none of this id.
    """
    found = next((item for item in items if item["message_id"] == message_id), None)
    if found is None:
        raise WrongUse(f"no message {message_id} in the outbox; `kervan outbox --json` lists their message_id")
    return found


def open_message(entry: Mapping[str, Any], fetch: Fetch, *, machine: bool) -> str:
    """Loads the picture of an e-mail.

    Raises
    ------
    WrongUse
        If the message has none.
    """
    pixel = _PIXEL.search(str(entry.get("html", "")))
    if pixel is None:
        raise WrongUse("only an e-mail with its picture can be opened (links.opens in shop.yaml)")
    fetch(pixel[1], MACHINE if machine else PERSON)
    return pixel[1]


def click_message(entry: Mapping[str, Any], number: int, fetch: Fetch, *, machine: bool) -> str:
    """Follows the link of this number, counted from 1; returns where it leads.

    Raises
    ------
    WrongUse
        If the message has no such link.
    """
    links = entry["links"]
    if not 1 <= number <= len(links):
        raise WrongUse(f"there is no link {number}; links of the message that are followed: {len(links)}")
    return fetch(links[number - 1]["url"], MACHINE if machine else PERSON)


def report(stack: LocalStack, entry: Mapping[str, Any], kind: Report, now: datetime) -> None:
    """Puts into the queue of reports what SES would tell: a hard bounce, or a complaint. Returns when it was taken.

    Raises
    ------
    WrongUse
        If the message is no e-mail.
    Failure
        If it became a dead letter.
    """
    if entry["channel"] != "email":
        raise WrongUse("only an e-mail bounces or is complained about")
    letters = _letters(stack)
    stack.hand("feedback-work", ses_event(entry, kind, now))
    if _letters(stack) > letters:
        raise Failure(f"the report could not be taken (see .kervan/{server.LOG})")


def _letters(stack: LocalStack) -> int:
    parked = server.ask(stack.base, ACTIVITY)["parked"]
    return int(parked.get(f"{deploy.STACK}-feedback-work-dead", 0))


def ses_event(entry: Mapping[str, Any], kind: Report, now: datetime) -> dict[str, Any]:
    """The EventBridge event of one report, with the parts that Kervan reads (SES: event data)."""
    at = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    about: dict[str, Any] = {"timestamp": at, "feedbackId": uuid.uuid4().hex}
    if kind == "bounce":
        about |= {"bounceType": "Permanent", "bounceSubType": "General"}
    else:
        about |= {"complaintFeedbackType": "abuse"}
    mail = {
        "timestamp": entry["sent_at"],
        "messageId": entry["message_id"],
        "tags": {MESSAGE_TAG: [entry["message_id"]]},
    }
    detail = {"eventType": kind.capitalize(), "mail": mail, kind: about}
    return {"source": "aws.ses", "detail-type": f"Email {kind}", "time": at, "detail": detail}


class _NoRedirect(HTTPRedirectHandler):
    """The shop's page is not fetched: it is enough to know where a link leads."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


def fetch(address: str, user_agent: str) -> str:
    """Gets one address of the local stack as a mail program does.

    Raises
    ------
    Failure
        If it does not answer, or is not of the local stack.
    """
    endpoint = str(paths.read(paths.LOCAL).get("endpoint", ""))
    if not endpoint or not address.startswith(f"{endpoint}/"):
        raise Failure("the message leads to another deployment than the local stack")
    request = Request(address, headers={"user-agent": user_agent})  # noqa: S310 - of our own endpoint
    try:
        with build_opener(_NoRedirect).open(request, timeout=SECONDS):
            return ""
    except HTTPError as answered:
        if answered.code in {301, 302, 303, 307, 308}:
            return str(answered.headers.get("location", ""))
        raise Failure(f"the link answered {answered.code}") from answered
    except URLError as error:
        raise Failure("the local stack does not answer") from error
