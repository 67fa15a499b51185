"""One push message to the newest device that still takes it, whatever kind of device that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.domain.messages.message import Reason
from shared.domain.profile.profile import PushToken
from shared.domain.templates.content import PushContent
from shared.ports.sender import Accepted, Ambiguous, Answer, Outgoing, Postponed, Refused, Unreachable

TRIES = 5
"""Tokens tried for one message, each only after the one before is definitely dead."""

SendTo = Callable[[PushToken, Outgoing, PushContent], Answer]
"""One attempt to one device."""


class DevicesSender:
    """``Sender`` for push. ``by_platform``: who delivers to a kind of device; others are passed over."""

    def __init__(self, by_platform: Mapping[str, SendTo]) -> None:
        self._by_platform = by_platform

    def send(self, outgoing: Outgoing) -> Answer:
        content = outgoing.content
        if not isinstance(content, PushContent):
            return Refused("provider_invalid_message")
        reachable = [token for token in outgoing.address.tokens if token.platform in self._by_platform]
        if not reachable:
            return Unreachable(Reason.UNDELIVERABLE)
        dead: list[str] = []
        for token in reachable[:TRIES]:
            answer = self._by_platform[token.platform](token, outgoing, content)
            if not (isinstance(answer, Unreachable) and answer.reason == Reason.DEAD_TOKEN):
                return _with_dead(answer, tuple(dead))
            dead.append(token.token)
        return Unreachable(Reason.DEAD_TOKEN, tuple(dead))


def _with_dead(answer: Answer, dead: tuple[str, ...]) -> Answer:
    match answer:
        case Accepted(provider_id):
            return Accepted(provider_id, dead)
        case Unreachable(reason):
            return Unreachable(reason, dead)
        case Postponed(reason, about_address=about):
            return Postponed(reason, dead, about)
        case Ambiguous(reason, about_address=about):
            return Ambiguous(reason, dead, about)
        case Refused():
            return answer
