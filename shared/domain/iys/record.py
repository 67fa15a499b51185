"""What IYS and Kervan say of one recipient, and what has to be told next; pure, under IYS's rules (docs/iys.md).

The rules that are kept before anything is sent: the first statement of a recipient is no refusal; no status is told
twice in a row; times rise; no time lies in the future or more than three business days back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.consent.consent import Consent
from shared.domain.iys.statement import (
    BUSINESS_DAYS,
    TOO_OLD,
    Known,
    MessageType,
    Outcome,
    RecipientType,
    Statement,
    Status,
    Upload,
)
from shared.domain.iys.timeline import Turn
from shared.domain.time.business_days import add_business_days, subtract_business_days

MOST_KEPT = 20
"""Statements of one recipient that are kept; the oldest that are done go first."""
SECOND = timedelta(seconds=1)
TIME_REFUSED = "H155"
"""IYS's code for a time that it does not take."""
TIME_TRIES = 2
OWN_DECISION = "HS_KARAR"
"""IYS's source for a refusal that the shop decided itself."""
ERASED = "erasure"
MARGIN = timedelta(minutes=30)
"""Between the oldest time that IYS takes and the one that is sent: the upload itself takes a while."""
SourceOf = Callable[[Consent], str]


class Record(Struct, frozen=True):
    """One recipient of one kind. ``known``: what IYS holds, as far as it told us; None: it never heard of him.

    ``erased``: the person was erased here. What is still open is told, then ``recipient`` goes. ``asked``: when IYS was
    asked last what it holds.
    """

    key: str
    recipient_type: RecipientType
    type: MessageType
    recipient: str = ""
    home: str = ""
    known: Known | None = None
    statements: tuple[Statement, ...] = ()
    version: int = 0
    erased: bool = False
    asked: datetime | None = None

    @property
    def pending(self) -> Statement | None:
        """The one that was given to IYS, without an answer yet; never more than one, so that they keep their order."""
        return next((one for one in self.statements if one.state == "pending"), None)

    @property
    def open(self) -> Statement | None:
        """What IYS must know next."""
        return self.pending or next((one for one in self.statements if one.state == "due"), None)

    @property
    def unsettled(self) -> Statement | None:
        """The last refusal, if IYS holds something else because of it."""
        last = self.statements[-1] if self.statements else None
        if last is None or last.state != "refused":
            return None
        known = None if self.known is None else self.known.status
        return None if known == last.status or (known is None and last.status == "RET") else last

    @property
    def approved(self) -> bool:
        return self.known is not None and self.known.status == "ONAY"

    def sendable(self, now: datetime) -> Statement | None:
        """The next statement, if it may be sent now: nothing is on its way, and its time is not ahead."""
        found = self.open
        return found if found is not None and found.state == "due" and found.at <= now and self.recipient else None

    def upload(self, one: Statement) -> Upload:
        return Upload(self.recipient, self.recipient_type, self.type, one.status, one.at, one.source)


def plan(record: Record, found: Sequence[Turn], source_of: SourceOf, now: datetime) -> Record:
    """The record with what is due by these turns. What is on its way or done stays; the rest is planned anew."""
    kept = tuple(one for one in record.statements if one.state != "due")
    status, after, since = _standing(record)
    given_up = _given_up(kept)
    planned: list[Statement] = []
    for turn in found:
        if (since is not None and turn.at <= since) or _says_nothing(turn.status, status):
            continue
        if (turn.status, turn.proof.message_id) in given_up:
            continue
        one = _statement(turn, turn.at if after is None else max(turn.at, after + SECOND), after, source_of, now)
        planned.append(one)
        if one.state == "due":
            status, after, since = one.status, one.at, turn.at
    last = found[-1] if found else None
    if last is not None and after is not None and since is not None and _crosses(last, status, since):
        again = (last.status, last.proof.message_id) not in given_up
        planned += [_statement(last, after + SECOND, after, source_of, now)] if again else []
    return replace(record, statements=_bounded((*kept, *planned)), erased=False)


def forget(record: Record, now: datetime) -> Record:
    """The record of a person who was erased here: IYS is told that nobody may be written to any more, and the address
    stays until it knows."""
    kept = tuple(one for one in record.statements if one.state != "due")
    status, after, _ = _standing(record)
    at = now.replace(microsecond=0)
    if status == "ONAY":
        at = at if after is None else max(at, after + SECOND)
        kept = (*kept, Statement("RET", at, OWN_DECISION, add_business_days(at, BUSINESS_DAYS), ERASED))
    return without_address(replace(record, statements=_bounded(kept), home="", erased=True))


def without_address(record: Record) -> Record:
    """Of an erased person nothing stays but what IYS holds, under the digest, as soon as nothing is open."""
    return replace(record, recipient="", statements=()) if record.erased and record.open is None else record


def stands(record: Record) -> Status | None:
    """What IYS holds, or will hold when it answers what is on its way to it."""
    return _standing(record)[0]


def _standing(record: Record) -> tuple[Status | None, datetime | None, datetime | None]:
    """What IYS holds, or will hold when it answers what is on its way; the time that IYS has for it, and from when on
    it counts here."""
    ahead, known = record.pending, record.known
    if ahead is not None and (known is None or ahead.at > known.at):
        return ahead.status, ahead.at, ahead.counts_from
    return (None, None, None) if known is None else (known.status, known.at, known.counts_from)


def _given_up(kept: Sequence[Statement]) -> set[tuple[Status, str]]:
    """What IYS refused is not told again. A withdrawal whose time it did not take is, twice, with a later time."""
    refused = Counter((one.status, one.said, one.code) for one in kept if one.state == "refused")
    return {
        (status, said)
        for (status, said, code), times in refused.items()
        if not (status == "RET" and code == TIME_REFUSED and times <= TIME_TRIES)
    }


def _crosses(last: Turn, status: Status | None, since: datetime) -> bool:
    """Whether what holds here counts from before what IYS holds, so that it is told with the next time that IYS takes.

    A refusal always is. An approval only within the same second: else it would overrule what IYS was told later.
    """
    earlier = last.at <= since if last.status == "RET" else last.at == since
    return earlier and not _says_nothing(last.status, status)


def _says_nothing(status: Status, before: Status | None) -> bool:
    return status == before or (before is None and status == "RET")


def _statement(turn: Turn, at: datetime, after: datetime | None, source_of: SourceOf, now: datetime) -> Statement:
    due_by = add_business_days(turn.at, BUSINESS_DAYS)
    since = None if at == turn.at else turn.at
    said = Statement(turn.status, at, source_of(turn.proof), due_by, turn.proof.message_id, since=since)
    if not too_old(at, now):
        return said
    if turn.status == "ONAY":
        return replace(said, state="refused", code=TOO_OLD)
    moved = (subtract_business_days(now, BUSINESS_DAYS) + MARGIN).replace(microsecond=0)
    return replace(said, at=moved if after is None else max(moved, after + SECOND), late=True, since=turn.at)


def too_old(at: datetime, now: datetime) -> bool:
    """Whether IYS takes a statement of this time no more."""
    return add_business_days(at, BUSINESS_DAYS) < now


def uploading(record: Record, batch: str) -> Record:
    """The next statement is on its way with this upload."""
    return _marked(record, record.open, lambda one: replace(one, state="pending", batch=batch))


def not_taken(record: Record, batch: str) -> Record:
    """IYS did not take the upload: the statement is due again."""
    return _marked(record, _of(record, batch), lambda one: replace(one, state="due", batch=""))


def answered(record: Record, batch: str, outcome: Outcome) -> Record:
    """IYS took or refused the statement that went with this upload. An answer that came before changes nothing."""
    one = _of(record, batch)
    if one is None or outcome.state == "pending":
        return record
    if outcome.state == "refused":
        return _marked(record, one, lambda said: replace(said, state="refused", code=outcome.code, batch=""))
    done = _marked(record, one, lambda said: replace(said, state="accepted", batch=""))
    known = record.known
    return replace(done, known=Known(one.status, one.at, one.since)) if known is None or known.at < one.at else done


def told(record: Record, known: Known) -> Record:
    """IYS tells a change. What is older than what is known changes nothing."""
    return record if record.known is not None and known.at <= record.known.at else _holding(record, known)


def answered_now(record: Record, known: Known | None, now: datetime) -> Record:
    """IYS was asked what it holds of the recipient, and that is it, however old it is. None: it did not say, so that
    nothing follows. While a statement is on its way nobody knows whether the answer came before it."""
    asked = replace(record, asked=now)
    if known is None or record.pending is not None:
        return asked
    held = record.known
    if held is not None and (held.status, held.at) == (known.status, known.at):
        return asked
    return _holding(asked, replace(known, since=now.replace(microsecond=0)) if known.at > now else known)


def moved(record: Record, batch: str, to: str) -> Record:
    """The statement that was on its way with one upload goes with another one."""
    return _marked(record, _of(record, batch), lambda one: replace(one, batch=to))


def without_account(record: Record) -> Record:
    """Of an erased person whose register nobody can tell any more: the address goes at once."""
    return replace(record, recipient="", home="", statements=(), erased=True)


def _holding(record: Record, known: Known) -> Record:
    """What IYS refused before may have been refused because of this, so it is planned again."""
    kept = tuple(one for one in record.statements if one.state != "refused" or one.code == TOO_OLD)
    return replace(record, known=known, statements=kept)


def resolved(record: Record, batch: str, known: Known | None) -> Record:
    """An upload whose answer was lost, and what IYS holds an hour later: it took the statement, or never got it."""
    one = _of(record, batch)
    if one is None:
        return record if known is None else told(record, known)
    arrived = known is not None and known.at >= one.at
    marked = answered(record, batch, Outcome(0, "accepted")) if arrived else not_taken(record, batch)
    return marked if known is None else told(marked, known)


def _of(record: Record, batch: str) -> Statement | None:
    found = record.pending
    return found if found is not None and found.batch == batch else None


def _marked(record: Record, one: Statement | None, change: Callable[[Statement], Statement]) -> Record:
    if one is None:
        return record
    changed = tuple(change(said) if said is one else said for said in record.statements)
    return replace(record, statements=changed)


def _bounded(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    over = len(statements) - MOST_KEPT
    done = [one for one in statements if one.state in {"accepted", "refused"}][: max(over, 0)]
    return tuple(one for one in statements if not any(one is gone for gone in done))
