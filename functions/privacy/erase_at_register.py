"""Tells who else holds addresses that a person was erased, by their keys: Turkey's register of consent, and lists at
advertising platforms."""

from __future__ import annotations

from shared.domain.audiences.tasks import tasks
from shared.domain.identity.identifiers import IdentifierType
from shared.domain.identity.keys import type_of_key
from shared.domain.iys.tasks import erased_tasks
from shared.ports import Queue
from shared.stores.customers import Control, CustomerStore

_ADDRESSES = frozenset({IdentifierType.EMAIL, IdentifierType.PHONE})


class RegisterErasure:
    """``register``: the queue of the exchange, which withdraws the approval and deletes the plain address.
    ``audiences``: that of the lists, which takes the address out of them. None where there is none."""

    def __init__(self, register: Queue | None, audiences: Queue | None, customers: CustomerStore) -> None:
        self._queue = register
        self._audiences = audiences
        self._customers = customers

    def erase(self, home: str, control: Control) -> None:
        """Of an identifier that is nobody else's, and the addresses that only its statements name."""
        named = {said.address_key for said in control.consents if said.address_key and said.address_key != home}
        keys = {home, *(key for key in named if self._nobodys(key))}
        addresses = [key for key in keys if type_of_key(key) in _ADDRESSES]
        if addresses and self._queue is not None:
            self._queue.send_many(erased_tasks(addresses))
        if addresses and self._audiences is not None:
            self._audiences.send_many(tasks(addresses))

    def _nobodys(self, key: str) -> bool:
        control = self._customers.control(key)
        return control.facts is None and control.claim is None
