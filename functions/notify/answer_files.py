"""The files of an answer, as its channel's provider takes them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from shared.domain.conversations.message import Message
from shared.domain.templates.content import ContentFile
from shared.ports.file_links import FileLinks
from shared.ports.objects import NoSuchObject, Objects

FETCHED_WITHIN = 900
"""Seconds that a link holds by which Meta fetches a file. It does so when it takes the message."""
BY_ADDRESS = frozenset({"instagram", "messenger"})


class AnswerFiles(Struct, frozen=True):
    """``objects`` and ``links`` of the bucket; made with the first file."""

    objects: Callable[[], Objects]
    links: Callable[[], FileLinks]

    def read(self, message: Message) -> tuple[ContentFile, ...] | None:
        """None if one of them is gone: an answer without its file would say something else."""
        found = []
        with tempfile.TemporaryDirectory() as folder:
            for file in message.attachments:
                try:
                    content = self.objects().fetch(file.place, Path(folder)).read_bytes()
                except NoSuchObject:
                    return None
                url = ""
                if message.channel in BY_ADDRESS:
                    url = self.links().link(
                        file.place, name=file.name, type=file.type, shown=True, seconds=FETCHED_WITHIN
                    )
                found.append(ContentFile(file.name, file.type, content, url))
        return tuple(found)
