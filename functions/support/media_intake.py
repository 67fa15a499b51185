"""Fetches the files of a message that its channel keeps for a while, and puts them beside the message."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from shared.domain.conversations.files import is_svg, kind_of, place_of, refusal
from shared.domain.conversations.message import NOT_FETCHED, Attachment, Inbound
from shared.operators.agent_actions import TRIES, Busy
from shared.ports import Conflict
from shared.ports.media import Media, MediaLater, NotTaken
from shared.ports.objects import Objects
from shared.stores.conversations import Conversations


@dataclass(frozen=True, slots=True)
class MediaIntake:
    """The message is shown before its files are: a file that cannot be had now holds up no word."""

    objects: Objects
    conversations: Conversations
    media: Media
    pause: Callable[[int], None]

    def fetch(self, inbound: Inbound) -> int:
        """Fetch what is still to be fetched. How many files were. Done again after a crash, it does the rest.

        Raises
        ------
        MediaLater
            If the channel gives one of them later only; the others are kept.
        Busy
            If others wrote the message each time.
        """
        taken, later = 0, None
        for number, told in enumerate(inbound.attachments):
            if not told.source:
                continue
            try:
                taken += self._one(inbound, number, told)
            except MediaLater as not_now:
                later = not_now
        if later is not None:
            raise later
        return taken

    def _one(self, inbound: Inbound, number: int, told: Attachment) -> bool:
        message = self.conversations.message(inbound.id)
        if message is None or number >= len(message.attachments):  # also where an erasure left the place alone
            return self._erased(inbound, number)
        if not _is_open(message.attachments, number):  # fetched before
            return False
        found = self.media.fetch(inbound.channel, told.source)
        for attempt in range(TRIES):
            message = self.conversations.message(inbound.id)
            if message is None or number >= len(message.attachments):
                return self._erased(inbound, number)
            if not _is_open(message.attachments, number):
                return False
            known = self._kept(message.id, number, message.attachments[number], found)
            files = (*message.attachments[:number], known, *message.attachments[number + 1 :])
            try:
                self.conversations.put_message(message, replace(message, attachments=files))
            except Conflict:
                self.pause(attempt)
                continue
            return bool(known.place)
        raise Busy

    def _erased(self, inbound: Inbound, number: int) -> bool:
        """Whoever put the file there before, now or before a crash: nothing names it any more."""
        self.objects.delete([place_of(inbound.id, number + 1)])
        return False

    def _kept(self, message: str, number: int, told: Attachment, found: bytes | NotTaken) -> Attachment:
        if isinstance(found, NotTaken):
            return replace(told, refused=found.reason)
        why = "svg" if is_svg(found) else refusal(told.name, found)
        kind = kind_of(found)
        if why:
            return Attachment(told.name, kind, len(found), refused=why)
        place = place_of(message, number + 1)
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / "file"
            local.write_bytes(found)
            self.objects.put(place, local)
        return Attachment(told.name, kind, len(found), place)


def _is_open(files: tuple[Attachment, ...], number: int) -> bool:
    return number < len(files) and files[number].refused == NOT_FETCHED
