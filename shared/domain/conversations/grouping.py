"""Which conversations of a customer are shown as one.

Nothing is moved when identifiers are linked or released: the groups are computed from the conversations of the
customer's identifiers as they are now. So conversations of two people who become one are shown together, and apart
again when the link is released.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec.structs import replace

from shared.domain.conversations.conversation import Conversation, State

Group = tuple[Conversation, ...]
"""Shown as one; the first gives the group its number and its state."""


def groups(conversations: Iterable[Conversation]) -> tuple[Group, ...]:
    """Everything that is live is one group; a closed one is with the conversation it was shown in, if that is still the
    same customer's. The oldest group comes first.

    What is kept apart is a group of its own.

    The order in which conversations are given does not matter, and each is in exactly one group.
    """
    known = {one.id: one for one in conversations}
    live = sorted((one for one in known.values() if one.live and not one.apart), key=_age)
    lead = live[0].id if live else ""
    members: dict[str, list[Conversation]] = {}
    for one in known.values():
        found = one.id if one.apart else _first_of(one, known)
        members.setdefault(lead if known[found].live and not one.apart else found, []).append(one)
    made = [_in_order(name, found) for name, found in members.items()]
    return tuple(sorted(made, key=lambda group: _age(group[0])))


def group_of(conversations: Iterable[Conversation], id_: str) -> Group:
    """The group that holds this conversation; empty if there is none of this id."""
    return next((group for group in groups(conversations) if any(one.id == id_ for one in group)), ())


def settled(group: Group) -> Group:
    """The members that are stored otherwise than they are shown, as they are to be stored.

    A live member is noted under the first. If one of them waits for an answer, so does the first: nobody looks at the
    others in the pool.
    """
    first = group[0]
    if not first.live:
        return ()
    live = [one for one in group if one.live]
    asking = [one for one in live if one.state is State.OPEN]
    since = min((one.waiting_since for one in asking if one.waiting_since is not None), default=first.waiting_since)
    wanted = replace(first, shown_with="")
    if asking:
        wanted = replace(wanted, state=State.OPEN, snoozed_until=None, waiting_since=since)
    found = [(first, wanted), *((one, replace(one, shown_with=first.id)) for one in live if one is not first)]
    return tuple(new for old, new in found if new != old)


def _first_of(one: Conversation, known: Mapping[str, Conversation]) -> str:
    """Where a closed conversation was shown; a circle of such notes ends at its smallest id."""
    seen: list[str] = []
    name = one.id
    while not known[name].live and not known[name].spam and _joinable(known.get(known[name].shown_with)):
        if name in seen:
            return min(seen[seen.index(name) :])
        seen.append(name)
        name = known[name].shown_with
    return name


def _joinable(one: Conversation | None) -> bool:
    return one is not None and not one.apart


def _in_order(first: str, found: Iterable[Conversation]) -> Group:
    return tuple(sorted(found, key=lambda one: (one.id != first, *_age(one))))


def _age(one: Conversation) -> tuple[datetime, str]:
    return one.opened_at, one.id
