"""The ledger of messages: one item per message, changed by conditional writes only (docs/messages.md).

Item: ``pk`` message id, ``sk`` ``message``; the index ``by_home`` (``home``, ``at``) lists the messages of one home. It
holds keys only, so that it is written when a message is decided about and not when more becomes known of it. An item
holds no address; the subject or title is kept for the timeline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from msgspec.structs import replace

from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.domain.messages import lifecycle
from shared.domain.messages.evidence import Evidence
from shared.domain.messages.lifecycle import Busy, Claim, Settled
from shared.domain.messages.message import Deferred, Failed, Outcome, Record, Sent, Skipped, State, Unknown
from shared.domain.messages.request import SendRequest
from shared.ports import Conflict, Page, Table

SK = "message"
REACTION = "reaction#"
"""Before a message id: the marks of its first open, clicks, bounce and complaint."""
MARKS_KEPT = timedelta(days=400)
BY_HOME = "by_home"
TRIES = 5


class Unread(Enum):
    """Nobody has read the record yet."""

    UNREAD = "unread"


UNREAD = Unread.UNREAD
Found = Record | Unread | None


class Ledger:
    """Every method leaves the item in a state from which a later attempt goes on after a crash."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, message_id: str) -> Record | None:
        item = self._table.get(message_id, SK)
        return None if item is None else read_record(item)

    def get_many(self, message_ids: Iterable[str]) -> dict[str, Record]:
        """The records that exist, by message id; consistent."""
        items = self._table.get_many([(message_id, SK) for message_id in dict.fromkeys(message_ids)])
        return {item["pk"]: read_record(item) for item in items}

    def of_home(self, home: str, *, limit: int | None = None, cursor: str | None = None, **span: Any) -> Page:
        """A page of the messages of one home as items, newest decision first. Which there are, and their order by
        ``at``, is eventually consistent; what became of them is not. ``span``: ``at_least`` and ``below``."""
        page = self._table.query(home, index=BY_HOME, limit=limit, newest_first=True, cursor=cursor, **span)
        found = {item["pk"]: item for item in self._table.get_many([(key["pk"], key["sk"]) for key in page.items])}
        listed = [{**found[key["pk"]], "at": key["at"]} for key in page.items if key["pk"] in found]
        return Page(listed, page.cursor)

    def begin(
        self, request: SendRequest, root: str, now: datetime, *, read: Found = UNREAD, keep: bool = True
    ) -> Claim | Settled | Busy:
        """Claim the message for this attempt, or learn what became of it. A lost race is Busy.

        ``read`` is the record as it was read before, which spares reading it; whatever is stored later is stored on
        condition of its revision. A claim that nobody else asks about need not be stored: without ``keep`` it is not.
        """
        found = self.get(request.message_id) if isinstance(read, Unread) else read
        step = lifecycle.begin(found, request, root, now)
        if isinstance(step, Busy) or (isinstance(step, Settled) and not step.changed):
            return step
        if isinstance(step, Claim):
            if found is not None and found.root != root:
                self._keep_skip(found, request)
            if not keep:
                return step
            step = Claim(lifecycle.stored(step.record), step.waited)
        try:
            self._put(step.record)
        except Conflict:
            return Busy()
        return step

    def decide(self, claimed: Record, outcome: Skipped | Deferred, now: datetime) -> tuple[Record, bool]:
        """Record that the message of this claim is not sent; what stands now, and whether this attempt said so."""
        record = lifecycle.settle(claimed, claimed, outcome, now)
        assert record is not None  # noqa: S101  a claim can be settled so
        try:
            self._put(record)
        except Conflict:
            return self.get(claimed.message_id) or record, False
        return record, True

    def calling(self, claimed: Record, now: datetime) -> Record | None:
        """CLAIMED becomes CALLING; None if another took the claim over. Only then may the provider be called."""
        record = lifecycle.calling(claimed, now)
        try:
            self._put(record)
        except Conflict:
            return None
        return record

    def not_taken(self, mine: Record, deferred: Deferred, now: datetime) -> Record:
        """CALLING becomes DEFERRED: the provider definitely did not take it. Returns what stands now."""
        return (
            self._change(mine.message_id, lambda found: lifecycle.not_taken(mine, found, deferred, now), mine) or mine
        )

    def unanswered(self, mine: Record, deferred: Deferred, unknown: Unknown, now: datetime) -> Record:
        """Nobody said yes or no: a transactional message waits to be called again, any other is UNKNOWN. Returns what
        stands now."""

        def change(found: Record) -> Record | None:
            again = lifecycle.unanswered(mine, found, deferred, now)
            return again or lifecycle.settle(mine, found, unknown, now)

        return self._change(mine.message_id, change, mine) or mine

    def settle(self, mine: Record, outcome: Outcome, now: datetime) -> Record:
        """Record the outcome of this attempt, unless something stronger is known; returns what stands now."""
        return self._change(mine.message_id, lambda found: lifecycle.settle(mine, found, outcome, now), mine) or mine

    def settle_by_feedback(self, message_id: str, now: datetime) -> Record | None:
        """Feedback of a provider that names the message (SES tags): CALLING or UNKNOWN becomes SENT, and so does a
        transactional message that waits to be called again.

        Returns what stands now, or None if there is no such message. Not for SMS by SNS and push: theirs names none.
        """
        return self._change(message_id, lambda found: lifecycle.settle_by_feedback(found, now))

    def mark_first(self, message_id: str, what: str, now: datetime) -> bool:
        """Notes that this was reported of a message; False if it was before. Kept as long as marks of clicks."""
        expires = int((now + MARKS_KEPT).timestamp())
        try:
            self._table.put({"pk": REACTION + message_id, "sk": what, "expires": expires}, expect={"pk": None})
        except Conflict:
            return False
        return True

    def skip(self, request: SendRequest, root: str, skipped: Skipped, now: datetime) -> Record | None:
        """Record that a step is not sent, decided before any worker took it (stale, superseded).

        Returns what stands now: a message that was sent or is being called stays so. None if it is being called.
        """
        step = self.begin(request, root, now, keep=False)
        match step:
            case Claim(record):
                return self.decide(record, skipped, now)[0]
            case Settled(record):
                return record
            case Busy():
                return None

    def _keep_skip(self, found: Record, request: SendRequest) -> None:
        """Why another customer of a campaign with this address got nothing: the message is listed under one of them
        only, and is about to be this one's. If that is kept already, it stays."""
        if found.state is State.SKIPPED and found.home != request.home:
            with suppress(Conflict):
                self._put(replace(found, message_id=request.own_message_id(found.home), revision=1))

    def _change(
        self, message_id: str, change: Callable[[Record], Record | None], latest: Record | None = None
    ) -> Record | None:
        """``latest`` spares the first read: between the provider's yes and our record nothing should stand."""
        found = latest or self.get(message_id)
        for _ in range(TRIES):
            if found is None:
                return None
            wanted = change(found)
            if wanted is None:
                return found
            try:
                self._put(wanted)
            except Conflict:
                found = self.get(message_id)
                continue
            return wanted
        raise Conflict("the message kept changing")

    def _put(self, record: Record) -> None:
        expect = {"pk": None} if record.revision == 1 else {"version": record.revision - 1}
        self._table.put(write_record(record), expect=expect)


def write_record(record: Record) -> dict[str, Any]:
    item: dict[str, Any] = {
        "pk": record.message_id,
        "sk": SK,
        "version": record.revision,
        "state": record.state.value,
        "home": record.home,
        "at": f"{time_text(record.decided_at)}#{record.message_id}",
        "decided_ms": milliseconds(record.decided_at),
        "updated_ms": milliseconds(record.updated_at),
        **{name: getattr(record, name) for name in _PLAIN},
        **{name: getattr(record, name) for name in _OPTIONAL if getattr(record, name)},
    }
    match record.outcome:
        case Sent(at, provider_id):
            item |= {"sent_ms": milliseconds(at), "provider_id": provider_id}
        case Deferred(until, reason, detail, evidence):
            item |= {"until_ms": milliseconds(until), "reason": reason, **_why(detail, evidence)}
        case Skipped(reason, detail, evidence):
            item |= {"reason": reason, **_why(detail, evidence)}
        case Failed(reason) | Unknown(reason):
            item["reason"] = reason
        case None:
            pass
    return item


def read_record(item: Mapping[str, Any]) -> Record:
    return Record(
        message_id=item["pk"],
        state=State(item["state"]),
        home=item["home"],
        decided_at=moment(item["decided_ms"]),
        updated_at=moment(item["updated_ms"]),
        revision=item["version"],
        outcome=_outcome(item),
        **{name: item[name] for name in _PLAIN},
        **{name: item[name] for name in _OPTIONAL if name in item},
    )


def _why(detail: str, evidence: Evidence) -> dict[str, Any]:
    said = {"detail": detail, "evidence": [dict(one) for one in evidence]}
    return {name: value for name, value in said.items() if value}


def _evidence(item: Mapping[str, Any]) -> Evidence:
    return tuple(dict(one) for one in item.get("evidence", ()))


def _outcome(item: Mapping[str, Any]) -> Outcome | None:
    reason = item.get("reason", "")
    match State(item["state"]):
        case State.SENT:
            return Sent(moment(item["sent_ms"]), item.get("provider_id", ""))
        case State.DEFERRED:
            return Deferred(moment(item["until_ms"]), reason, item.get("detail", ""), _evidence(item))
        case State.SKIPPED:
            return Skipped(reason, item.get("detail", ""), _evidence(item))
        case State.FAILED:
            return Failed(reason)
        case State.UNKNOWN:
            return Unknown(reason)
        case State.CLAIMED | State.CALLING:
            return None


_PLAIN = (
    "root", "enrollment", "journey", "release", "step", "template", "purpose", "channel",
    "due_ms", "clock_ms", "attempts",
)  # fmt: skip
_OPTIONAL = ("text", "address_key", "language", "coupon", "parts", "test")
