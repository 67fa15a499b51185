"""Teams, routing rules and canned answers out of the published release, without the rest of it.

A release is read anew only when another one was published; the pointer is asked at most every 15 seconds.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.domain.service.rules import NO_RULES, ServiceRules, read_rules
from shared.ports import Table
from shared.stores.kept_value import KeptValue
from shared.stores.release_json import current_number, release_json

KEEP_SECONDS = 15.0


class PublishedServiceRules:
    """``rules()`` gives those of the current release. May raise Throttled."""

    def __init__(self, catalog: Table, elapsed: Callable[[], float]) -> None:
        self._table = catalog
        self._number = KeptValue(lambda: current_number(catalog), elapsed, KEEP_SECONDS)
        self._read: tuple[int, ServiceRules] = (0, NO_RULES)

    def __call__(self) -> ServiceRules:
        number = self._number()
        if number != self._read[0]:
            self._read = (number, read_rules(release_json(self._table, number)))
        return self._read[1]

    def forget(self) -> None:
        """Let the next call ask which release is the current one."""
        self._number.forget()
