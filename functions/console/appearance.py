"""Language and colours, as the person chooses: kept in cookies, for they say nothing of anybody."""

from __future__ import annotations

from typing import get_args

from functions.console.cookies import LANGUAGE, THEME, YEAR
from functions.console.page import redirect
from functions.console.sign_in import safe_path
from functions.console.visit import Language, Theme, Visit
from shared.http.answers import Answer, forbidden


def choose(visit: Visit) -> Answer:
    """Also for who is not signed in yet, so it needs no token of a session; a form of another site is refused."""
    if visit.request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise forbidden("the form was sent from another site")
    cookies, form = visit.environment.cookies, visit.form
    kept = tuple(
        cookies.set(kind, form[kind], YEAR)
        for kind, known in ((LANGUAGE, get_args(Language)), (THEME, get_args(Theme)))
        if form.get(kind) in known
    )
    return redirect(visit, safe_path(form.get("back", "")), kept)
