"""Pages: a template, its texts in the person's language, and headers that let nothing else run or be kept."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment as Jinja
from jinja2 import FileSystemLoader, StrictUndefined

from functions.console import values
from functions.console.rights import Right
from functions.console.static_files import static_address
from functions.console.texts import text
from functions.console.visit import FORM_TOKEN, Visit
from shared.domain.definitions.problem_turkish import in_turkish
from shared.http.answers import Answer

ROOT = "/console"
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load and do: nothing of another origin, and no script or style that stands in the page. Pictures as
``data:`` are Tabler's arrows and ticks, which stand in its style sheet."""
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "private, no-store",
    "content-security-policy": CONTENT_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
_TLS_ONLY = {"strict-transport-security": "max-age=31536000"}
_PACKED_FROM = 1_000
"""Bytes; what is smaller is sent as it is."""
MENU = (
    ("today", "", "home", Right.SEE),
    ("customers", "/customers", "users", Right.SEE_CUSTOMERS),
    ("conversations", "/conversations", "messages", Right.SEE_CONVERSATIONS),
    ("segments", "/segments", "filter", Right.SEE),
    ("journeys", "/journeys", "route", Right.SEE),
    ("campaigns", "/campaigns", "speakerphone", Right.SEE),
    ("templates", "/templates", "template", Right.SEE),
    ("publish", "/publish", "rocket", Right.EDIT),
    ("stock", "/stock", "box", Right.STOCK),
    ("pickups", "/pickups", "package", Right.HAND_OUT),
    ("reports", "/reports", "chart-bar", Right.REPORTS),
    ("rights", "/rights", "shield-check", Right.PEOPLE_RIGHTS),
    ("changes", "/changes", "history", Right.AUDIT),
)
"""Name, path, icon, and who sees it."""
_BELOW = {
    "new-segment": "/segments", "dry-runs": "/journeys", "new-campaign": "/campaigns", "releases": "/publish",
    "service": "/conversations", "new-service": "/conversations",
}  # fmt: skip
"""Pages that belong to an entry of the menu although their path does not begin with its own."""


@cache
def _jinja() -> Jinja:
    """Made with the first page; everything that a template writes is escaped, and a name that is missing fails."""
    made = Jinja(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(root=ROOT, static=static_address)
    return made


def page(visit: Visit, template: str, status: int = 200, **content: Any) -> Answer:
    """A whole page, or the part of it that htmx asks for: a template that is its own layout tells them apart."""
    body = _jinja().get_template(template).render(**_surroundings(visit), **content)
    answer = {"statusCode": status, "headers": page_headers(visit), "body": body, "isBase64Encoded": False}
    return _packed(visit, answer)


def page_headers(visit: Visit) -> dict[str, str]:
    """Of every page: nothing else runs in it, and nobody keeps it."""
    return {**_HEADERS, **(_TLS_ONLY if visit.environment.cookies.secure else {})}


def document(visit: Visit, html: str, policy: str) -> Answer:
    """A document of its own, such as a message in a frame, under a policy of its own."""
    headers = {**_HEADERS, "content-security-policy": policy, **(_TLS_ONLY if visit.environment.cookies.secure else {})}
    return _packed(visit, {"statusCode": 200, "headers": headers, "body": html, "isBase64Encoded": False})


def redirect(visit: Visit, path: str, cookies: tuple[str, ...] = (), status: int = 303) -> Answer:
    """To another address; htmx is told to open it as a whole page."""
    headers = {"cache-control": "private, no-store", "referrer-policy": "same-origin"}
    if visit.partial:
        headers["hx-redirect"] = path
        status = 200
    else:
        headers["location"] = path
    return {
        "statusCode": status,
        "headers": headers,
        "cookies": list(cookies),
        "body": "",
        "isBase64Encoded": False,
    }


def _surroundings(visit: Visit) -> dict[str, Any]:
    """What every template may use."""
    session = visit.session
    language = visit.language

    def said(key: str, **given: Any) -> str:
        return text(key, language, **given)

    return {
        "t": said,
        "mistake": partial(_mistake, language),
        "warned": partial(_warned, language),
        "language": language,
        "theme": visit.theme,
        "session": session,
        "may": visit.may,
        "form_token": visit.environment.sessions.form_token(session) if session else "",
        "form_token_name": FORM_TOKEN,
        "here": "/" + "/".join(visit.request.path),
        "menu_now": _entry(visit.request.path),
        "menu": [entry for entry in MENU if visit.may(entry[3])],
        "partial": visit.partial,
        "show": values.Values(language, visit.environment.clock.now()),
    }


def _entry(path: Sequence[str]) -> str:
    """The path of the menu's entry that a page belongs to."""
    first = path[1] if len(path) > 1 else ""
    return _BELOW.get(first, f"/{first}" if first else "")


def _mistake(language: str, one: Any) -> tuple[str, str]:
    """What is wrong with a definition and what to do, and the language that it is said in: the checks speak English,
    and what of it is not known in Turkish stays so."""
    message, remedy = (one["message"], one["remedy"]) if isinstance(one, dict) else (one.message, one.remedy)
    if language == "tr":
        said = [in_turkish(message), in_turkish(remedy)]
        if all(said):
            return "; ".join(filter(None, said)), "tr"
    return f"{message}; {remedy}", "en"


def _warned(language: str, sentence: str) -> tuple[str, str]:
    """A warning of the checks, and the language that it is said in."""
    said = in_turkish(sentence) if language == "tr" else None
    return (said, "tr") if said else (sentence, "en")


def _packed(visit: Visit, answer: Answer) -> Answer:
    """The same as gzip, if the browser takes it."""
    raw = answer["body"].encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()
    answer["headers"]["vary"] = "accept-encoding, hx-request"
    if len(raw) < _PACKED_FROM or "gzip" not in visit.request.headers.get("accept-encoding", ""):
        return {**answer, "body": raw.decode()}
    answer["headers"]["content-encoding"] = "gzip"
    body = base64.b64encode(gzip.compress(raw, 6, mtime=0)).decode()
    return {**answer, "body": body, "isBase64Encoded": True}
