"""One request to the console: who asks, in which language and in which colours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast, get_args

from functions.console.cookies import LANGUAGE, SESSION, THEME
from functions.console.environment import Environment
from functions.console.rights import Right
from functions.console.sent_form import SentForm, read_form
from functions.console.sessions import Session
from shared.http.answers import Problem, forbidden
from shared.http.request import Request

Language = Literal["tr", "en"]
Theme = Literal["auto", "light", "dark"]
FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
_LANGUAGE_TAG = re.compile(r"\s*(tr|en)\b", re.IGNORECASE)
_SAME_SITE = {"", "same-origin"}
"""What ``Sec-Fetch-Site`` says of a form of ours; old browsers say nothing."""


@dataclass(frozen=True)
class Visit:
    """``session`` is None as long as nobody is signed in."""

    request: Request
    environment: Environment
    session: Session | None
    language: Language
    theme: Theme

    @property
    def partial(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def signed_in(self) -> Session:
        """The session, where there must be one."""
        if self.session is None:
            raise Problem(401, "unauthorized", "nobody is signed in")
        return self.session

    def may(self, right: Right) -> bool:
        return self.session is not None and self.session.may(right)

    def demand(self, right: Right) -> None:
        """
        Raises
        ------
        Problem
            403 if the roles of this person do not permit it.
        """
        if not self.signed_in.may(right):
            raise forbidden("your role does not permit this")

    @cached_property
    def sent(self) -> SentForm:
        """The form with its files.

        Raises
        ------
        Problem
            400 if it is no form, or too large.
        """
        return read_form(self.request)

    @property
    def form(self) -> Mapping[str, str]:
        """The fields of the form, each once. Raises Problem as ``sent``."""
        return self.sent.fields

    def check_form(self) -> None:
        """Refuse a form that did not come from a page of this session.

        Raises
        ------
        Problem
            403 for a form of another site, or of another sign-in.
        """
        if self.request.headers.get("sec-fetch-site", "") not in _SAME_SITE:
            raise forbidden("the form was sent from another site")
        if not self.environment.sessions.is_of(self.signed_in, self.form.get(FORM_TOKEN, "")):
            raise forbidden("the form is not of this sign-in; open the page again")


def read_visit(request: Request, environment: Environment) -> Visit:
    """Who asks; a session that is over or not ours is none."""
    cookies = environment.cookies
    token = cookies.value(request.cookies, SESSION)
    session = environment.sessions.read(token, environment.wall.now()) if token else None
    theme = cookies.value(request.cookies, THEME)
    return Visit(
        request,
        environment,
        session,
        _language(cookies.value(request.cookies, LANGUAGE), request.headers.get("accept-language", "")),
        cast("Theme", theme) if theme in get_args(Theme) else "auto",
    )


def _language(chosen: str, accepted: str) -> Language:
    """The person's choice, else the first of the browser's languages that there is, else English."""
    for said in (chosen, *accepted.split(",")):
        found = _LANGUAGE_TAG.match(said)
        if found:
            return "tr" if found[1].lower() == "tr" else "en"
    return "en"
