"""A dead letter as operators see it: its kind, what it is about by ids alone, and how its work is done again.

The body of a letter comes from our own functions or from AWS, and may be broken: that may be why it is here. Whatever
cannot be read makes a letter of the kind ``unreadable``, never an error. Nothing of a customer is taken over but keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.domain.audiences.tasks import is_due
from shared.domain.audiences.tasks import read_task as audience_homes
from shared.domain.connectors.shop_jobs import is_shop_job
from shared.domain.connectors.shop_jobs import read_job as read_shop_job
from shared.domain.conversations.jobs import Outcome, Rating, Removal, read_job
from shared.domain.deadletters.repair import CUSTOMER_KEY, CustomerChange, RepairTask, is_change, is_repair
from shared.domain.identity.keys import event_id
from shared.domain.iys.tasks import read_task
from shared.domain.messages.request import CHANNELS, SOCIAL, SendRequest, queue_of

Kind = Literal[
    "message", "work", "event", "customer", "change", "timer", "report", "stream", "unreadable",
]  # fmt: skip
Target = Literal[
    "email", "sms", "push", "social",
    "segment-work", "schedule-work", "privacy-work", "measure-work", "stock-work", "support-work",
    "mail-work", "hook-work", "due-hook-work", "simulation-work", "iys-work", "audiences-work", "feedback-work",
]  # fmt: skip

FUNCTIONS = (
    "segment-on-events", "segment-on-due", "segment-on-queue", "schedule-on-customer",
    "schedule-on-due", "schedule-on-queue",
)  # fmt: skip
STREAM_READERS = ("segment-on-events", "schedule-on-customer")
UNDELIVERED = "-undelivered"
WORK = ("segment-work", "schedule-work", "privacy-work", "measure-work", "stock-work", "support-work",
        "mail-work", "hook-work", "due-hook-work", "simulation-work", "iys-work", "audiences-work",
        "feedback-work")  # fmt: skip
QUEUES = (*CHANNELS, SOCIAL, *WORK, *FUNCTIONS, *(reader + UNDELIVERED for reader in STREAM_READERS))
"""The names of all queues of dead letters: of a channel, of work, of what a function gave up, of the streams."""

_KEY = re.compile(CUSTOMER_KEY)
_REASON = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,120}")
_NUMBER = re.compile(r"[0-9]{1,40}")
_SHARD = re.compile(r"shardId-[0-9-]{1,60}")
_NAME = re.compile(r"@?[A-Za-z0-9~_-][A-Za-z0-9#~._-]{0,199}")
_TIME = re.compile(r"[0-9]{4}-[0-9T:.Z+-]{1,36}")
_FORMS = {"customer": _KEY, "at": _TIME, "due": _TIME, "from": _TIME, "to": _TIME}


@dataclass(frozen=True, slots=True)
class Send:
    """Put ``body`` into a queue."""

    to: Target
    body: str


@dataclass(frozen=True, slots=True)
class ArmTimer:
    """Arm a timer that was given up."""

    home: str
    ref: str
    revision: int
    step: str


@dataclass(frozen=True, slots=True)
class ReplayCustomer:
    """Tell schedule of the customer as it stands now: the change itself was not kept."""

    pk: str


@dataclass(frozen=True, slots=True)
class ReadStream:
    """Read the records of a shard between two positions, both included, once more."""

    reader: str
    shard: str
    first: str
    last: str


Repair = Send | ArmTimer | ReplayCustomer | ReadStream


@dataclass(frozen=True, slots=True)
class Letter:
    """``about`` holds ids only. ``repair`` is None if nothing can be done with it but to delete it."""

    kind: Kind
    about: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    repair: Repair | None = None


UNREADABLE = Letter("unreadable")


def read_letter(queue: str, body: str) -> Letter:
    """What the letter of a queue is about. ``queue`` is one of QUEUES."""
    try:
        if queue in (*CHANNELS, SOCIAL):
            return _message(body)
        if queue in WORK:
            return _work(queue, body)
        content = json.loads(body)
        if not isinstance(content, dict):
            return UNREADABLE
        if queue.endswith(UNDELIVERED):
            return _undelivered(queue.removesuffix(UNDELIVERED), content)
        return _given_up(content)
    except (ValueError, TypeError, KeyError, RecursionError):  # a ValidationError is a ValueError
        return UNREADABLE


def _message(body: str) -> Letter:
    request = SendRequest.model_validate_json(body)
    about = {
        "message": request.message_id,
        "customer": request.home,
        "journey": request.journey,
        "enrollment": request.enrollment,
        "step": request.step,
        "channel": request.channel,
    }
    return Letter("message", _plain(about), repair=Send(queue_of(request.channel), body))


def _work(queue: str, body: str) -> Letter:
    readers = {
        "measure-work": _rows_of_the_lake, "iys-work": _register_task, "support-work": _conversation_job,
        "audiences-work": _audience_task, "privacy-work": _privacy_task, "hook-work": _changed_levels,
        "due-hook-work": _due_answer, "feedback-work": _report,
    }  # fmt: skip
    if queue in readers:
        return readers[queue](body)
    content = json.loads(body)
    if queue == "segment-work":
        if is_repair(body):
            task = RepairTask.model_validate_json(body)
            keys = {*task.customers, *task.logs, *task.lake, *(pk for pk, _sk in task.events)}
            return Letter("work", {"repair": f"{len(keys)} identifiers"}, repair=Send("segment-work", body))
        about = {"release": str(int(content["release"])), "shard": str(int(content["shard"]))}
        return Letter("work", about, repair=Send("segment-work", body))
    if queue == "stock-work" and is_shop_job(body):
        job = read_shop_job(body)
        words = {"products": job.products, "items": job.items, "levels": job.levels, "gone": job.gone}
        about = {name: str(len(found)) for name, found in words.items() if found}
        return Letter("work", _plain({"shop": job.connector} | about), repair=Send("stock-work", body))
    if queue == "stock-work":
        about = {"announced": str(content["about"]), "episode": str(int(content["episode"]))}
        return Letter("work", _plain(about), repair=Send("stock-work", body))
    if queue == "simulation-work":
        return Letter("work", _plain({"dry_run": content["dry_run"]}), repair=Send("simulation-work", body))
    if queue == "mail-work":
        return Letter("work", _plain({"mail": content["mail"]["messageId"]}), repair=Send("mail-work", body))
    if is_change(body):
        return _change(CustomerChange.model_validate_json(body))
    timers = content["timers"]
    about = {"shard": str(content["shard"]), "timers": str(len(timers))}
    # They may have been fired meanwhile: the worker looks first which still stand.
    return Letter("work", _plain(about), repair=Send("schedule-work", json.dumps(content | {"again": True})))


def _register_task(body: str) -> Letter:
    task = read_task(body)
    customers = len(task.homes) + len(task.erased) + len(task.again)
    about = {"customers": str(customers), "changes": str(len(task.changes))}
    return Letter("work", about, repair=Send("iys-work", body))


def _privacy_task(body: str) -> Letter:
    content = json.loads(body)
    hour = isinstance(content, dict) and content.get("retention") is True  # that an hour has passed
    about = {"retention": "an hour"} if hour else _plain({"erasure": content["erasure"]})
    return Letter("work", about, repair=Send("privacy-work", body))


def _audience_task(body: str) -> Letter:
    about = {"due": "now"} if is_due(body) else {"customers": str(len(audience_homes(body)))}
    return Letter("work", about, repair=Send("audiences-work", body))


def _rows_of_the_lake(body: str) -> Letter:
    """Lines that Firehose did not take for days; each is an object of JSON with the column ``table``."""
    rows = [json.loads(line) for line in body.splitlines()]
    if not rows or not all(isinstance(row, dict) and isinstance(row.get("table"), str) for row in rows):
        return UNREADABLE
    return Letter("work", {"rows": str(len(rows))}, repair=Send("measure-work", body))


def _conversation_job(body: str) -> Letter:
    """Of a message that came in nothing but its channel and the id under which it would be kept."""
    job = read_job(body, str)
    if isinstance(job, Outcome | Removal):
        return Letter(
            "work",
            _plain({"answer" if isinstance(job, Outcome) else "message": job.message}),
            repair=Send("support-work", body),
        )
    if isinstance(job, Rating):
        return Letter("work", _plain({"conversation": job.conversation}), repair=Send("support-work", body))
    about = {"channel": job.channel, "message": job.id}
    return Letter("work", _plain(about), repair=Send("support-work", body))


def _given_up(content: Mapping[str, Any]) -> Letter:
    """What a function could not work on, by its key. Which item the key is of says what it was."""
    reason = _reason(content.get("reason"))
    home, pk, sk = content.get("home"), content.get("pk"), content.get("sk")
    if home is not None:
        return _timer(content, reason)
    if not isinstance(pk, str) or not _KEY.fullmatch(pk):
        return Letter("unreadable", reason=reason)
    if sk == "customer":
        if isinstance(content.get("new"), dict):
            return _change(CustomerChange(new=content["new"], old=content.get("old")), reason)
        return Letter("change", {"customer": pk}, reason, ReplayCustomer(pk))
    if sk is None:
        task = RepairTask(customers=(pk,))
        return Letter("customer", {"customer": pk}, reason, Send("segment-work", task.body()))
    task = RepairTask(events=((pk, sk),))
    return Letter("event", {"customer": pk, **_event(sk)}, reason, Send("segment-work", task.body()))


def _change(change: CustomerChange, reason: str | None = None) -> Letter:
    pk = str(change.new["pk"]["S"])
    if not _KEY.fullmatch(pk):
        return Letter("unreadable", reason=reason)
    return Letter("change", {"customer": pk}, reason, Send("schedule-work", change.body()))


def _timer(content: Mapping[str, Any], reason: str | None) -> Letter:
    home, ref, step = str(content["home"]), str(content["ref"]), str(content.get("step", ""))
    revision = content.get("revision", 0)
    if content.get("kind") != "journey" or not 3 <= len(home) <= 64 or not 0 < len(ref) <= 300 or "#" in home:
        return Letter("unreadable", reason=reason)
    if type(revision) is not int or len(step) > 64:
        return Letter("unreadable", reason=reason)
    about = {"customer": home, "timer": ref, "due": str(content.get("due", ""))[:40]}
    return Letter("timer", _plain(about), reason, ArmTimer(home, ref, revision, step))


def _report(body: str) -> Letter:
    """What a provider reported of a message: SES by EventBridge, carriers of text messages by a topic; or a reply."""
    content = json.loads(body)
    said = content["detail"] if "detail" in content else json.loads(content["Message"])
    if not isinstance(said, dict):
        return UNREADABLE
    named = said.get("messageId")
    if "detail" in content:
        mail = said.get("mail")
        named = mail.get("messageId") if isinstance(mail, dict) else None
    about = {"report": said.get("eventType"), "provider_id": named, "reply": said.get("inboundMessageId")}
    known = {name: value for name, value in about.items() if isinstance(value, str)}
    return Letter("report", _plain(known), repair=Send("feedback-work", body))


def _undelivered(reader: str, content: Mapping[str, Any]) -> Letter:
    """Where in the stream a batch stands that killed its function; AWS keeps the records for 24 hours."""
    found = content["DDBStreamBatchInfo"]
    shard, first, last = (str(found[name]) for name in ("shardId", "startSequenceNumber", "endSequenceNumber"))
    if not _SHARD.fullmatch(shard) or not _NUMBER.fullmatch(first) or not _NUMBER.fullmatch(last):
        return UNREADABLE
    context = content.get("requestContext")
    reason = _reason(context.get("condition") if isinstance(context, dict) else None)
    about = {
        "shard": shard,
        "records": str(found.get("batchSize", "")),
        "from": str(found.get("approximateArrivalOfFirstRecord", "")),
        "to": str(found.get("approximateArrivalOfLastRecord", "")),
    }
    return Letter("stream", _plain(about), reason, ReadStream(reader, shard, first, last))


def _event(sort_key: str) -> dict[str, str]:
    """When it happened and the id that `kervan customer timeline --id` finds it by; never the client's own id."""
    parts = sort_key.split("#")
    if len(parts) != 4:
        return {}
    _prefix, at, client_id, trust = parts
    hashed = client_id if client_id.startswith("~") else event_id(client_id, trusted=trust == "s")
    return _plain({"at": at, "event": hashed})


def _reason(said: Any) -> str | None:
    """A kind of error, as functions name it; anything else may hold data."""
    return said if isinstance(said, str) and _REASON.fullmatch(said) else None


def _plain(about: Mapping[str, str]) -> dict[str, str]:
    """Without what is empty, and without what does not look like an id or a time of ours."""
    return {name: value for name, value in about.items() if _FORMS.get(name, _NAME).fullmatch(value)}


def _changed_levels(body: str) -> Letter:
    """What the webhook of stock did not take, without its numbers."""
    content = json.loads(body)
    levels = content["levels"]
    if content["hook"] != "stock.changed" or not isinstance(levels, list):
        return UNREADABLE
    return Letter("work", {"webhook": "stock.changed", "levels": str(len(levels))}, repair=Send("hook-work", body))


def _due_answer(body: str) -> Letter:
    """What the webhook of conversations did not take."""
    content = json.loads(body)
    if content["hook"] != "conversation.due":
        return UNREADABLE
    about = {"webhook": "conversation.due", "conversation": content["conversation"]}
    return Letter("work", _plain(about), repair=Send("due-hook-work", body))
