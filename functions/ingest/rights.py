"""``/privacy`` and ``/privacy/{token}``: a person asks for his rights and proves himself by his mailbox.

1. He names his address. Whatever it is, the answer is the same; the link goes to that address only.
2. The link shows nothing. A button sends a code to the same address.
3. With the code he chooses, reads what will happen, and confirms. What he confirmed is a case, carried out at once.

Nothing is in an address but a token of digests; what proves him goes in forms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.ingest.environment import Environment
from functions.ingest.page_style import current_release, page_language, style_of_shop
from functions.ingest.rights_codes import RightsCodes, TooManyCodes
from functions.ingest.rights_desk import RightsDesk
from functions.ingest.rights_page import RightsPage
from functions.ingest.sign_up_form import fields_of, hold_back, is_form, text_field
from shared.domain.definitions.sign_up import SignUpLimits
from shared.domain.events.event import Source
from shared.domain.identity.identifiers import InvalidIdentifier, parse_identifier
from shared.domain.privacy.case import PERSON, CaseAction, CaseState, Right
from shared.domain.privacy.held_rights import Held, Mark
from shared.domain.privacy.self_service import Asked, InvalidToken, Kind
from shared.http.answers import Answer, malformed
from shared.http.request import Request
from shared.operators.cases import act, ask_copy, case_of, open_for_the_rest, open_own_case
from shared.queries.proven_person import ProvenPerson, proven_person
from shared.stores.cases import Cases
from shared.stores.customers import CustomerStore

SOURCE = Source(PERSON, "web", trusted=True)
FORMS_PER_VISIT = 10
"""Forms that a visitor may send, for each sign-up that he may send: a request takes five."""
LIFTS = {f"lift_{held.value}": held for held in Held}


def ask_for_link(request: Request, composed: Environment, desk: RightsDesk) -> Answer:
    """The form, and what it sends: the mail goes out if the address proves somebody, which notify finds out, so that
    this answer costs the same for every address."""
    shown, limits = _page(request, composed)
    if request.method != "POST":
        return shown.ask()
    now = composed.clock.now()
    hold_back(composed, request.ip, limits, now, what="privacy")
    try:
        who = parse_identifier(f"email:{text_field(_fields(request), 'email')}")
    except InvalidIdentifier:
        return shown.ask(problem=True)
    RightsCodes(composed, desk).send("link", Asked(composed.keys(who), now), shown.language)
    return shown.asked()


def act_by_link(request: Request, token: str, composed: Environment, desk: RightsDesk) -> Answer:
    """The page behind the link of a mail."""
    shown, limits = _page(request, composed)
    now = composed.clock.now()
    try:
        asked = desk.tokens.read("link", token, now)
        if request.method != "POST":
            return shown.prove()
        hold_back(composed, request.ip, limits, now, what="privacy-step", times=FORMS_PER_VISIT)
        return _Steps(composed, desk, shown, asked.home, now).take(_fields(request))
    except InvalidToken:
        return shown.too_old()
    except TooManyCodes:
        return shown.used_up()


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps of one person, known by the digest of his address."""

    composed: Environment
    desk: RightsDesk
    shown: RightsPage
    home: str
    now: datetime

    @property
    def codes(self) -> RightsCodes:
        return RightsCodes(self.composed, self.desk)

    def take(self, fields: dict[str, Any]) -> Answer:
        step = text_field(fields, "step")
        if step == "code":
            sent = Asked(self.home, self.now)
            if not self.codes.send("code", sent, self.shown.language):
                return self.shown.used_up()
            return self.shown.code(self.desk.tokens.make("code", sent))
        if step == "prove":
            return self._prove(text_field(fields, "sent"), "".join(text_field(fields, "code").split()))
        proof = text_field(fields, "proof")
        self._read("proof", proof)
        person = self._person()
        if person is None:
            return self.shown.done("gone")
        right = text_field(fields, "right")
        if step in {"choose", "confirm"} and right not in self._choices(person):
            return self._choose(person, proof)
        steps: dict[str, Callable[[], Answer]] = {
            "choices": lambda: self._choose(person, proof),
            "choose": lambda: self.shown.confirm(proof, right, has_rest=bool(person.rest)),
            "confirm": lambda: self._carry_out(person, right, proof),
            "state": lambda: self._copy(person, proof, text_field(fields, "case")),
        }
        if step not in steps:
            raise malformed("the form is not of this page")
        return steps[step]()

    def _read(self, kind: Kind, token: str) -> Asked:
        """A token of this step and of this person; of another one's link it is none."""
        found = self.desk.tokens.read(kind, token, self.now)
        if found.home != self.home:
            raise InvalidToken("the form is of another link")
        return found

    def _prove(self, sent: str, code: str) -> Answer:
        asked = self._read("code", sent)
        person = self._person()
        if not self.codes.right(sent, asked, person.part.root if person else "", code, self.now):
            return self.shown.code(sent, wrong=True)
        proof = self.desk.tokens.make("proof", Asked(self.home, self.now))
        return self.shown.done("gone") if person is None else self._choose(person, proof)

    def _person(self) -> ProvenPerson | None:
        """What the mailbox proves now: he may have been erased meanwhile, or the address be another's."""
        return proven_person(CustomerStore(self.composed.customers), self.home, self.composed.keys, self.now)

    def _choose(self, person: ProvenPerson, proof: str) -> Answer:
        return self.shown.choose(proof, self._choices(person), "staff_holds" if self._staff_holds(person) else "")

    def _choices(self, person: ProvenPerson) -> list[str]:
        held = {one.value for one in Held if self._own(person, one)}
        return [*(one.value for one in Right if one.value not in held), *(f"lift_{one}" for one in Held if one in held)]

    def _own(self, person: ProvenPerson, right: Held) -> list[Mark]:
        """What he asked for by this page. What the shop's staff noted is theirs to end."""
        return [mark for mark in person.tree.all_held(right) if self._asked_by_himself(person, mark)]

    def _asked_by_himself(self, person: ProvenPerson, mark: Mark) -> bool:
        case = Cases(self.composed.catalog).get(mark.case)
        return case is not None and case.log[0].by == PERSON and mark.root in person.part.since

    def _staff_holds(self, person: ProvenPerson) -> bool:
        return any(not self._asked_by_himself(person, mark) for right in Held for mark in person.tree.all_held(right))

    def _lift(self, person: ProvenPerson, right: Held) -> Answer:
        """All of his own; one that is left over, because this died half way, is found by the next visit."""
        own = self._own(person, right)
        for mark in own:
            act(self.composed, self.desk.erasures, mark.case, CaseAction.LIFT, SOURCE)
        left = any(not self._asked_by_himself(person, mark) for mark in person.tree.all_held(right))
        return self.shown.done("done", own[0].case if own else "", "staff_holds" if left else "")

    def _carry_out(self, person: ProvenPerson, right: str, proof: str) -> Answer:
        if right in LIFTS:
            return self._lift(person, LIFTS[right])
        case = open_own_case(self.composed, person.part, Right(right))
        if case.right in {Right.EXPORT, Right.ERASE}:
            open_for_the_rest(self.composed, person.rest, case.right)
        if case.right is Right.EXPORT:
            ask_copy(self.composed, self.desk.erasures, case, self.shown.language)
            return self.shown.copy(proof, case.id, "")
        if case.state is CaseState.OPEN:
            case = act(self.composed, self.desk.erasures, case.id, CaseAction.CARRY_OUT, SOURCE)
        return self.shown.done("erasing" if case.right is Right.ERASE else "done", case.id)

    def _copy(self, person: ProvenPerson, proof: str, name: str) -> Answer:
        """A link to the copy, only to whose it is, and as long as it is kept."""
        case = case_of(self.composed, name)
        if case.right is not Right.EXPORT or not case.part or not person.part.since.keys() >= set(case.part):
            raise malformed("the form is not of this page")
        return self.shown.copy(proof, case.id, self.desk.link_to(case, self.now))


def _page(request: Request, composed: Environment) -> tuple[RightsPage, SignUpLimits]:
    shop = current_release(composed.catalog).shop
    style = style_of_shop(shop)
    language = page_language(request.query, "", request.headers, style)
    return RightsPage(style, language, contact=shop.contact), shop.sign_up_limits


def _fields(request: Request) -> dict[str, Any]:
    if not is_form(request):
        raise malformed("this page takes a form")
    return fields_of(request)
