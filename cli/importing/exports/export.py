"""How a file of another tool is described: which column becomes what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from shared.domain.definitions.text_comparison import folded

Kind = Literal["customers", "orders"]
State = Literal["", "granted", "withdrawn", "suppressed"]
IGNORED = "ignored"


def by_name(columns: Mapping[str, str]) -> dict[str, str]:
    """Names of columns in the form in which they are compared: without case, blanks at the ends, and accents of i."""
    return {folded(name): target for name, target in columns.items()}


@dataclass(frozen=True, slots=True)
class Export:
    """A kind of file.

    ``columns`` gives the target of each column by its folded name. Targets are words:

    - people: ``user``, ``email``, ``phone``, ``loyalty``; ``time`` (since when the row holds)
    - ``trait NAME``, ``trait NAME number``, ``trait NAME list``, ``trait NAME birthday``; a dot
      nests: ``trait address.city``
    - ``consent email`` (yes, no or withdrawn), ``consent email time``; the same for ``sms``
    - ``address``: a whole address in one cell, its parts divided by two blanks
    - orders: ``order id``, ``order time``, ``order total``, ``order currency`` and so on; ``product name``,
      ``product sku``, ``product price``, ``product quantity`` of a row that is one line of the order
    - ``own NAME``: a trait of the column's own name, as text; ``ignored``

    Parameters
    ----------
    recognised
        Sets of folded names; a header that holds all names of one set is of this kind.
    rest
        Whether a column that is not listed becomes a trait of its own name, or nothing.
    state
        What the file as a whole says of e-mail consent; empty if a column says it.
    undated_consents
        Whether a yes without a time is taken, dated at the beginning of 2000, so that every later word outweighs it.
    month_first
        Whether ``04/05`` is the fifth of April.
    """

    name: str
    label: str
    kind: Kind
    columns: Mapping[str, str]
    recognised: Sequence[frozenset[str]] = field(default_factory=tuple)
    rest: Literal["traits", "ignored"] = "ignored"
    state: State = ""
    undated_consents: bool = False
    month_first: bool = False

    def target(self, column: str) -> str:
        """What a column becomes."""
        name = folded(column)
        if name in self.columns:
            return self.columns[name]
        return f"own {column.strip()}" if self.rest == "traits" and column.strip() else IGNORED

    def recognises(self, header: Iterable[str]) -> bool:
        """Whether a header is that of such a file."""
        names = {folded(cell) for cell in header}
        return any(needed <= names for needed in self.recognised)


def names(*columns: str) -> frozenset[str]:
    """Folded names, for ``recognised``."""
    return frozenset(folded(column) for column in columns)
