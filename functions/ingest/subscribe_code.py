"""``POST /v1/subscribe/confirm``: the code that a text message brought confirms a sign-up.

Whatever is wrong (the code, its age, too many tries, a sign-up that was never sent a code), the answer is the same.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from html import escape

from functions.ingest.confirm import grant
from functions.ingest.environment import Environment
from functions.ingest.page import page
from functions.ingest.page_style import current_release, page_language, page_style_of
from functions.ingest.page_texts import TEXTS, Texts
from functions.ingest.sign_up_form import CODES_PER_SIGN_UP, fields_of, hold_back, is_form, text_field
from shared.domain.consent.sign_up import CODE_DIGITS, MOST_TRIES, SignUp
from shared.domain.identity.keys import moment
from shared.http.answers import Answer, Problem, answer
from shared.http.request import Request
from shared.stores.sign_ups import PendingSignUps

_NAME = re.compile(r"[A-Za-z0-9_-]{22}")
_NOBODY = SignUp("", "sms", (), "", moment(0), "")


def confirm_code(request: Request, composed: Environment) -> Answer:
    """Grant what was asked for. The same code again is the same as once.

    Raises
    ------
    Problem
        400 ``wrong_code``, 429 for a visitor who tries too often; 400 for a body that cannot be read.
    """
    fields = fields_of(request)
    name, code = text_field(fields, "sign_up"), text_field(fields, "code")
    now = composed.clock.now()
    limits = current_release(composed.catalog).shop.sign_up_limits
    hold_back(composed, request.ip, limits, now, what="code", times=CODES_PER_SIGN_UP)
    asked = _asked(composed, name, "".join(code.split()), now)
    if asked is not None:
        grant(asked, composed, link="")
    if not is_form(request):
        if asked is None:
            raise Problem(400, "wrong_code", "the code is wrong or too old; after five tries sign up again")
        return answer({"success": True})
    style = page_style_of(composed.catalog)
    language = page_language(request.query, text_field(fields, "language"), request.headers, style)
    texts = TEXTS[language]
    if asked is None:
        form = code_form(texts, name, language, action="confirm", wrong=True)
        return page(style, language, texts["code_title"], form, status=400, switch=False)
    return page(style, language, texts["confirmed_title"], f"<p>{escape(texts['code_confirmed'])}</p>", switch=False)


def code_form(texts: Texts, name: str, language: str, *, action: str, wrong: bool = False) -> str:
    """The field for the code. ``action`` leads from the page's own address to this endpoint."""
    said = texts["code_wrong" if wrong else "code_ask"]
    notice = f'<div class="notice" role="alert"><p>{escape(said)}</p></div>' if wrong else f"<p>{escape(said)}</p>"
    return (
        f'{notice}<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="sign_up" value="{escape(name)}">'
        f'<input type="hidden" name="language" value="{escape(language)}">'
        f'<p><label>{escape(texts["code_label"])}<br><input class="code" name="code" inputmode="numeric" '
        f'autocomplete="one-time-code" maxlength="{2 * CODE_DIGITS}" required></label></p>'
        f"<p><button>{escape(texts['confirm_button'])}</button></p></form>"
        f'<p class="hint">{escape(texts["confirm_not_you"])}</p>'
    )


def _asked(composed: Environment, name: str, code: str, now: datetime) -> SignUp | None:
    """What is confirmed by this code; None if it is not right. A sign-up that is not known costs the same requests."""
    if _NAME.fullmatch(name) is None:
        return None
    pending = PendingSignUps(composed.messages)
    tries = pending.count_try(name, now)
    found = pending.get(name)
    asked = found or _NOBODY
    same = hmac.compare_digest(composed.tokens.sign_up.code(asked).encode(), code.encode("utf-8", "surrogatepass"))
    right = same and found is not None and tries <= MOST_TRIES and not asked.code_expired(now)
    return found if right else None
