"""Why something is not taken: one clear sentence, which never repeats the value that was sent."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(ValueError):
    """One event cannot be taken. The rest of its batch can."""


class Malformed(ValueError):
    """The whole request cannot be read."""


class TooLarge(ValueError):
    """The whole request is larger than the API takes."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """One refused event: its place in the batch, the id that the client gave it (if any), and the reason."""

    index: int
    message_id: str | None
    reason: str

    def as_json(self) -> dict[str, object]:
        return {"index": self.index, "messageId": self.message_id, "reason": self.reason}
