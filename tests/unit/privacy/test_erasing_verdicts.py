"""After an erasure no partition names the person because an operator once parted him from an identifier."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.privacy.erase_verdicts import VerdictErasure
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.identity.claims import LINK_RELEASED, LINK_RESTORED
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.erasure import CONFIRM_AFTER
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases
from tests.support.cases import UNIT, also_long, cases
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY, WEB_KEY
from tests.unit.privacy.shop import Shop42, readable

pytestmark = UNIT
ANN, BEN = "ann-500", "ben-600"
BROWSERS = ("kiosk-1", "kiosk-2")
STEPS = st.one_of(
    st.tuples(st.just("sign in"), st.sampled_from((ANN, BEN)), st.sampled_from(BROWSERS)),
    st.tuples(st.sampled_from(("release", "relink")), st.sampled_from((ANN, BEN)), st.sampled_from(BROWSERS)),
    st.tuples(st.sampled_from((LINK_RELEASED, LINK_RESTORED)), st.sampled_from((ANN, BEN)), st.sampled_from(BROWSERS)),
)


@pytest.fixture
def shop() -> Shop42:
    return Shop42()


def do(shop: Shop42, step: str, user: str, browser: str) -> None:
    """A person signs in, or somebody says whether the browser is his: an operator, or the shop's server by itself."""
    shop.world.clock.advance(timedelta(hours=1))
    if step == "sign in":
        visit = {"event": "Product Viewed", "properties": {"product_id": "p"}}
        told(shop.world, WEB_KEY, userId=user, anonymousId=browser, **visit)
    elif step in (LINK_RELEASED, LINK_RESTORED):
        told(shop.world, userId=None, anonymousId=browser, event=step, properties={"owner": f"user:{user}"})
    else:
        said = {"owner": f"user:{user}", "reason": "not his"}
        assert shop.world.post(f"/v1/customers/anonymous:{browser}/{step}", said, ADMIN_KEY)[0] in (202, 409)
    shop.fold()


def erase(shop: Shop42, who: str) -> None:
    assert shop.ask(who)[0] == 202
    shop.work()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()


def named(shop: Shop42, name: str, key: str) -> list[str]:
    """The places that name this identifier, but for the proofs of its erasure and the mark that refuses it."""
    items = [item for item in shop.world.customers.items() if item["sk"] != "erased"]
    return [f"{item['pk']} {item['sk']}" for item in items if name in readable(item) or key in readable(item)]


def facts_are_the_log(shop: Shop42, who: str) -> None:
    """What is kept of an identifier is what its log tells."""
    key = shop.world.keys(parse_identifier(who))
    store = CustomerStore(shop.world.customers)
    control = store.control(key)
    until = control.claim.contested_from(key) if control.claim else None
    told_by_log = fold(Facts(), store.events(key), Releases(shop.world.catalog).current().features, until=until)
    assert (control.facts.facts if control.facts else Facts()) == told_by_log


def test_a_browser_that_was_released_forgets_its_owner(shop: Shop42) -> None:
    """Its log, its claim and the other owner's log name the erased person no more; what happened there stays."""
    for step in (("sign in", ANN), ("release", ANN), ("sign in", BEN)):
        do(shop, *step, BROWSERS[0])
    key = shop.world.keys(parse_identifier(f"user:{ANN}"))
    browser = f"anonymous:{BROWSERS[0]}"
    assert any(readable(item).count(ANN) for item in shop.of(browser).values())
    told(shop.world, WEB_KEY, userId=None, anonymousId=BROWSERS[0], event="Looked", messageId="stays")
    shop.fold()
    erase(shop, f"user:{ANN}")
    assert named(shop, ANN, key) == []
    assert "stays" in str([readable(item) for item in shop.of(browser).values()])
    facts_are_the_log(shop, browser)


def test_an_owner_forgets_the_browser_that_was_released_and_erased(shop: Shop42) -> None:
    """The owner's log keeps what he did there himself; the decision that names the browser goes with it."""
    do(shop, "sign in", ANN, BROWSERS[0])
    do(shop, "release", ANN, BROWSERS[0])
    key = shop.world.keys(parse_identifier(f"anonymous:{BROWSERS[0]}"))
    erase(shop, f"anonymous:{BROWSERS[0]}")
    owner = shop.of(f"user:{ANN}")
    assert f"parted#{key}" not in owner
    assert not [sk for sk, item in owner.items() if LINK_RELEASED in str(item)]
    assert [item for sk, item in owner.items() if sk.startswith("t#")]
    facts_are_the_log(shop, f"user:{ANN}")


def test_the_shops_server_may_have_parted_them(shop: Shop42) -> None:
    """The decision lies in the browser's log alone."""
    do(shop, "sign in", ANN, BROWSERS[0])
    do(shop, LINK_RELEASED, ANN, BROWSERS[0])
    erase(shop, f"user:{ANN}")
    assert named(shop, ANN, shop.world.keys(parse_identifier(f"user:{ANN}"))) == []


@pytest.mark.parametrize("said", [LINK_RELEASED, LINK_RESTORED])
def test_the_shops_server_may_name_who_never_used_the_browser(shop: Shop42, said: str) -> None:
    """Nothing of his own tells of the browser, which is somebody else's."""
    told(shop.world, userId=ANN, event="Order Completed", properties={"order_id": "1"})
    do(shop, "sign in", BEN, BROWSERS[0])
    do(shop, said, ANN, BROWSERS[0])
    erase(shop, f"user:{ANN}")
    assert named(shop, ANN, shop.world.keys(parse_identifier(f"user:{ANN}"))) == []
    assert shop.of(f"user:{BEN}")


def test_who_is_known_by_a_decision_alone_can_be_erased(shop: Shop42) -> None:
    """He never wrote; or he was erased a month ago, and the shop's server named him since."""
    key = shop.world.keys(parse_identifier(f"user:{ANN}"))
    do(shop, "sign in", BEN, BROWSERS[0])
    for _ in range(2):
        do(shop, LINK_RELEASED, ANN, BROWSERS[0])
        assert named(shop, ANN, key) != []
        erase(shop, f"user:{ANN}")
        assert named(shop, ANN, key) == []
        shop.world.clock.advance(timedelta(days=31))
    assert shop.ask(f"user:{ANN}")[0] == 404


def test_an_operators_mark_outlives_that_of_segmentation(shop: Shop42) -> None:
    """By the times in it a retry is known."""
    do(shop, "sign in", ANN, BROWSERS[0])
    do(shop, LINK_RELEASED, ANN, BROWSERS[0])
    key = shop.world.keys(parse_identifier(f"anonymous:{BROWSERS[0]}"))
    assert shop.of(f"user:{ANN}")[f"parted#{key}"]["words"] == []
    do(shop, "release", ANN, BROWSERS[0])
    do(shop, LINK_RESTORED, ANN, BROWSERS[0])
    assert len(shop.of(f"user:{ANN}")[f"parted#{key}"]["words"]) == 1


def test_a_mark_alone_leads_to_the_decision(shop: Shop42) -> None:
    """The write of the events and of the mark is no transaction: the owner's log may lack the event."""
    do(shop, "sign in", ANN, BROWSERS[0])
    do(shop, "release", ANN, BROWSERS[0])
    key = shop.world.keys(parse_identifier(f"user:{ANN}"))
    for sk in [sk for sk in shop.of(f"user:{ANN}") if sk.startswith("t#")]:
        shop.world.customers.delete(key, sk)
    erase(shop, f"user:{ANN}")
    assert ANN not in shop.everything()


@pytest.mark.parametrize("erased", [f"user:{ANN}", f"anonymous:{BROWSERS[0]}"])
def test_what_was_decided_while_he_is_erased_goes_with_the_second_look(shop: Shop42, erased: str) -> None:
    """An operator releases the browser when the first look has passed, and the other one's log is folded by then."""
    do(shop, "sign in", ANN, BROWSERS[0])
    do(shop, "sign in", BEN, BROWSERS[0])
    [other] = {f"user:{ANN}", f"anonymous:{BROWSERS[0]}"} - {erased}
    said = {"owner": f"user:{ANN}", "reason": "not his"}
    assert shop.ask(erased)[0] == 202
    before = {(item["pk"], item["sk"]) for item in shop.world.customers.items()}
    assert shop.world.post(f"/v1/customers/anonymous:{BROWSERS[0]}/release", said, ADMIN_KEY)[0] == 202
    late = [item for item in shop.world.customers.items() if (item["pk"], item["sk"]) not in before]
    assert len(late) == 3  # an event in both logs, and a mark
    for item in late:
        shop.world.customers.delete(item["pk"], item["sk"])
    shop.work()
    shop.world.customers.put_many(late)
    shop.fold(only=[shop.world.keys(parse_identifier(other))])
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    assert not [item for item in shop.of(other).values() if LINK_RELEASED in readable(item)]
    assert ANN not in shop.everything() or erased != f"user:{ANN}"
    facts_are_the_log(shop, other)


@pytest.mark.parametrize("child", ["anonymous:kiosk-1", None])
def test_a_decision_about_somebody_else_stays_in_a_log_that_is_shared(shop: Shop42, child: str | None) -> None:
    """The browser was Ann's first, then Ben's, and a third one's by mistake, from whom the shop's server released it.
    It may name the browser in the event, as operators do in the owner's log."""
    for user in (ANN, BEN, "cem-700"):
        do(shop, "sign in", user, BROWSERS[0])
    shop.world.clock.advance(timedelta(hours=1))
    said = {"owner": "user:cem-700"} | ({"child": child} if child else {})
    told(shop.world, userId=None, anonymousId=BROWSERS[0], event=LINK_RELEASED, properties=said)
    shop.fold()
    erase(shop, f"user:{ANN}")
    browser = f"anonymous:{BROWSERS[0]}"
    assert [item for item in shop.of(browser).values() if LINK_RELEASED in readable(item)]
    facts_are_the_log(shop, browser)


@pytest.mark.parametrize(("key", "led"), [(WEB_KEY, False), (STORE_KEY, True)])
def test_what_a_public_key_calls_a_decision_leads_nowhere(shop: Shop42, key: str, led: bool) -> None:
    """Else whoever names strangers makes his erasure read the logs of all of them."""
    said = {"owner": f"user:{BEN}", "child": f"user:{ANN}"}
    told(shop.world, key, userId=ANN, event=LINK_RELEASED, properties=said)
    ann, ben = (shop.world.keys(parse_identifier(f"user:{who}")) for who in (ANN, BEN))
    verdicts = VerdictErasure(shop.world.customers, CustomerStore(shop.world.customers), shop.world.keys)
    assert verdicts.others([ann], shop.of(f"user:{ANN}").values()) == ([ben] if led else [])


@also_long
@given(st.lists(STEPS, min_size=1, max_size=7))
@cases(20, 600)
def test_no_partition_names_who_was_erased_whatever_was_decided(steps: list[tuple[str, str, str]]) -> None:
    """Two people, two browsers, any order of visits and decisions. Another person's facts are what his log tells."""
    shop = Shop42()
    told(shop.world, userId=ANN, event="Order Completed", properties={"order_id": "1"})
    for step in steps:
        do(shop, *step)
    erase(shop, f"user:{ANN}")
    assert ANN not in shop.everything()
    for who in (f"user:{BEN}", *(f"anonymous:{browser}" for browser in BROWSERS)):
        facts_are_the_log(shop, who)
