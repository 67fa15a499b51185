"""Faults of single calls: tables, queues and a provider that fail, time out, throttle, or see their caller killed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.adapters.memory import MemoryTable
from shared.ports import Throttled
from shared.ports.sender import Accepted, Ambiguous, Answer, Outgoing, Postponed

FAULTS = ("fails before", "fails after", "times out", "throttles", "killed")
"""``fails before``: not made. ``fails after``, ``times out``: made, and the caller hears an error or nothing.
``throttles``: refused. ``killed``: made, and the process dies before it hears of it."""
HALF = "half made"
"""Of a batch of items the first half is written, and the caller hears an error. Any other call is made."""
BATCHES = frozenset({"put_many", "delete_many", "send_many"})
PROVIDER, ACCOUNT = "provider.send", "provider.get_account"


class Killed(BaseException):
    """The process dies: nothing after this call happens."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the call with this number, counted from the fault before it."""

    call: int
    kind: str


@dataclass
class Fuse:
    """Hands out the faults in their order, and notes which calls were made."""

    faults: list[Fault] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    hit: list[tuple[str, str]] = field(default_factory=list)
    """Call and kind of each fault that happened."""
    _since: int = 0

    def next(self, call: str) -> str:
        """The kind of fault that this call meets, or ""."""
        self.calls.append(call)
        self._since += 1
        if not self.faults or self.faults[0].call != self._since:
            return ""
        kind, self._since = self.faults.pop(0).kind, 0
        self.hit.append((call, kind))
        return kind

    def around(self, call: str, make: Callable[[], Any], half: Callable[[], Any] | None = None) -> Any:
        """``half``: makes the half of it."""
        match self.next(call):
            case "fails before":
                raise ConnectionError(call)
            case "throttles":
                raise Throttled(call)
            case "fails after":
                make()
                raise ConnectionError(call)
            case "times out":
                make()
                raise TimeoutError(call)
            case "killed":
                make()
                raise Killed
            case "half made":
                (half or make)()
                raise ConnectionError(call)
            case _:
                return make()


class FaultyTable:
    """A table in memory behind a fuse. A call is named by table, method and the state that is written, if there is
    one."""

    def __init__(self, name: str, memory: MemoryTable, fuse: Fuse) -> None:
        self._name, self._memory, self._fuse = name, memory, fuse

    def __getattr__(self, method: str) -> Callable[..., Any]:
        real = getattr(self._memory, method)

        def call(*said: Any, **more: Any) -> Any:
            what = said[0].get("state") if said and isinstance(said[0], Mapping) else None
            named = f"{self._name}.{method}" + (f" {what}" if what else "")
            if method in BATCHES:
                items = list(said[0])
                return self._fuse.around(named, lambda: real(items), lambda: real(items[: len(items) // 2]))
            return self._fuse.around(named, lambda: real(*said, **more))

        return call


class FaultyQueue:
    def __init__(self, name: str, fuse: Fuse) -> None:
        self._name, self._fuse = name, fuse
        self.bodies: list[str] = []

    def send_many(self, bodies: Iterable[str]) -> None:
        listed = list(bodies)
        some = listed[: len(listed) // 2]
        self._fuse.around(
            f"queue {self._name}.send_many", lambda: self.bodies.extend(listed), lambda: self.bodies.extend(some)
        )


class FaultyProvider:
    """Notes what it took. Its client turns errors into answers, as the adapters do."""

    def __init__(self, fuse: Fuse, answer: Accepted) -> None:
        self._fuse = fuse
        self._answer = answer
        self.taken: list[str] = []

    def send(self, outgoing: Outgoing) -> Answer:
        kind = self._fuse.next(PROVIDER)
        if kind == "fails before":
            return Postponed("provider_endpoint_connection")
        if kind == "throttles":
            return Postponed("throttled")
        self.taken.append(outgoing.message_id)
        if kind == "killed":
            raise Killed
        if kind:
            return Ambiguous("provider_read_timeout" if kind == "times out" else "provider_internal_failure")
        return self._answer
