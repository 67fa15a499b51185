"""What is stored and delivered against what was accepted: nothing lost, nothing twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.trials.stack import PATIENCE_SECONDS, Stack
from cli.local.outbox import delivered
from shared.adapters.aws_errors import AwsUnreachable
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import Features, fold
from shared.domain.identity.keys import EVENT_PREFIX
from shared.domain.messages.message import Reason
from shared.stores.customers import CustomerStore
from shared.stores.event_items import read_event
from shared.stores.ledger import SK
from shared.stores.releases import Releases


@dataclass(frozen=True)
class Compared:
    """Every field but ``identifiers``, ``sent``, ``unknown`` and ``delivered`` must be zero."""

    identifiers: int
    """Whose facts were made anew from the log, and compared."""
    not_stored: int
    """Accepted events that are not in the log."""
    wrong_facts: int
    """Identifiers whose facts are not those of their log."""
    sent: int
    unknown: int
    """Messages of which the ledger does not know whether they went out."""
    delivered: int
    """Messages at the provider."""
    delivered_twice: int
    """Messages that somebody got a second time."""
    not_delivered: int
    """Messages that the ledger calls sent, and the provider never got."""
    not_recorded: int
    """Messages at the provider that are neither sent nor of unknown fate in the ledger."""
    no_message: int
    """People who should have been written to, and have neither a message that was sent nor one of unknown fate, nor
    one that was not fresh any more when its turn came."""
    too_late: int = 0
    """Customers of whose messages none went out, and one was skipped because it was not fresh any more."""

    @property
    def wrong(self) -> int:
        return sum(
            (
                self.not_stored, self.wrong_facts, self.delivered_twice, self.not_delivered, self.not_recorded,
                self.no_message,
            )
        )  # fmt: skip


def compare(stack: Stack, accepted: Collection[str], wanted: Collection[str] = ()) -> Compared:
    """``wanted``: addresses that must have got a message, if nothing is lost."""
    not_stored, identifiers, wrong_facts = _log(stack, accepted)
    ledger = [item for item in stack.local.items("TableMessages") if item["sk"] == SK]
    states = Counter(str(item["state"]) for item in ledger)
    mails = delivered(stack.local)
    return Compared(
        identifiers=identifiers,
        not_stored=not_stored,
        wrong_facts=wrong_facts,
        sent=states["sent"],
        unknown=states["unknown"],
        **deliveries(mails, ledger, wanted),
    )


def _log(stack: Stack, accepted: Collection[str]) -> tuple[int, int, int]:
    store = CustomerStore(stack.table("TableCustomers"))
    release = Releases(stack.table("TableCatalog")).current()
    keys: set[str] = set()
    found: set[str] = set()
    for item in stack.local.items("TableCustomers"):
        if str(item["sk"]).startswith(EVENT_PREFIX):
            keys.add(item["pk"])
            found.add(read_event(item).message_id)
    wrong = 0
    for key in keys:
        wrong += patiently(partial(_differs, store, key, release.features))
    return len(set(accepted) - found), len(keys), wrong


def _differs(store: CustomerStore, key: str, features: Features) -> bool:
    control = store.control(key)
    until = control.claim.contested_from(key) if control.claim else None
    stored = control.facts.facts if control.facts else None
    return stored != fold(Facts(), store.events(key), features, until=until)


def patiently(read: Callable[[], bool]) -> bool:
    """What ``read`` answers. A laptop that starts processes again may be late: that is no finding of a trial.

    Raises
    ------
    AwsUnreachable
        If the tables do not answer for ``PATIENCE_SECONDS``.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return read()
        except AwsUnreachable:
            if time.monotonic() > deadline:
                raise
            time.sleep(1.0)


def deliveries(
    mails: Sequence[Mapping[str, Any]], ledger: Sequence[Mapping[str, Any]], wanted: Collection[str]
) -> dict[str, int]:
    """A mail without a record may be one whose sender died before it could write down the answer: then the ledger says
    that it does not know. A stack that is slower than its clock skips what is not fresh any more, with that reason."""
    copies = Counter((mail["channel"], mail["to"], mail.get("subject", "")) for mail in mails)
    joined = {mail["message_id"] for mail in mails if mail["message_id"]}
    sent = {item["pk"] for item in ledger if item["state"] == "sent"}
    unknown = sum(item["state"] == "unknown" for item in ledger)
    unjoined = sum(not mail["message_id"] for mail in mails)
    got = {mail["to"] for mail in mails}
    missing = len(set(wanted) - got)
    heard = {item.get("root") for item in ledger if item["state"] in ("sent", "unknown")}
    too_late = len({item.get("root") for item in ledger if item.get("reason") == Reason.STALE} - heard)
    return {
        "delivered": len(mails),
        "delivered_twice": sum(count - 1 for count in copies.values()),
        "not_delivered": len(sent - joined),
        "not_recorded": max(0, unjoined - unknown),
        "no_message": max(0, missing - max(0, unknown - unjoined) - too_late),
        "too_late": too_late,
    }
