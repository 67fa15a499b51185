"""The conversations of one customer, over all identifiers that are his now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.conversations.conversation import Conversation
from shared.domain.conversations.grouping import Group, group_of
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.conversations import Conversations, Newest
from shared.stores.customers import CustomerStore


@dataclass(frozen=True, slots=True)
class CustomerConversations:
    """``newest``: by identifier what it has; ``conversations``: the newest of each identifier."""

    tree: Tree
    newest: Mapping[str, Newest]
    conversations: tuple[Conversation, ...]

    def group(self, id_: str) -> Group:
        """What is shown with this conversation, the first of them first; empty if it is not this customer's."""
        return group_of(self.conversations, id_)


def conversations_of(
    customers: CustomerStore, store: Conversations, home: str, *, also: Conversation | None = None
) -> CustomerConversations:
    """Two requests beside those of the tree; consistent. ``also``: one that may be older than the newest."""
    tree = load_tree(customers, home)
    keys = tree.keys if home in tree.keys else (*tree.keys, home)
    newest = store.newest(keys)
    found = {one.id: one for one in store.get_many(id_ for listed in newest.values() for id_ in listed.ids)}
    if also is not None:
        found.setdefault(also.id, also)
    return CustomerConversations(tree, newest, tuple(found.values()))
