"""Makes the copy that a person asked for by himself, and answers his case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shared.domain.conversations.files import place_of as file_place
from shared.domain.identity.identifiers import PhoneReader
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.privacy.case import PERSON, Case, CaseState, Right
from shared.domain.privacy.copy_files import place_of
from shared.http.answers import Problem
from shared.operators.person_copy import everything, everything_of, write_copy
from shared.operators.person_page import Language
from shared.ports import Clock, Table
from shared.ports.objects import NoSuchObject, Objects
from shared.queries.persons_part import part_at
from shared.stores.cases import Cases
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.iys_records import IysRecords


@dataclass(frozen=True, slots=True)
class Copying:
    """What is known of a person is read as operators read it. ``files``: the bucket that the copy is put into."""

    clock: Clock
    customers: Table
    messages: Table
    catalog: Table
    timers: Table
    conversations: Conversations
    iys: IysRecords
    keys: IdentifierKeys
    phone: PhoneReader
    files: Callable[[], Objects]

    def make(self, name: str, language: Language) -> bool:
        """Whether a copy was made. Again, it replaces the one of before; of a case that is answered there is none. The
        case of who was erased meanwhile is refused: there is no data.

        Raises
        ------
        Conflict
            If somebody else answered the case at the same moment.
        """
        cases = Cases(self.catalog)
        case = cases.get(name)
        if case is None or case.right is not Right.EXPORT or case.state is not CaseState.RUNNING:
            return False
        told = self._told(case)
        if told is None:
            cases.put(case.moved(CaseState.REFUSED, self.clock.now(), PERSON, "no_data"))
            return False
        with TemporaryDirectory() as folder:
            file = Path(folder) / "copy.zip"
            write_copy(told, language, file, self._fetch)
            self.files().put(place_of(case.id), file)
        cases.put(case.moved(CaseState.DONE, self.clock.now(), PERSON))
        return True

    def _fetch(self, message: Mapping[str, Any], number: int, folder: Path) -> Path | None:
        try:
            return self.files().fetch(file_place(message["id"], number), folder)
        except NoSuchObject:
            return None

    def _told(self, case: Case) -> dict[str, Any] | None:
        """What is in the copy; None if nothing is known."""
        if case.part:
            store = CustomerStore(self.customers)
            known = any(store.control(home).facts or store.log_page(home, limit=1).items for home in case.part)
            return everything_of(self, part_at(store, case.part, case.proven)) if known else None
        try:
            return everything(self, case.home)
        except Problem as unknown:
            if unknown.status != 404:
                raise
            return None
