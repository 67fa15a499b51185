"""``/privacy`` and ``/privacy/{token}``: a person asks for his rights and proves himself by his mailbox.

1. He names his address. Whatever it is, the answer is the same; the link goes to that address only.
2. The link shows nothing. A button sends a code to the same address.
3. With the code he chooses, reads what will happen, and confirms. What he confirmed is a case, carried out at once.

Nothing is in an address but a token of digests; what proves him goes in forms.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.ingest.environment import Environment
from functions.ingest.page_style import current_release, page_language, style_of_shop
from functions.ingest.rights_desk import RightsDesk
from functions.ingest.rights_page import RightsPage
from functions.ingest.sign_up_form import DAY, fields_of, hold_back, is_form, text_field, too_often
from shared.domain.definitions.sign_up import SignUpLimits
from shared.domain.events.event import Source
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, parse_identifier
from shared.domain.privacy.case import PERSON, CaseAction, CaseState, Right
from shared.domain.privacy.held_rights import Held
from shared.domain.privacy.rights_mail import rights_request
from shared.domain.privacy.self_service import MAILS_A_DAY, MOST_TRIES, Asked, InvalidToken, Kind
from shared.http.answers import Answer, malformed
from shared.http.request import Request
from shared.operators.cases import act, ask_copy, case_of, open_case
from shared.queries.customer_tree import Tree, load_tree
from shared.queries.proven_mailbox import proven_mailbox
from shared.stores.customers import CustomerStore
from shared.stores.sign_ups import PendingSignUps

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
    _mail("link", Asked(composed.keys(who), now), shown, composed, desk)
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


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps of one person, known by the digest of his address."""

    composed: Environment
    desk: RightsDesk
    shown: RightsPage
    home: str
    now: datetime

    def take(self, fields: dict[str, Any]) -> Answer:
        step = text_field(fields, "step")
        if step == "code":
            sent = Asked(self.home, self.now)
            _mail("code", sent, self.shown, self.composed, self.desk)
            return self.shown.code(self.desk.tokens.make("code", sent))
        if step == "prove":
            return self._prove(text_field(fields, "sent"), "".join(text_field(fields, "code").split()))
        proof = text_field(fields, "proof")
        self._read("proof", proof)
        tree = self._tree()
        if tree is None:
            return self.shown.done("gone")
        right = text_field(fields, "right")
        if step in {"choose", "confirm"} and right not in self._choices(tree):
            return self.shown.choose(proof, self._choices(tree))
        steps: dict[str, Callable[[], Answer]] = {
            "choices": lambda: self.shown.choose(proof, self._choices(tree)),
            "choose": lambda: self.shown.confirm(proof, right),
            "confirm": lambda: self._carry_out(tree, right, proof),
            "state": lambda: self._copy(tree, proof, text_field(fields, "case")),
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
        """A try is counted before the code is compared, so guesses at the same time count too."""
        asked = self._read("code", sent)
        name = self.composed.keys(Identifier(IdentifierType.DEVICE, f"privacy-code:{sent}"))
        tries = PendingSignUps(self.composed.messages).count_try(name, self.now)
        same = hmac.compare_digest(self.desk.tokens.digits(asked).encode(), code.encode("utf-8", "surrogatepass"))
        if not same or tries > MOST_TRIES:
            return self.shown.code(sent, wrong=True)
        proof = self.desk.tokens.make("proof", Asked(self.home, self.now))
        tree = self._tree()
        return self.shown.done("gone") if tree is None else self.shown.choose(proof, self._choices(tree))

    def _tree(self) -> Tree | None:
        """The customer, as long as the mailbox proves him: he may have been erased, or the address be another's now."""
        store = CustomerStore(self.composed.customers)
        if proven_mailbox(store, self.home, self.composed.keys, self.now) is None:
            return None
        return load_tree(store, self.home)

    def _choices(self, tree: Tree) -> list[str]:
        held = {one for one in Held if tree.held(one) is not None}
        asked = [one.value for one in Right if one.value not in {two.value for two in held}]
        return [*asked, *(name for name, one in LIFTS.items() if one in held)]

    def _carry_out(self, tree: Tree, right: str, proof: str) -> Answer:
        if right in LIFTS:
            mark = tree.held(LIFTS[right])
            if mark is not None:
                act(self.composed, self.desk.erasures, mark.case, CaseAction.LIFT, SOURCE)
            return self.shown.done("done", mark.case if mark else "")
        case, _ = open_case(self.composed, tree.root, Right(right), PERSON)
        if case.right is Right.EXPORT:
            ask_copy(self.composed, self.desk.erasures, case, self.shown.language)
            return self.shown.copy(proof, case.id, "")
        if case.state is CaseState.OPEN:
            case = act(self.composed, self.desk.erasures, case.id, CaseAction.CARRY_OUT, SOURCE)
        return self.shown.done("erasing" if case.right is Right.ERASE else "done", case.id)

    def _copy(self, tree: Tree, proof: str, name: str) -> Answer:
        """A link to the copy, only to whose it is, and as long as it is kept."""
        case = case_of(self.composed, name)
        if case.right is not Right.EXPORT or case.home not in tree.keys:
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


def _mail(kind: str, asked: Asked, shown: RightsPage, composed: Environment, desk: RightsDesk) -> None:
    """Hands the mail over, unless the address was written to too often today."""
    who = composed.keys(Identifier(IdentifierType.DEVICE, f"privacy-{kind}:{asked.home}"))
    if not too_often(composed, who, MAILS_A_DAY, asked.at, DAY):
        desk.mails().send_many([rights_request(kind, shown.language, asked).model_dump_json(exclude_none=True)])
