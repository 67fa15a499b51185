"""Statements of consent of a person: a refusal stays under its address, everything else goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from functions.privacy.pages import pages
from shared.domain.identity import keys
from shared.domain.privacy.erasure import Erasure, State
from shared.ports import Table
from shared.stores.consent_items import is_trusted, put_first, read_consent, statement_places
from shared.stores.customers import Control
from shared.stores.forget_consents import forget_public, verbatim
from shared.stores.public_consents import name_of

LETTERS = {"email": "e", "sms": "p"}
"""By channel what the digests of its addresses begin with."""


class ConsentErasure:
    def __init__(self, customers: Table) -> None:
        self._customers = customers

    def keep_refusals(self, erasure: Erasure, home: str, control: Control, written_to: Collection[str]) -> None:
        """A refusal for all addresses of the customer stands under him alone; it goes on under each address known, with
        the word that it was forged.

        ``written_to``: the digests of addresses that messages of this identifier went to.
        """
        found = {said.address_key for said in control.consents} | {one for one in erasure.homes if one[0] in "ep"}
        found |= set(written_to)
        kept = [
            _moved(item, address)
            for items in pages(self._customers, home, prefix=keys.CONSENT)
            for item in items
            for address in sorted(found)
            if (not item["granted"] or "takes_back" in item)
            and not item.get("address")
            and address[:1] == LETTERS.get(item["channel"])
        ]
        put_first(self._customers, kept)
        # Those under an identifier of the person are counted when it is its turn.
        erasure.kept["refusals"] += sum(not item["granted"] and item["pk"] not in erasure.homes for item in kept)

    def places(self, erasure: Erasure, home: str, items: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
        """From where these statements go. A refusal stays under its address: nobody may be written to who said no,
        whatever is known of him. Public grants that lie under an address as well are deleted there at once."""
        places: dict[tuple[str, str], None] = {}
        for item in items:
            said = read_consent(item)
            gone = statement_places(home, said)
            if home not in gone and not said.granted and item["sk"].startswith(keys.CONSENT):
                erasure.kept["refusals"] += erasure.state is State.RUNNING
            public = item["sk"].endswith("#p")
            for place in sorted(gone):
                if place == home or not public:
                    places[place, item["sk"]] = None
                elif said.run is None:
                    erasure.removed["consents"] += forget_public(self._customers, place, [said])
        return list(places)

    def said_by(self, erasure: Erasure, home: str, messages: Collection[str]) -> list[tuple[str, str]]:
        """The same for the statements under a shared identifier that these events made."""
        found = [
            place
            for items in pages(self._customers, home, prefix=keys.CONSENT)
            for place in self.places(
                erasure, home, [item for item in items if "run" not in item and item["id"] in messages]
            )
        ]
        folded = [item for item in verbatim(self._customers, home) if item["id"] in messages]
        doomed = {sort_key for place, sort_key in self.places(erasure, home, folded) if place == home}
        gone = [read_consent(item) for item in folded if item["sk"] in doomed]
        erasure.removed["consents"] += forget_public(self._customers, home, gone)
        return found


def _moved(item: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The item for an address that it goes on under. A public one gets its name as its key: its place may be taken."""
    sort_key = item["sk"] if is_trusted(item) else name_of(read_consent(item))
    kept = {name: value for name, value in item.items() if name != "version"}
    return {**kept, "pk": address, "sk": sort_key, "address": address}
