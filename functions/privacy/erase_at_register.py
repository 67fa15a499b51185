"""Tells the exchange with Turkey's register of consent that a person was erased, by the keys of his addresses."""

from __future__ import annotations

from shared.domain.identity.identifiers import IdentifierType
from shared.domain.identity.keys import type_of_key
from shared.domain.iys.tasks import erased_tasks
from shared.ports import Queue
from shared.stores.customers import Control, CustomerStore

_ADDRESSES = frozenset({IdentifierType.EMAIL, IdentifierType.PHONE})


class RegisterErasure:
    """``queue`` is the exchange's. It withdraws the approval at the register and deletes the plain address."""

    def __init__(self, queue: Queue, customers: CustomerStore) -> None:
        self._queue = queue
        self._customers = customers

    def erase(self, home: str, control: Control) -> None:
        """Of an identifier that is nobody else's, and the addresses that only its statements name."""
        named = {said.address_key for said in control.consents if said.address_key and said.address_key != home}
        keys = {home, *(key for key in named if self._nobodys(key))}
        addresses = [key for key in keys if type_of_key(key) in _ADDRESSES]
        if addresses:
            self._queue.send_many(erased_tasks(addresses))

    def _nobodys(self, key: str) -> bool:
        control = self._customers.control(key)
        return control.facts is None and control.claim is None
