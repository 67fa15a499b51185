"""Puts the files of an answer into the bucket before the answer is kept, and takes them away if it is not."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from shared.domain.conversations.answer import Draft, message_id
from shared.domain.conversations.files import place_of
from shared.domain.conversations.message import Attachment
from shared.domain.conversations.sent_files import SentFile
from shared.operators.agent_actions import AFTER, ANSWER, AgentActions
from shared.ports import Clock
from shared.ports.objects import Objects


class Environment(Protocol):
    @property
    def clock(self) -> Clock: ...

    @property
    def agents(self) -> AgentActions: ...

    @property
    def files(self) -> Callable[[], Objects]: ...


@contextmanager
def kept_files(environment: Environment, draft: Draft, files: Sequence[SentFile]) -> Iterator[Draft]:
    """The draft with its files. A timer is armed before: if this dies, it takes them away again with no answer there.

    An answer that is there already, because the request is sent again, keeps the files that it has.
    """
    name, agents = message_id(draft.asked, draft.key), environment.agents
    if agents.conversations.mark(name) is not None:
        yield draft
        return
    agents.timers.arm("support", environment.clock.now() + AFTER, name, ANSWER, step=name)
    placed = [
        Attachment(file.name, file.type, len(file.content), place_of(name, number))
        for number, file in enumerate(files, start=1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        for file, place in zip(files, placed, strict=True):
            local = Path(folder) / "file"
            local.write_bytes(file.content)
            environment.files().put(place.place, local)
    try:
        yield replace(draft, attachments=tuple(placed))
    finally:
        if agents.conversations.mark(name) is None:
            environment.files().delete([one.place for one in placed])
