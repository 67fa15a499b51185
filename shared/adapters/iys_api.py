"""IYS by its API: a token that is kept, one attempt for each request, within a fixed time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer
from shared.adapters.user_agent import USER_AGENT
from shared.domain.iys.statement import Known, MessageType, Outcome, RecipientType, Upload
from shared.domain.iys.wire import (
    UNNAMED,
    ChangePage,
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
from shared.ports.iys import IysCursorLost, IysDown, IysForgotten, IysRefused, IysUnknown, IysUnreadable

IYS = "https://api.iys.org.tr"
SECONDS = 20.0
MOST_BYTES = 4_000_000
"""Of an answer: a thousand statements with their names take some 300 KB."""
CHANGES = 500
"""Of one page."""
NOT_TAKEN = frozenset({400, 413, 422})
"""IYS read the request and did not take it because of what is in it."""
NOT_THERE = frozenset({404, 410, *NOT_TAKEN})
"""IYS knows nothing of what was asked for, or does not take the question."""
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
        status, said = self._call("POST", "/consents", consent_json(one), taken=NOT_TAKEN, writes=True)
        return Outcome(0, "refused", _code(status, said)) if status in NOT_TAKEN else Outcome(0, "accepted")

    def tell_many(self, all_: Sequence[Upload]) -> str:
        content = [consent_json(one) for one in all_]
        status, said = self._call("POST", "/consents/request", content, taken=NOT_TAKEN, writes=True)
        if status in NOT_TAKEN:
            raise IysRefused(_code(status, said))
        try:
            return read_request_id(said)
        except UnreadableAnswer as broken:
            raise IysUnknown("unreadable") from broken

    def outcomes(self, request: str) -> list[Outcome]:
        status, said = self._call("GET", f"/consents/request/{request}", taken=NOT_THERE)
        if status in NOT_THERE:
            raise IysForgotten(f"http_{status}")
        return self._read(lambda: read_outcomes(said))

    def known(self, recipient: str, recipient_type: RecipientType, kind: MessageType) -> Known | None:
        question = question_json(recipient, recipient_type, kind)
        status, said = self._call("POST", "/consents/status", question, taken=NOT_THERE)
        return None if status in NOT_THERE else self._read(lambda: read_known(said))

    def changes(self, after: str) -> tuple[ChangePage, bool]:
        """IYS documents 200 alone: an empty list is the one answer that says there is nothing new."""
        query = {"source": "IYS", "limit": str(CHANGES), **({"after": after} if after else {})}
        path = f"/consents/changes?{urlencode(query)}"
        status, said = self._call("GET", path, taken=NOT_THERE if after else frozenset())
        if status in NOT_THERE:
            raise IysCursorLost(f"http_{status}")
        page = self._read(lambda: read_changes(said))
        return page, bool(page.after) and page.after != after and page.rows >= CHANGES

    @staticmethod
    def _read(read: Callable[[], Read]) -> Read:
        try:
            return read()
        except UnreadableAnswer as broken:
            raise IysUnreadable("unreadable") from broken

    def _call(
        self, method: str, path: str, content: Any = None, *, taken: Set[int] = frozenset(), writes: bool = False
    ) -> tuple[int, Any]:
        """Status and JSON of a request that IYS answered for good: 2xx, or one of ``taken``. A token that IYS does not
        take any more is asked for once again: a request that is refused so changed nothing."""
        answer = self._send(method, self._brand + path, content, self._bearer(), writes=writes)
        if answer.status == 401:
            self._token = None
            answer = self._send(method, self._brand + path, content, self._bearer(), writes=writes)
        if answer.status in taken:
            return answer.status, _json_or_nothing(answer.body)
        if 200 <= answer.status < 300:
            try:
                return answer.status, read_json(answer.body) if answer.body else {}
            except UnreadableAnswer as broken:
                raise (IysUnknown if writes else IysUnreadable)("unreadable") from broken
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
        said = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": USER_AGENT, **headers}
        try:
            return self._https.request(method, url, said, body, seconds=SECONDS)
        except NeverLeft as kind:
            raise IysDown(str(kind)) from kind
        except NoAnswer as kind:
            raise (IysUnknown if writes else IysDown)(str(kind)) from kind


def _code(status: int, said: Any) -> str:
    """IYS's code of a refusal; without one the status of HTTP says what there is to say."""
    code = read_errors(said)
    return code if code != UNNAMED or status == 422 else f"http_{status}"


def _json_or_nothing(body: bytes) -> Any:
    try:
        return read_json(body) if body else {}
    except UnreadableAnswer:
        return {}
