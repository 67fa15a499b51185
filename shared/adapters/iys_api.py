"""IYS by its API: a token that is kept, one attempt for each request, within a fixed time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer
from shared.domain.iys.statement import Change, Known, MessageType, Outcome, RecipientType, Upload
from shared.domain.iys.wire import (
    UnreadableAnswer,
    consent_json,
    question_json,
    read_changes,
    read_errors,
    read_json,
    read_known,
    read_outcomes,
    read_request_id,
)
from shared.ports.iys import IysDown, IysUnknown

IYS = "https://api.iys.org.tr"
SECONDS = 20.0
MOST_BYTES = 4_000_000
"""Of an answer: a thousand statements with their names take some 300 KB."""
CHANGES = 500
"""Of one page."""
Read = TypeVar("Read")
EARLY = 60.0
"""Seconds before its end that a token is not used any more."""


class Https(Protocol):
    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> HttpsAnswer: ...


class IysApi:
    """``Iys`` by HTTP.

    ``secrets`` gives ``username`` and ``password`` of the API's user. ``elapsed`` is a clock in seconds.
    """

    def __init__(
        self,
        https: Https,
        *,
        code: int,
        brand: int,
        secrets: Callable[[], Mapping[str, str]],
        elapsed: Callable[[], float],
        base: str = IYS,
    ) -> None:
        self._https = https
        self._base = base
        self._brand = f"{base}/sps/{code}/brands/{brand}"
        self._secrets = secrets
        self._elapsed = elapsed
        self._token: tuple[float, str] | None = None

    def tell(self, one: Upload) -> Outcome:
        status, said = self._call("POST", "/consents", consent_json(one), writes=True)
        if status == 422:
            return Outcome(0, "refused", read_errors(said))
        return Outcome(0, "accepted")

    def tell_many(self, all_: Sequence[Upload]) -> str:
        _, said = self._call("POST", "/consents/request", [consent_json(one) for one in all_], writes=True)
        try:
            return read_request_id(said)
        except UnreadableAnswer as broken:
            raise IysUnknown("unreadable") from broken

    def outcomes(self, request: str) -> list[Outcome]:
        _, said = self._call("GET", f"/consents/request/{request}")
        return self._read(lambda: read_outcomes(said))

    def known(self, recipient: str, recipient_type: RecipientType, kind: MessageType) -> Known | None:
        status, said = self._call("POST", "/consents/status", question_json(recipient, recipient_type, kind))
        return None if status in {404, 422} else self._read(lambda: read_known(said))

    def changes(self, after: str) -> tuple[list[Change], str, bool]:
        query = {"source": "IYS", "limit": str(CHANGES), **({"after": after} if after else {})}
        _, said = self._call("GET", f"/consents/changes?{urlencode(query)}")
        found, onward = self._read(lambda: read_changes(said))
        return found, onward, bool(onward) and onward != after and len(said.get("list") or ()) >= CHANGES

    @staticmethod
    def _read(read: Callable[[], Read]) -> Read:
        try:
            return read()
        except UnreadableAnswer as broken:
            raise IysDown("unreadable") from broken

    def _call(self, method: str, path: str, content: Any = None, *, writes: bool = False) -> tuple[int, Any]:
        """Status and JSON of a request that IYS answered for good: 2xx, 404 or 422. A token that IYS does not take
        any more is asked for once again: a request that is refused so changed nothing."""
        answer = self._send(method, self._brand + path, content, self._bearer(), writes=writes)
        if answer.status == 401:
            self._token = None
            answer = self._send(method, self._brand + path, content, self._bearer(), writes=writes)
        if 200 <= answer.status < 300 or answer.status in {404, 422}:
            if answer.status == 404 and writes:
                raise IysDown("http_404")
            try:
                return answer.status, read_json(answer.body) if answer.body else {}
            except UnreadableAnswer as broken:
                raise (IysUnknown if writes else IysDown)("unreadable") from broken
        kind = f"http_{answer.status}"
        raise (IysUnknown if writes and answer.status >= 500 else IysDown)(kind)

    def _bearer(self) -> dict[str, str]:
        if self._token is None or self._elapsed() >= self._token[0]:
            self._token = self._login()
        return {"Authorization": f"Bearer {self._token[1]}"}

    def _login(self) -> tuple[float, str]:
        try:
            secrets = self._secrets()
        except Exception as error:
            raise IysDown(type(error).__name__) from error
        if not secrets.get("username") or not secrets.get("password"):
            raise IysDown("secret_missing")
        asked = {"username": secrets["username"], "password": secrets["password"], "grant_type": "password"}
        answer = self._send("POST", f"{self._base}/oauth2/token", asked, {}, writes=False)
        if answer.status != 200:
            raise IysDown(f"token_{answer.status}")
        try:
            said = json.loads(answer.body)
            token, seconds = str(said["access_token"]), float(said["expires_in"])
        except (ValueError, KeyError, TypeError) as broken:
            raise IysDown("token_unreadable") from broken
        if not token.isascii() or not token.isprintable():
            raise IysDown("token_unreadable")
        return self._elapsed() + max(seconds - EARLY, 0), token

    def _send(self, method: str, url: str, content: Any, headers: Mapping[str, str], *, writes: bool) -> HttpsAnswer:
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        said = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "kervan/0.1", **headers}
        try:
            return self._https.request(method, url, said, body, seconds=SECONDS)
        except NeverLeft as kind:
            raise IysDown(str(kind)) from kind
        except NoAnswer as kind:
            raise (IysUnknown if writes else IysDown)(str(kind)) from kind
