"""Whether a campaign spoke to this customer by another message: under an address that he had, or as another profile.

A campaign's message is that of an address. Where customers share one, the ledger lists it under one of them; why the
others got none is kept for each of them.
"""

from __future__ import annotations

from datetime import datetime

from shared.domain.messages.campaign_deduplication import Notes, others
from shared.domain.messages.evidence import item
from shared.domain.messages.lifecycle import IN_FLIGHT, Busy
from shared.domain.messages.message import Reason, Record, Skipped, State, Unknown
from shared.domain.messages.request import SendRequest
from shared.queries.customer_tree import Tree
from shared.stores.ledger import Ledger


def already_sent(
    request: SendRequest, notes: Notes, tree: Tree, ledger: Ledger, now: datetime
) -> Skipped | Busy | None:
    """None if the message may be noted instead of the others; reads nothing as long as no other is noted.

    An attempt that has not called yet loses its claim, so that it cannot call after all. The order carries it: claim,
    read the notes, note on condition that they are as they were read, call on condition of the claim. Of two messages
    the one that notes later has seen the other, and the other's claim was lost or its call was seen. A message that
    somebody else claimed since, to whom the address belongs by now, is his: this customer did not get it.
    """
    names = others(notes, request)
    if not names:
        return None
    found = ledger.get_many(names).values()
    for record in (one for one in found if one.root == tree.root or one.home in tree.keys):
        if record.state is State.CLAIMED:
            instead = item("message", request.message_id, now)
            record = ledger.settle(record, Skipped(Reason.SUPERSEDED, evidence=(instead,)), now)  # noqa: PLW2901
        if record.state is State.CALLING and now - record.updated_at >= IN_FLIGHT:
            record = ledger.settle(record, Unknown(), now)  # noqa: PLW2901
        if record.state in {State.CLAIMED, State.CALLING}:
            return Busy()
        if record.delivered_or_unknown:
            mine = record.home == request.home
            before = item("message", record.message_id, record.updated_at, channel=record.channel)
            return Skipped(Reason.ALREADY_SAID if mine else Reason.SAME_CUSTOMER, evidence=(before,))
    return None


def keep_same_address(request: SendRequest, found: Record, tree: Tree, ledger: Ledger, now: datetime) -> None:
    """That the campaign went to this customer's address for another customer."""
    same_customer = found.root == tree.root or found.home in tree.keys
    if request.campaign is None or same_customer or not found.delivered_or_unknown:
        return
    theirs = item("message", found.message_id, found.updated_at, channel=found.channel)
    own = request.model_copy(update={"address": ""})
    ledger.skip(own, tree.root, Skipped(Reason.SAME_ADDRESS, evidence=(theirs,)), now)
