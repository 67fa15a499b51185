"""Carries out what a dead letter asks for: puts its work where it is done, once more."""

from __future__ import annotations

from functions.admin.dead_letter_environment import DeadLetterEnvironment
from functions.admin.environment import Environment
from shared.adapters.attribute_values import write_item
from shared.domain.deadletters.letter import ArmTimer, ReadStream, Repair, ReplayCustomer, Send
from shared.domain.deadletters.repair import AT_ONCE, CustomerChange, RepairTask
from shared.ports.dead_letters import StreamChange
from shared.stores.timers import Timers


class Repairs:
    """Everything here may be done twice: what it leads to is idempotent."""

    def __init__(self, environment: Environment, dead: DeadLetterEnvironment) -> None:
        self._environment = environment
        self._dead = dead

    def carry_out(self, repair: Repair) -> None:
        """Durable when it returns.

        Raises
        ------
        StreamGone
            If the records of a stream are not kept any more.
        """
        match repair:
            case Send(to, body):
                self._dead.targets[to].send_many([body])
            case ArmTimer(home, ref, revision, step):
                now = self._environment.clock.now()
                Timers(self._environment.timers).arm("journey", now, home, ref, revision, step)
            case ReplayCustomer(pk):
                self._replay(pk)
            case ReadStream(reader, shard, first, last):
                self._read(reader, shard, first, last)

    def _replay(self, pk: str) -> None:
        """The customer as it stands now; one that was erased meanwhile changes nothing."""
        found = self._environment.customers.get(pk, "customer")
        if found is not None:
            self._dead.targets["schedule-work"].send_many([CustomerChange(new=write_item(found)).body()])

    def _read(self, reader: str, shard: str, first: str, last: str) -> None:
        cursor = None
        while True:
            page = self._dead.stream.read(shard, first, last, cursor)
            if reader == "segment-on-events":
                self._fold(page.changes)
            else:
                self._tell(page.changes)
            cursor = page.cursor
            if cursor is None:
                return

    def _fold(self, changes: list[StreamChange]) -> None:
        """New events, as the filter of the reader asks for (infra/streams.py)."""
        keys = [(one.pk, one.sk) for one in changes if one.name == "INSERT" and one.sk.startswith("t#")]
        tasks = [RepairTask(events=tuple(keys[at : at + AT_ONCE])) for at in range(0, len(keys), AT_ONCE)]
        self._dead.targets["segment-work"].send_many([task.body() for task in tasks])

    def _tell(self, changes: list[StreamChange]) -> None:
        """Changed customers, likewise."""
        changed = [CustomerChange(new=one.new, old=one.old) for one in changes if one.new is not None]
        self._dead.targets["schedule-work"].send_many([one.body() for one in changed])
