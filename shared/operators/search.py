"""``GET /v1/customers?q=``: a customer by e-mail, phone, card, user id, order number, or the beginning of a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shared.domain.identity.identifiers import (
    IdentifierType,
    InvalidIdentifier,
    identifier,
    parse_identifier,
)
from shared.domain.identity.keys import time_text
from shared.domain.profile.search_terms import LONGEST, NAME_TRAITS, SHORTEST, matches, name_words, words_of
from shared.http.answers import malformed
from shared.operators.environment import Environment
from shared.operators.paging import read_mark, write_mark
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases
from shared.stores.search_index import SearchIndex, home_of

ON_A_PAGE = 20
LOOKED_AT = 40
"""Customers of one page that are read at most: of a name that thousands have, the newest come first."""
LONGEST_QUESTION = 200
MOST_WORDS = 5
_KEY = re.compile(r"[a-z]\.[A-Za-z0-9_-]{22}")
_NUMBER = re.compile(r"\S{1,100}")
_FORMS = (
    ("email", IdentifierType.EMAIL, re.compile(r".*@.*")),
    ("phone", IdentifierType.PHONE, re.compile(r"\+?[\d ()./-]{7,20}")),
    ("card", IdentifierType.LOYALTY, _NUMBER),
    ("user", IdentifierType.USER, _NUMBER),
)
"""What a question may be, by how it is written."""


def find_customers(environment: Environment, query: Mapping[str, str]) -> dict[str, Any]:
    """Who is meant, at most ``ON_A_PAGE`` of them; a name's newest first. Each is told by what it was found.

    A page costs at most eight look-ups of identifiers and orders, and of names one list and ``LOOKED_AT`` customers.

    Raises
    ------
    Problem
        400 without a question, or for a cursor that is not of this list.
    """
    asked = " ".join(query.get("q", "").split())
    if not asked or len(asked) > LONGEST_QUESTION:
        raise malformed(f"q is a name, an e-mail address or a number, of at most {LONGEST_QUESTION} letters")
    before = _mark(query)
    finder = _Finder(environment)
    if before is None:
        finder.add_candidates(_exact(environment, asked))
        finder.add_candidates(("order", home) for home in _homes_of_order(environment, asked))
    cursor = finder.take_names(words_of(asked), before)
    return {"items": finder.items, "cursor": cursor}


class _Finder:
    """Collects customers, each once."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._store = CustomerStore(environment.customers)
        self._shop = Releases(environment.catalog).current().shop
        self._met: set[str] = set()
        self.items: list[dict[str, Any]] = []

    def add_candidates(self, candidates: Iterable[tuple[str, str]]) -> None:
        """What was found by, and where."""
        for by, key in candidates:
            tree = load_tree(self._store, key)
            if _is_known(tree) and tree.root not in self._met:
                self._add(tree, by)

    def take_names(self, words: tuple[str, ...], before: str | None) -> str | None:
        """Whose names begin so; the cursor of the next page, if there may be more."""
        longest = max(words[:MOST_WORDS], key=len, default="")
        if len(longest) < SHORTEST:
            return None
        index = SearchIndex(self._environment.customers, self._environment.keys)
        page = index.of_name(longest[:LONGEST], limit=LOOKED_AT, before=before)
        for place, item in enumerate(page.items):
            if len(self.items) >= ON_A_PAGE:
                return write_mark(["find", page.items[place - 1]["sk"]])
            tree = load_tree(self._store, home_of(item))
            if tree.root in self._met or not _is_known(tree):
                continue
            traits = {name: trait.value for name, trait in tree.profile().traits.items()}
            if matches(words[:MOST_WORDS], name_words(traits)):
                self._add(tree, "name")
        return write_mark(["find", page.items[-1]["sk"]]) if page.cursor is not None and page.items else None

    def _add(self, tree: Tree, by: str) -> None:
        self._met.add(tree.root)
        profile = tree.profile()
        orders = profile.counted_orders(self._shop.orders_ignore)
        seen = [one for one in (orders[-1].at if orders else None, profile.cart.updated_at) if one is not None]
        self.items.append(
            {
                "id": tree.root,
                "name": shown_name({name: trait.value for name, trait in profile.traits.items()}),
                "identifiers": [str(one) for one in profile.identifiers],
                "found_by": by,
                "orders": len(orders),
                "last_at": time_text(max(seen)) if seen else None,
                "segments": sorted(profile.segments),
            }
        )


def shown_name(traits: Mapping[str, Any]) -> str | None:
    """A customer's name as people read it; None if none is known."""
    texts = {name: text.strip() for name in NAME_TRAITS if isinstance(text := traits.get(name), str) and text.strip()}
    first = texts.get("firstName") or texts.get("first_name") or ""
    last = texts.get("lastName") or texts.get("last_name") or ""
    whole = texts.get("name") or texts.get("fullName") or texts.get("full_name") or ""
    return " ".join(part for part in (first, last) if part) or whole or None


def _exact(environment: Environment, asked: str) -> Iterator[tuple[str, str]]:
    """By what it may be, and the key."""
    if _KEY.fullmatch(asked):
        yield "id", asked
        return
    try:
        written = parse_identifier(asked, environment.phone)
        yield written.type.value, environment.keys(written)
    except InvalidIdentifier:
        pass
    for by, kind, form in _FORMS:
        if form.fullmatch(asked):
            try:
                yield by, environment.keys(identifier(kind, asked, environment.phone))
            except InvalidIdentifier:
                continue


def _homes_of_order(environment: Environment, asked: str) -> list[str]:
    if not _NUMBER.fullmatch(asked):
        return []
    return SearchIndex(environment.customers, environment.keys).of_order(asked, limit=ON_A_PAGE)


def _is_known(tree: Tree) -> bool:
    return bool(len(tree.members) > 1 or tree.control.facts or tree.control.customer)


def _mark(query: Mapping[str, str]) -> str | None:
    match read_mark(query):
        case None:
            return None
        case ["find", str() as place]:
            return place
        case _:
            raise malformed("the cursor is not one of this list; start again without it")
