"""Links to files that customers sent, for agents who look at the conversation (docs/conversations.md#files)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shared.domain.conversations.files import DOWNLOAD, SHOWN, is_place
from shared.domain.identity.keys import time_text
from shared.http.answers import Problem, not_found
from shared.operators.agent_actions import UnknownConversation
from shared.operators.conversations import Environment
from shared.ports.file_links import FileLinks

LASTS = timedelta(minutes=5)


def file_link(
    environment: Environment, links: Callable[[], FileLinks], id_: str, message: str, number: str
) -> dict[str, Any]:
    """A link to the ``number``-th file of a message, counted from 1.

    A picture whose bytes are one may be shown. Anything else is a download of no type, whatever its name says: SVG and
    HTML hold scripts.

    Raises
    ------
    Problem
        404 if the conversation holds no such file, or it was not kept.
    """
    try:
        members = {one.id for one in environment.agents.show(id_).group}
    except UnknownConversation as unknown:
        raise _missing() from unknown
    found = environment.conversations.message(message)
    place = int(number) - 1 if number.isascii() and number.isdecimal() and len(number) < 4 else -1
    if found is None or found.conversation not in members or not 0 <= place < len(found.attachments):
        raise _missing()
    file = found.attachments[place]
    if not is_place(file.place):
        raise _missing()
    shown = file.type in SHOWN
    kind = file.type if shown else DOWNLOAD
    seconds = int(LASTS.total_seconds())
    url = links().link(file.place, name=file.name, type=kind, shown=shown, seconds=seconds)
    until = environment.clock.now() + LASTS
    return {
        "url": url, "expires_at": time_text(until), "name": file.name, "type": kind, "size": file.size, "shown": shown,
    }  # fmt: skip


def _missing() -> Problem:
    return not_found("the conversation holds no such file; its messages number the files that were kept")
