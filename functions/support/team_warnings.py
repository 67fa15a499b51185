"""Tells a team by mail that an answer is due soon or late: once each, and not more mails than people read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from shared.domain.conversations.conversation import Conversation, State
from shared.domain.identity.keys import milliseconds
from shared.domain.service.rules import ServiceRules
from shared.domain.templates.formats import moment_text
from shared.ports import Conflict
from shared.ports.sender import Ambiguous, Postponed
from shared.ports.team_mail import TeamMail, TeamMailer
from shared.stores.chat_limits import ChatLimits, Limit
from shared.stores.conversation_items import pk_of
from shared.stores.conversations import Conversations

IN_AN_HOUR = (Limit(20, timedelta(hours=1)),)
"""Mails to one team. Whoever has more late answers looks at the pool."""
KEPT = timedelta(days=30)
TOLD = "told#"
_TEXTS = {
    "tr": {
        "warned": "Yanıt süresi yaklaşıyor: {number}",
        "late": "Yanıt gecikti: {number}",
        "body": "{channel} üzerinden yazan bir müşteri yanıt bekliyor. Süre: {due}.",
        "last": "Bu saat içinde başka uyarı gönderilmeyecek; görüşmelere bakın.",
    },
    "en": {
        "warned": "An answer is due soon: {number}",
        "late": "An answer is late: {number}",
        "body": "A customer who wrote by {channel} waits for an answer. Due: {due}.",
        "last": "No further warning is mailed within this hour; look at the conversations.",
    },
}


class NotMailed(Exception):
    """The provider does not take the mail now; the next minute tries again."""


@dataclass(frozen=True, slots=True)
class TeamWarnings:
    """``mailer``: None where the deployment sends no e-mail. ``public_url``: where the console is."""

    conversations: Conversations
    rules: Callable[[], ServiceRules]
    mailer: Callable[[], TeamMailer | None]
    public_url: str

    def tell(self, one: Conversation, now: datetime) -> bool:
        """Mail the newest mark of a wait, once. Repeated, it changes nothing.

        It is noted before it is mailed: a crash between leaves it unsaid, and a mail that may have gone out is not
        sent again. What the provider surely did not take is tried again.

        Raises
        ------
        NotMailed
        """
        rules = self.rules()
        team, kind = rules.team_of(one.team), "late" if one.late_at is not None else "warned"
        if team is None or not team.tell or one.waiting_since is None or one.state is not State.OPEN:
            return False
        mailer = self.mailer() if one.warned_at is not None or one.late_at is not None else None
        if mailer is None:
            return False
        note = {"pk": pk_of(one.id), "sk": f"{TOLD}{kind}#{milliseconds(one.waiting_since)}"}
        table = self.conversations.table
        try:
            table.put({**note, "at": milliseconds(now), "expires": int((now + KEPT).timestamp())}, expect={"pk": None})
        except Conflict:
            return False
        (limit,) = IN_AN_HOUR
        used = ChatLimits(table).used(f"told#{team.team}", limit, now)
        if used > limit.most:
            return False
        said = mailer.mail(team.tell, self._mail(one, kind, rules, last=used == limit.most))
        if isinstance(said, Postponed):
            table.delete(note["pk"], note["sk"])
            raise NotMailed(said.reason)
        return not isinstance(said, Ambiguous)

    def _mail(self, one: Conversation, kind: str, rules: ServiceRules, *, last: bool) -> TeamMail:
        """It names the conversation and nothing of the customer: mailboxes of teams are read by many."""
        language = next((known for known in rules.languages if known in _TEXTS), "en")
        texts = _TEXTS[language]
        due = "" if one.due_at is None else moment_text(one.due_at, ZoneInfo(rules.time_zone), language)
        lines = [texts["body"].format(channel=one.channel, due=due)]
        if self.public_url:
            lines.append(f"{self.public_url}/console/conversations/{one.id}")
        if last:
            lines.append(texts["last"])
        html = "".join(f"<p>{escape(line)}</p>" for line in lines)
        return TeamMail(texts[kind].format(number=one.id), html, "\n\n".join(lines) + "\n")
