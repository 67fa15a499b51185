"""The admin API of a deployment, local or real, over HTTP."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli import paths
from cli.failure import Failure, WrongUse

TIMEOUT_SECONDS = 30.0
PAGE = 100
NO_TEXT = "an argument is no text in UTF-8: write it with whole characters"


@dataclass(frozen=True, slots=True)
class AdminApi:
    """Reads what a deployment knows (docs/api.md), says words about links, and turns switches."""

    endpoint: str
    key: str

    def get(self, path: str, **query: Any) -> Any:
        """The JSON answer of a GET.

        Raises
        ------
        Failure
            With the server's own sentence if it refuses, or what to do if nothing answers.
        """
        return self._request(path, query, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON answer of a POST; raises as ``get`` does."""
        return self._request(path, {}, json.dumps(body).encode())

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON answer of a PUT; raises as ``get`` does."""
        return self._request(path, {}, json.dumps(body).encode(), "PUT")

    def _request(self, path: str, query: dict[str, Any], body: bytes | None, method: str | None = None) -> Any:
        asked = {name: value for name, value in query.items() if value is not None}
        try:
            url = f"{self.endpoint.rstrip('/')}{path}" + (f"?{urllib.parse.urlencode(asked)}" if asked else "")
        except UnicodeEncodeError as broken:
            raise WrongUse(NO_TEXT) from broken
        if not url.startswith(("http://", "https://")):
            raise Failure(f"the endpoint {self.endpoint} is no address: it begins with https://")
        headers = {"authorization": f"Bearer {self.key}"} | ({"content-type": "application/json"} if body else {})
        request = urllib.request.Request(url, data=body, headers=headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise Failure(_sentence(refused)) from refused
        except (OSError, ValueError, http.client.HTTPException) as silent:
            raise Failure(
                f"{self.endpoint} does not answer: is it running? (`make run` starts the local stack)"
            ) from silent

    def items(self, path: str, *, limit: int | None = None, **query: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page by page, at most ``limit``."""
        cursor: str | None = None
        left = limit
        while True:
            page = self.get(path, cursor=cursor, limit=min(left or PAGE, PAGE), **query)
            for item in page["items"]:
                yield item
                if left is not None:
                    left -= 1
                    if left == 0:
                        return
            cursor = page.get("cursor")
            if not cursor:
                return


def admin_api(endpoint: str | None, key: str | None) -> AdminApi:
    """The API that options or environment name, else the local stack's.

    Raises
    ------
    Failure
        If neither is there.
    """
    if endpoint:
        if not key:
            raise Failure("an endpoint needs its admin key: give --admin-key or KERVAN_ADMIN_KEY")
        return AdminApi(endpoint, key)
    local = paths.read(paths.LOCAL)
    if not local:
        raise Failure(
            "no local stack is running: start it with `make run`, or name a deployment with --endpoint and --admin-key"
        )
    return AdminApi(local["endpoint"], local["admin_key"])


def quoted(identifier: str) -> str:
    """An identifier or a name as one part of a path.

    Raises
    ------
    WrongUse
        If it is empty, which would be another path, or no text.
    """
    if not identifier.strip():
        raise WrongUse("an argument is empty: say whom or what is meant")
    try:
        return urllib.parse.quote(identifier, safe="")
    except UnicodeEncodeError as broken:
        raise WrongUse(NO_TEXT) from broken


def _sentence(refused: urllib.error.HTTPError) -> str:
    try:
        answer = json.load(refused)
        return str(answer.get("message") or answer.get("error"))
    except (ValueError, AttributeError, OSError):
        return f"the endpoint answered {refused.code} {refused.reason}"
