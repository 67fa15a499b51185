"""The secret of the deployment, with which identifiers become keys; and the secrets of senders."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from functools import cache

from shared.adapters.aws_clients import secrets_client


def read_secret(arn: str) -> bytes:
    """The secret's text as bytes; one request, made once per environment.

    Reading has no effect, so it may be tried again.
    """
    return str(secrets_client().call("GetSecretValue", {"SecretId": arn})["SecretString"]).encode()


class SecretValues:
    """Named secrets of senders: one secret of Secrets Manager, whose text is a JSON object of ``<sender>.<name>``.

    It is read when it is first needed, and again after five minutes, so that a changed password is used soon.
    """

    SECONDS = 300.0

    def __init__(self, read: Callable[[], bytes], elapsed: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._elapsed = elapsed
        self._kept: tuple[float, Mapping[str, str]] | None = None

    @classmethod
    @cache
    def of(cls, arn: str) -> SecretValues:
        """One for each secret and environment."""
        return cls(lambda: read_secret(arn))

    def below(self, sender: str) -> dict[str, str]:
        """The secrets of one sender by their names.

        Raises
        ------
        AwsError
            If they cannot be read now.
        """
        now = self._elapsed()
        if self._kept is None or now >= self._kept[0]:
            self._kept = now + self.SECONDS, _named(self._read())
        prefix = f"{sender}."
        return {name.removeprefix(prefix): value for name, value in self._kept[1].items() if name.startswith(prefix)}


def _named(raw: bytes) -> dict[str, str]:
    """Only text counts; a secret that holds no object holds nothing."""
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
