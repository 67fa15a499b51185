"""Mails the digest of the month before to the shop's team, once (docs/digest.md#by-mail)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from functions.measure.answer_report import answer_report
from shared.adapters.handler_errors import SafeError
from shared.domain.definitions.shop import Shop
from shared.domain.measure.digest_mail import changes_of, digest_html, digest_subject, digest_text
from shared.domain.measure.page import page
from shared.domain.measure.value_text import Language
from shared.ports.objects import Objects
from shared.ports.sender import Accepted, Ambiguous
from shared.ports.team_mail import TeamMail, TeamMailer
from shared.stores.digests import Digests

FROM_DAY = 8
"""Of the local month: what came later than six days after a message counts in neither period."""
Outcome = Literal["off", "early", "done", "nothing", "mailed"]


class DigestNotMailed(SafeError):
    """The mail did not go out, or nobody knows whether it did. It says which month and why, and no address."""


def month_before(now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """First and last day of the local month that is over."""
    last = now.astimezone(zone).date().replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def mail_digest(
    objects: Objects,
    shop: Shop,
    digests: Digests,
    mailer: TeamMailer | None,
    now: datetime,
    *,
    scratch: Path | None = None,
    memory_mb: int = 1_000,
) -> Outcome:
    """Ask for the digest of the month before and mail it, if something changed and no run did it yet.

    Called again in the same month it does nothing. Where the provider surely took nothing, the month stays open for
    the next call; where that is not known, nothing is mailed a second time.

    Raises
    ------
    DigestNotMailed
    RefusedReport
    """
    zone = ZoneInfo(shop.time_zone)
    if mailer is None or not shop.digest_to:
        return "off"
    if now.astimezone(zone).day < FROM_DAY:
        return "early"
    first, last = month_before(now, zone)
    month = f"{first:%Y-%m}"
    state = digests.state(month)
    if state == "mailing" and digests.change(month, "mailing", "unknown"):
        raise DigestNotMailed(f"{month}: a run ended while it mailed; it may have gone out")
    if state != "open":
        return "done"
    report = _report(objects, shop, first, last, now, scratch, memory_mb)
    if not changes_of(report):
        return "nothing" if digests.change(month, "open", "nothing") else "done"
    mail = _mail(report, shop, month)
    if not digests.change(month, "open", "mailing"):
        return "done"
    return _handed_over(digests, month, lambda: mailer.mail(shop.digest_to, mail))


def _handed_over(digests: Digests, month: str, send: Callable[[], Any]) -> Outcome:
    match send():
        case Accepted():
            digests.change(month, "mailing", "mailed")
            return "mailed"
        case Ambiguous() as unsure:
            digests.change(month, "mailing", "unknown")
            raise DigestNotMailed(f"{month}: it may have gone out: {unsure.reason}")
        case refused:
            digests.change(month, "mailing", "open")
            raise DigestNotMailed(f"{month}: {refused.reason}")


def _report(
    objects: Objects, shop: Shop, first: date, last: date, now: datetime, scratch: Path | None, memory_mb: int
) -> dict[str, Any]:
    asked = {
        "report": "digest",
        "from": first.isoformat(),
        "to": last.isoformat(),
        "segment": "",
        "compare": "",
        "time_zone": shop.time_zone,
        "currency": shop.currency,
        "now": now.isoformat(),
    }
    return answer_report(objects, asked, scratch=scratch, memory_mb=memory_mb)


def _mail(report: dict[str, Any], shop: Shop, month: str) -> TeamMail:
    language: Language = "tr" if shop.languages[0] == "tr" else "en"
    return TeamMail(
        subject=digest_subject(shop.name, month, language),
        html=digest_html(report, language),
        text=digest_text(report, language),
        page=page(report, language),
        file_name=f"digest-{month}.html",
    )
