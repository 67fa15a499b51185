"""A secret that is read when it is first needed, and again after some minutes, so that a changed one is used soon."""

from __future__ import annotations

import time
from collections.abc import Callable

from shared.adapters.secret import read_secret

SECONDS = 300.0


class KeptSecret:
    """``secret()`` gives the text of the secret. Raises AwsError if it cannot be read now."""

    def __init__(
        self, arn: str, read: Callable[[str], bytes] = read_secret, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._arn, self._read, self._elapsed = arn, read, elapsed
        self._kept: tuple[float, str] | None = None

    def __call__(self) -> str:
        now = self._elapsed()
        if self._kept is None or now >= self._kept[0]:
            self._kept = now + SECONDS, self._read(self._arn).decode()
        return self._kept[1]
