"""Where events go: the deployment's /v1/batch with the key of a trusted source."""

from __future__ import annotations

import base64
import http.client
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any

from cli import paths
from cli.failure import Failure, WrongUse

TIMEOUT_SECONDS = 60.0
ANSWER_BYTES = 4 * 1024 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Answer:
    """Status 0: nothing answered, ``body`` says why."""

    status: int
    body: bytes
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A deployment's address and a write key."""

    url: str
    write_key: str

    def post(self, body: bytes) -> Answer:
        """Post one batch; every outcome is an answer."""
        headers = {
            "content-type": "application/json",
            "authorization": "Basic " + base64.b64encode(f"{self.write_key}:".encode()).decode(),
        }
        request = urllib.request.Request(f"{self.url}/v1/batch", data=body, headers=headers)  # noqa: S310
        try:
            with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return Answer(answer.status, answer.read(ANSWER_BYTES))
        except urllib.error.HTTPError as refused:
            with refused:
                try:
                    said = refused.read(ANSWER_BYTES)
                except (OSError, http.client.HTTPException):
                    said = b""
                return Answer(refused.code, said, refused.headers.get("retry-after"))
        except (OSError, http.client.HTTPException) as silent:
            return Answer(0, (str(getattr(silent, "reason", silent)) or type(silent).__name__).encode())


def endpoint(url: str | None, write_key: str | None) -> Endpoint:
    """The endpoint that options or environment name, else the local stack's, with the key of its server.

    Raises
    ------
    Failure
        If there is none; WrongUse if the address is none, or the key would travel in the clear.
    """
    if not url:
        local = paths.read(paths.LOCAL)
        if not local:
            raise Failure(
                "no local stack is running: start it with `make run`, "
                "or name a deployment with --endpoint and --write-key"
            )
        return Endpoint(local["endpoint"].rstrip("/"), write_key or local["write_keys"]["server"])
    if not write_key:
        raise WrongUse("an endpoint needs the write key of a trusted source: give --write-key or KERVAN_WRITE_KEY")
    try:
        parts = urllib.parse.urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        parts, host = urllib.parse.urlsplit(""), None
    if host is None or parts.scheme not in {"http", "https"}:
        raise WrongUse(f"the endpoint {url} is no address: it begins with https://")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise WrongUse(f"the endpoint {url} would send the key in the clear: it begins with https://")
    return Endpoint(url.rstrip("/"), write_key)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer: followed, it would become a GET that loses the events."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Any:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)
