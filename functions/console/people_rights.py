"""Requests of people: which wait and until when, what was done about them, and the way to decide."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from functions.console.changes import noted
from functions.console.customer import customer_key
from functions.console.page import ROOT, page, redirect
from functions.console.sending import operator
from functions.console.shop import shop_of
from functions.console.texts import text
from functions.console.visit import Visit
from shared.domain.privacy.case import LIFTABLE, REASONS, Case, CaseAction, CaseState, Right
from shared.http.answers import Answer, malformed
from shared.operators.cases import act, case_json, case_of, cases_of, list_cases, open_case
from shared.stores.releases import Releases

ON_A_PAGE = "50"
STATES = ("waiting", "done", "refused", "lifted")
MOST_LETTERS = 64


def show(visit: Visit) -> Answer:
    """The cases, those without an answer first asked for."""
    state = visit.request.query.get("state", "")
    query = {"limit": ON_A_PAGE, "cursor": visit.request.query.get("cursor", "")}
    found = list_cases(visit.environment, {name: said for name, said in {**query, "state": state}.items() if said})
    more = urlencode({name: said for name, said in (("state", state), ("cursor", found["cursor"])) if said})
    return _page(visit, "people_rights.html", items=found["items"], cursor=found["cursor"], more=more, state=state)


def one(visit: Visit, name: str) -> Answer:
    """One case: until when, what was done, and what may be done now, with what it does."""
    case = case_of(visit.environment, name)
    found = case_json(case, visit.environment.clock.now())
    asked = _name_of(visit, case) if case.right is Right.ERASE else ""
    return _page(visit, "people_rights_case.html", case=found, actions=_actions(case), reasons=REASONS, asked=asked)


def decide(visit: Visit, name: str) -> Answer:
    """Carries a case out, refuses or lifts it. An erasure cannot be undone, so its button asks for the case's name."""
    action = visit.form.get("action", "")
    if action not in set(CaseAction):
        raise malformed("a case is carried out, refused or lifted")
    environment = visit.environment
    if action == CaseAction.CARRY_OUT:
        case = case_of(environment, name)
        if case.right is Right.ERASE and visit.form.get("confirm", "").strip() != _name_of(visit, case):
            raise malformed("what was typed is not the name of the request")
    with noted(visit, f"case.{action}", {"case": name}):
        act(environment, environment.erasures, name, CaseAction(action), operator(visit), visit.form.get("reason", ""))
    return redirect(visit, f"{ROOT}/rights/{name}")


def of_customer(visit: Visit, key: str) -> Answer:
    """What a customer asked for, and the form to note one more."""
    found = cases_of(visit.environment, customer_key(key))
    return _page(visit, "people_rights_customer.html", key=key, items=found["items"], rights=tuple(Right))


def note(visit: Visit, key: str) -> Answer:
    """A new case of this customer; nothing is done yet."""
    right, number = visit.form.get("right", ""), visit.form.get("number", "").strip()
    if right not in set(Right):
        raise malformed("the form names no right")
    plain = number.replace(".", "").replace("_", "").replace("/", "").replace("-", "")
    if len(number) > MOST_LETTERS or (plain and not (plain.isascii() and plain.isalnum())):
        raise malformed("your number of the request has letters, digits and . _ / -, and no name of a person")
    with noted(visit, "case.open", {"right": right}):
        case, _ = open_case(visit.environment, customer_key(key), Right(right), operator(visit).name, number)
    return redirect(visit, f"{ROOT}/rights/{case.id}")


def _name_of(visit: Visit, case: Case) -> str:
    """What the shop calls a request: its number, else the right."""
    return case.number or text(f"rights.right.{case.right}", visit.language)


def _actions(case: Case) -> list[str]:
    if case.state is CaseState.OPEN:
        return [CaseAction.CARRY_OUT.value, CaseAction.REFUSE.value]
    return [CaseAction.LIFT.value] if case.state is CaseState.DONE and case.right in LIFTABLE else []


def _page(visit: Visit, template: str, **content: Any) -> Answer:
    return page(visit, template, shop=shop_of(Releases(visit.environment.catalog).current()), **content)
