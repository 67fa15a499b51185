"""Push tokens that the provider refused for good: remembered, so that nothing is sent to them any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from functions.notify.follow_up import FollowUp
from shared.domain.messages.address import token_key
from shared.domain.messages.message import Record
from shared.ports import Conflict
from shared.ports.sender import Answer, Refused
from shared.queries.customer_sends import sends_of
from shared.queries.customer_tree import Tree
from shared.stores.customers import CustomerStore
from shared.stores.sends import put_sends

TRIES = 5


class DeadTokens(Struct, frozen=True):
    """Journeys, campaigns and answers of agents skip what is kept here."""

    customers: CustomerStore
    follow_up: FollowUp

    def remember(self, record: Record, tree: Tree, answer: Answer, now: datetime, *, read: Callable[[], Tree]) -> None:
        """Note the dead tokens of an answer in the customer's log and under his root. ``read`` reads him anew."""
        tokens = () if isinstance(answer, Refused) else answer.dead
        if not tokens:
            return
        died = {token_key(token, self.follow_up.keys): now for token in tokens}
        self.follow_up.tokens_died(record, tree, tuple(died), now)
        for _ in range(TRIES):
            latest = read()
            sends = sends_of(latest)
            try:
                put_sends(self.customers, latest.root, replace(sends, dead={**sends.dead, **died}))
            except Conflict:
                continue
            return
