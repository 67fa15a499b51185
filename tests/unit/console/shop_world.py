"""A shop with people of whom things are known, and messages that were sent and not sent, for pages to show."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.messages.evidence import item
from shared.domain.messages.message import Deferred, Outcome, Reason, Record, Sent, Skipped, State, Unknown
from shared.stores.ledger import write_record
from shared.stores.releases import Releases
from tests.support.world import SEGMENTS
from tests.unit.admin.test_questions import CART, fold, told
from tests.unit.console.console_world import URL, ConsoleWorld

HOSTILE = (
    "<script>document.title='run'</script>",
    "\"><img src=x onerror=document.title='run'>",
    "'-document.title='run'-'",
    "javascript:document.title='run'",
    "{{ 7 * 7 }}{% raw %}",
    "</title></textarea><svg onload=document.title='run'>",
)
"""What somebody who knows a public key may send as a trait, a product or the name of an event."""


class ShopWorld(ConsoleWorld):
    """Ayşe is user:42, with a cart, two orders, consents, a card that she was linked to, and messages; hostile values
    are in whatever a public source may say."""

    def __init__(self, url: str = URL) -> None:
        super().__init__(url)
        Releases(self.catalog).publish(Release(0, Shop(name="Kervan Moda"), segments=SEGMENTS, journeys=(CART,)))
        told(self, userId=None, anonymousId="a-1", type="page", name="Home")
        traits = {"email": "ayse@example.com", "firstName": "Ayşe", "lastName": "Yılmaz"}
        told(self, anonymousId="a-1", type="identify", traits=traits)
        told(self, userId="42", event="Card Shown", context={"externalIds": [{"type": "loyalty", "id": "L-7"}]})
        for number, text in enumerate(HOSTILE):
            told(self, type="identify", traits={f"note{number}": text})
            told(self, event=text[:90], properties={"product_id": text[:90], "name": text, text[:40]: text})
            told(self, event="Product Added", properties={"product_id": f"p{number}", "name": text, "quantity": 1})
        told(self, event="Order Completed", properties={"order_id": "S-1", "total": 100.5, "currency": "TRY"})
        told(self, event="Product Added", properties={"product_id": "q", "name": HOSTILE[0], "quantity": 2, "price": 5})
        told(self, event="Product Added to Wishlist", properties={"product_id": "w", "name": HOSTILE[1], "price": 7.5})
        told(self, event="Consent Granted", properties={"channel": "email", "address": "ayse@example.com"})
        told(self, event="Consent Withdrawn", properties={"channel": "sms"})
        told(self, type="identify", userId="43", traits={"name": f"Ayşegül {HOSTILE[1]}"})
        fold(self)
        self.ayse = self.keys(parse_identifier("user:42"))
        self.aysegul = self.keys(parse_identifier("user:43"))
        order = item("order", "S-1", self.clock.now(), channel="store", state="completed")
        self.message("sent", State.SENT, Sent(self.clock.now()), text=HOSTILE[0])
        self.message("stopped", State.SKIPPED, Skipped(Reason.STOPPED_ORDERED, "", (order,)))
        self.message("no-consent", State.SKIPPED, Skipped(Reason.NO_CONSENT), channel="sms")
        self.message("hostile", State.SKIPPED, Skipped("unless", "", (item("case", HOSTILE[1][:90], HOSTILE[0]),)))
        later = self.clock.now() + timedelta(hours=12)
        self.message("quiet", State.DEFERRED, Deferred(later, Reason.QUIET_HOURS))
        self.message("unknown", State.UNKNOWN, Unknown("timeout"))

    def message(self, name: str, state: State, outcome: Outcome, *, channel: str = "email", text: str = "") -> None:
        """Puts a message of Ayşe into the ledger."""
        now = self.clock.now()
        record = Record(
            message_id=name,
            state=state,
            home=self.ayse,
            root=self.ayse,
            enrollment="r-1",
            journey=CART.journey,
            release=1,
            step="reminder",
            template="cart-reminder",
            purpose="marketing",
            channel=channel,
            due_ms=milliseconds(now),
            clock_ms=milliseconds(now),
            decided_at=now,
            updated_at=now,
            revision=1,
            outcome=outcome,
            text=text,
        )
        self.messages.put(write_record(record))
        self.clock.advance(timedelta(hours=3))
