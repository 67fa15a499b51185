"""Sign-in and sign-out: by the identity provider, and on a laptop by a link of the command."""

from __future__ import annotations

from datetime import timedelta

from functions.console.cookies import SESSION, SIGN_IN
from functions.console.oidc import Attempt, Person, SignInFailed
from functions.console.page import ROOT, page, redirect
from functions.console.sessions import LIFETIME, Session
from functions.console.visit import Visit
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.identity.signed_token import InvalidToken
from shared.http.answers import Answer, Problem, not_found

ATTEMPT_LIFETIME = timedelta(minutes=10)


def show(visit: Visit) -> Answer:
    """The page that asks to sign in; who is signed in already goes on."""
    back = safe_path(visit.request.query.get("next", ""))
    if visit.session is not None and visit.session.roles:
        return redirect(visit, back)
    return page(visit, "sign_in.html", back=back, local=visit.environment.provider is None)


def start(visit: Visit) -> Answer:
    """To the identity provider, with what its answer will be compared with in a cookie of this browser."""
    provider = visit.environment.provider
    if provider is None:
        raise not_found("on a laptop the link of `kervan console url` signs in")
    attempt = Attempt.new(safe_path(visit.request.query.get("next", "")))
    try:
        address = provider.sign_in_address(attempt)
    except SignInFailed as silent:
        raise Problem(503, "unavailable", str(silent)) from silent
    kept = visit.environment.sessions.keep_attempt(
        (attempt.state, attempt.nonce, attempt.verifier, attempt.next), milliseconds(visit.environment.wall.now())
    )
    return redirect(visit, address, (visit.environment.cookies.set(SIGN_IN, kept, ATTEMPT_LIFETIME),))


def finish(visit: Visit) -> Answer:
    """The provider's answer: a session of its own if everything fits, whatever cookie the browser had before."""
    provider = visit.environment.provider
    if provider is None:
        raise not_found("on a laptop the link of `kervan console url` signs in")
    attempt = _attempt(visit)
    try:
        person = provider.sign_in(attempt, visit.request.query)
    except SignInFailed as failed:
        raise Problem(401, "unauthorized", str(failed)) from failed
    if not person.roles:
        return page(visit, "no_role.html", 403, person=person)
    return _signed_in(visit, person, attempt.next)


def enter(visit: Visit, token: str) -> Answer:
    """The link of ``kervan console url``; there is none but on the stage of a laptop."""
    links = visit.environment.links
    if links is None:
        raise not_found("there is no such page")
    try:
        link = links.read(token, visit.environment.wall.now())
    except InvalidToken as wrong:
        raise Problem(401, "unauthorized", str(wrong)) from wrong
    return _signed_in(visit, Person(f"local:{link.name}", link.name, (link.role,)), ROOT)


def sign_out(visit: Visit) -> Answer:
    """Ends the session here, and at the provider if it has a place for that."""
    provider = visit.environment.provider
    address = provider.sign_out_address() if provider is not None else None
    return redirect(visit, address or f"{ROOT}/sign-in", (visit.environment.cookies.end(SESSION),))


def safe_path(path: str) -> str:
    """A path of the console; anything else, such as another site's address, leads to its first page."""
    inside = path == ROOT or path.startswith(f"{ROOT}/")
    plain = path.isascii() and path.isprintable() and "\\" not in path and "//" not in path.partition("?")[0]
    return path if inside and plain and "/../" not in path and not path.endswith("/..") else ROOT


def _attempt(visit: Visit) -> Attempt:
    kept = visit.environment.cookies.value(visit.request.cookies, SIGN_IN)
    found = visit.environment.sessions.read_attempt(kept)
    if found is None or visit.environment.wall.now() >= moment(found[1]) + ATTEMPT_LIFETIME:
        raise Problem(401, "unauthorized", "this sign-in was not begun in this browser, or too long ago")
    return Attempt(*found[0])


def _signed_in(visit: Visit, person: Person, path: str) -> Answer:
    environment = visit.environment
    session = Session.new(person.subject, person.name, person.roles, environment.wall.now())
    cookies = environment.cookies
    kept = (cookies.set(SESSION, environment.sessions.make(session), LIFETIME), cookies.end(SIGN_IN))
    return redirect(visit, path, kept)
