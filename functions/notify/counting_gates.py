"""Whether there is room for one more message: in a day of a new sender, in the quota of SES."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from shared.domain.messages.gate_context import GateContext
from shared.domain.messages.message import Deferred, Skipped


class CountingGate(Protocol):
    def admit(self, context: GateContext) -> Deferred | Skipped | None:
        """None if the message may go out; it counts from then on."""

    def give_back(self, context: GateContext) -> None:
        """A message that was admitted was not called, or not taken."""


class CountingGates(Struct, frozen=True):
    """Gates that count. They are asked last, because a message that comes to nothing takes no place."""

    gates: tuple[CountingGate, ...] = ()

    def admit(self, context: GateContext) -> Deferred | Skipped | None:
        """The first objection; whoever admitted the message before it gets the place back."""
        for number, gate in enumerate(self.gates):
            objection = gate.admit(context)
            if objection is not None:
                for earlier in self.gates[:number]:
                    earlier.give_back(context)
                return objection
        return None

    def give_back(self, context: GateContext) -> None:
        for gate in self.gates:
            gate.give_back(context)
