"""Why something is not taken: one clear sentence, which never repeats the value that was sent."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

RefusalCode = Literal[
    "not_an_object", "too_large", "too_deep", "bad_number", "bad_type", "bad_name", "bad_message_id", "bad_object",
    "bad_identifier", "names_nobody", "bad_alias", "not_allowed", "bad_timestamp", "timestamp_out_of_range",
    "bad_group", "bad_consent", "unreadable_request", "request_too_large", "unknown_key",
    "over_quota", "erased", "bad_signature", "other",
]  # fmt: skip
"""What is counted of a refused event; docs/api.md explains each. A sentence may be reworded, a code never is."""


class Refused(ValueError):
    """One event cannot be taken. The rest of its batch can.

    Parameters
    ----------
    sentence
        What to do about it. It never repeats what was sent.
    code
        A stable word for counting. ``kervan import`` counts nothing and gives none.
    """

    def __init__(self, sentence: str, code: RefusalCode = "other") -> None:
        super().__init__(sentence)
        self.code: RefusalCode = code


class Malformed(ValueError):
    """The whole request cannot be read."""


class TooLarge(ValueError):
    """The whole request is larger than the API takes."""


class Rejection(Struct, frozen=True):
    """One refused event: its place in the batch, the id that the client gave it (if any), and the reason."""

    index: int
    message_id: str | None
    reason: str
    code: RefusalCode

    def as_json(self) -> dict[str, object]:
        return {"index": self.index, "messageId": self.message_id, "reason": self.reason}
