"""What follows from an outcome: the next channel, a timer, events in the customer's log. Safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from shared.domain.events.event import Event, EventType
from shared.domain.identity.identifiers import Identifier
from shared.domain.journeys.enrollment import Enrollment
from shared.domain.messages.message import UNREACHABLE, Deferred, Failed, Record, Sent, Skipped, Unknown
from shared.domain.messages.request import CALLED_ONCE, Channel, SendRequest
from shared.ports import Item, Queue
from shared.queries.customer_tree import Tree
from shared.stores.customers import CustomerStore
from shared.stores.event_items import Keys, event_item
from shared.stores.timers import Timers

SOURCE = "kervan"
SENT_EVENTS: Mapping[str, str] = {"email": "Email Sent", "sms": "SMS Sent", "push": "Push Sent"}
TOKEN_DIED = "Push Notification Bounced"  # noqa: S105  the name of an event


class FollowUp(Struct, frozen=True):
    """Acts on an outcome. Ids of events are made of the message id, so writing them again changes nothing."""

    customers: CustomerStore
    timers: Timers
    queues: Mapping[Channel, Queue]
    keys: Keys

    def carry_on(self, request: SendRequest, record: Record, tree: Tree, enrollment: Enrollment | None) -> list[Item]:
        """Hands over and arms what follows. Returns the events; the caller stores them together with those of other
        messages."""
        match record.outcome:
            case Sent() if request.test:
                pass  # it counts nowhere
            case Sent(at):
                return self._event(tree, record, SENT_EVENTS[record.channel], at, "sent", {})
            case Deferred(until):
                self._wake(request, enrollment, until)
            case Skipped(reason) | Failed(reason) if reason in UNREACHABLE:
                self._next_channel(request)
            case Unknown(reason) if reason in UNREACHABLE and record.purpose not in CALLED_ONCE:
                # Refused or skipped after a call without an answer: better twice told than never.
                self._next_channel(request)
            case _:
                pass
        return []

    def tokens_died(self, record: Record, tree: Tree, token_keys: Sequence[str], at: datetime) -> None:
        """Stores an event for each push token that the provider refused for good, with its keyed digest."""
        for key in () if record.test else token_keys:  # a test tells nothing of its recipient
            said = {"token_key": key, "reason": "dead_token"}
            self.customers.put_events(self._event(tree, record, TOKEN_DIED, at, f"dead-{key}", said))

    def _next_channel(self, request: SendRequest) -> None:
        following = request.for_next_channel()
        if following is not None:
            self.queues[following.own_channel].send_many([following.model_dump_json(exclude_none=True)])

    def _wake(self, request: SendRequest, enrollment: Enrollment | None, until: datetime) -> None:
        revision = enrollment.version if enrollment else 0
        self.timers.arm("journey", until, request.home, request.timer_ref, revision, request.step)

    def _event(
        self, tree: Tree, record: Record, name: str, at: datetime, what: str, more: Mapping[str, str]
    ) -> list[Item]:
        """The event for the log of the message's home; none for a home without a plain name, which was erased."""
        who = _plain_home(tree, record.home)
        if who is None:
            return []
        properties = {
            "message_id": record.message_id,
            "channel": record.channel,
            "journey": record.journey,
            "step": record.step,
            "template": record.template,
            "purpose": record.purpose,
            **({"subject": record.text} if record.text else {}),
            **({"coupon": record.coupon} if record.coupon else {}),
            **more,
        }
        event = Event(
            type=EventType.TRACK,
            name=name,
            message_id=f"{record.message_id}-{what}",
            time=at,
            received_at=at,
            source=SOURCE,
            channel=record.channel,
            trusted=True,
            identifiers=(who,),
            properties=properties,
        )
        return [event_item(event, self.keys, home=record.home)]


def _plain_home(tree: Tree, home: str) -> Identifier | None:
    return next((member.identifier for member in tree.members if member.key == home), None)
