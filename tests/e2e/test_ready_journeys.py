"""Every ready journey, told through HTTP: what comes when on the customer's clock, with which words; what not, and why.

One timeline for everybody, told in ready_journeys_story.py. What was sent begins with its day, of which 0 is the first.
"""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Kervan
from tests.e2e.ready_journeys_play import Person, Played
from tests.e2e.ready_journeys_story import BELT, DRESS, END, PEOPLE, STORY

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def played(kervan: Kervan) -> Played:
    """The whole story, once."""
    everybody = Played(kervan)
    everybody.play({one.who: Person() for one in STORY} | PEOPLE, STORY, END)
    return everybody


def test_back_in_stock_comes_at_once_but_not_at_night(played: Played) -> None:
    """In the day at once, by e-mail where the app's token is dead; reported at 21:00, it is pushed at 09:00."""
    assert played.sent("emma") == ["0 10:00 back-in-stock/back email"]
    assert played.unsent("emma") == {"back-in-stock/back push failed dead_token"}
    assert "Emma, Keten Elbise is back in stock" in played.shown("emma", "back")
    assert "TRY 1,299.90" in played.shown("emma", "back")
    assert played.sent("ayla") == ["1 09:00 back-in-stock/back push"]
    assert "Keten Elbise yeniden stokta. 1.299,90 TL." in played.shown("ayla", "back")


def test_back_in_stock_is_not_told_to_who_has_it_by_morning(played: Played) -> None:
    """Bought in the night: the order is confirmed. Put into the cart in the night: the cart is reminded of at nine, and
    the message of the product gives way to it."""
    assert played.sent("asli") == ["0 22:00 post-purchase/confirmed email"]
    assert played.ended("asli")["back-in-stock"] == "stopped_bought"
    assert played.sent("arda") == [
        "1 09:00 cart-recovery/reminder email", "2 09:00 cart-recovery/offer email", "4 09:00 cart-recovery/last email",
    ]  # fmt: skip
    assert [line for line in played.unsent("arda") if line.startswith("back-in-stock/back email skipped")]


def test_a_price_drop_takes_the_place_of_the_day(played: Played) -> None:
    """Told at once with both prices; what comes two hours later waits for the morning, because of the day's cap."""
    assert played.sent("pelin") == ["0 10:00 price-drop/drop email", "1 09:00 back-in-stock/back email"]
    assert "back-in-stock/back email deferred daily_cap" in played.seen["pelin"]
    shown = played.shown("pelin", "drop")
    for words in ("Pelin, Keten Elbise artık 1.299,90 TL", "1.799,90 TL", DRESS["url"]):
        assert words in shown


def test_no_price_drop_for_a_dearer_product_or_its_buyer(played: Played) -> None:
    """A price that rose is no drop, and who bought the product in the night is not told in the morning."""
    assert played.sent("polat") == []
    assert "price-drop/drop email skipped content_missing" in played.unsent("polat")
    assert played.sent("poyraz") == ["0 22:00 post-purchase/confirmed email"]
    assert played.ended("poyraz")["price-drop"] == "stopped_bought"


def test_the_last_hours_of_an_offer_come_as_a_text_message(played: Played) -> None:
    """Two hours before the end; of two offers in a week the second has no text message left, and comes by e-mail."""
    assert played.sent("lara") == ["2 17:00 last-hours/call sms", "4 17:00 last-hours/call email"]
    assert "%20 indirim 19:00'da bitiyor, kodunuz KASIM20, Lara." in played.shown("lara", "call")
    assert "last-hours/call sms skipped channel_cap" in played.unsent("lara")


def test_the_last_hours_of_an_offer_call_no_buyer_and_nobody_at_night(played: Played) -> None:
    """An order ends it; one that ends at midnight is called in the last send hour, unless it was told only after it."""
    assert played.sent("lale") == ["1 22:00 post-purchase/confirmed email"]
    assert played.ended("lale")["last-hours"] == "stopped_ordered"
    assert played.sent("levent") == ["2 19:00 last-hours/call sms"]
    assert played.sent("leman") == []
    assert "last-hours/call sms skipped content_missing" in played.unsent("leman")


def test_the_last_hours_of_an_offer_go_before_what_was_looked_at(played: Played) -> None:
    """Both on one day, the offer's call six hours later: the follow-up (30) leaves the place to the call (80)."""
    assert played.sent("leyla") == ["2 17:00 last-hours/call sms", "3 09:00 browse-follow-up/follow-up email"]


def test_welcome_comes_on_the_morning_after(played: Played) -> None:
    """Signed up at noon: welcomed at nine, by name; not without consent."""
    assert played.sent("umay") == ["1 09:00 welcome/welcome email"]
    assert "Umay, Kervan Moda ailesine hoş geldiniz" in played.shown("umay", "welcome")
    assert played.sent("utku") == []
    assert "welcome/welcome email skipped no_consent" in played.unsent("utku")


def test_of_three_that_are_due_at_nine_the_first_in_priority_comes(played: Played) -> None:
    """Back in stock (70) goes before the price drop (65), stale by the next day, and the welcome (55), which is not."""
    assert played.sent("umut") == ["1 09:00 back-in-stock/back email", "2 09:00 welcome/welcome email"]
    assert "price-drop/drop email skipped daily_cap" in played.unsent("umut")


def test_on_the_day_of_the_sign_up_the_cart_speaks(played: Played) -> None:
    """Looked twice, left a cart: pushed after an hour, mailed when nothing happened in four; no welcome beside it, and
    a price drop (65) gives way to the cart (90) on both days."""
    assert played.sent("ufuk") == [
        "0 11:00 cart-recovery/reminder push", "0 15:00 cart-recovery/reminder email",
        "1 10:00 cart-recovery/offer email", "3 10:00 cart-recovery/last email",
    ]  # fmt: skip
    assert played.unsent("ufuk") >= {"welcome/welcome email skipped unless", "price-drop/drop push skipped priority"}
    shown = played.shown("ufuk", "offer")
    for words in ("CART10", played.in_words(4, "10:00"), "https://shop.example/cart", "Keten Elbise"):
        assert words in shown


def test_a_cart_with_something_in_it_is_not_called_empty(played: Played) -> None:
    """The follow-up of what was looked at ends with the cart, and the reason does not say the opposite."""
    assert [line["product_id"] for line in played.customers["ufuk"]["cart"]["items"]] == [DRESS["product_id"]]
    assert played.ended("ufuk")["browse-follow-up"] == "stopped_cart"


def test_what_was_looked_at_twice_comes_a_day_later(played: Played) -> None:
    """The product that was looked at again, not the one between; one look at each of two begins nothing."""
    assert played.sent("vera") == ["1 10:00 browse-follow-up/follow-up email"]
    shown = played.shown("vera", "follow-up")
    assert "Vera, Keten Elbise hakkında ne düşünüyorsunuz?" in shown
    assert DRESS["url"] in shown
    assert "Deri Kemer" not in shown
    assert (played.sent("volkan"), played.ended("volkan")) == ([], {})


def test_after_a_purchase(played: Played) -> None:
    """Confirmed at night, too; the parcel's number a minute after it is known; the review asked for in the morning."""
    assert played.sent("onur") == [
        "0 22:00 post-purchase/confirmed email", "1 11:01 post-purchase/shipped sms",
        "5 09:00 post-purchase/review email",
    ]  # fmt: skip
    assert "1.749,40 TL" in played.shown("onur", "confirmed")
    assert "Takip no: 726011, Yurtici Kargo" in played.shown("onur", "shipped")
    assert "Deri Kemer" in played.shown("onur", "review")


def test_after_a_purchase_that_went_wrong(played: Played) -> None:
    """A cancelled order says no more; who returns the parcel is asked for no review and suggested nothing."""
    assert played.sent("oya") == ["0 10:00 post-purchase/confirmed email"]
    assert played.ended("oya") == {"post-purchase": "stopped_order", "complementary": "stopped_order"}
    assert played.sent("orhan") == ["0 10:00 post-purchase/confirmed email", "1 11:01 post-purchase/shipped email"]
    assert played.unsent("orhan") >= {
        "post-purchase/review email skipped unless", "complementary/suggestion email skipped unless"
    }  # fmt: skip


def test_what_was_left_out_says_which_return_is_open(played: Played) -> None:
    """The condition in both languages, the case with its order and its time: in the list of messages and in the
    enrollment."""
    review = next(one for one in played.messages["orhan"] if one["step"] == "review")
    assert review["evidence"]["rule"]["en"].startswith("The step is left out because there is an open complaint")
    assert "açık bir şikâyet" in review["evidence"]["rule"]["tr"]
    (case,) = review["evidence"]["found"]
    assert (case["kind"], case["case"]) == ("case", "return")
    assert case["order"]
    assert case["at"]
    run = next(one for one in played.customers["orhan"]["journeys"] if one["journey"] == "post-purchase")
    step = next(one for one in run["steps"] if one["step"] == "review")
    assert step["evidence"] == review["evidence"]


def test_everything_that_was_not_sent_has_a_sentence_in_both_languages(played: Played) -> None:
    """Whoever decided it, and whatever the reason."""
    unsent = [one for messages in played.messages.values() for one in messages if one["state"] != "sent"]
    assert unsent
    for one in unsent:
        assert one["evidence"]["rule"]["tr"]
        assert one["evidence"]["rule"]["en"]


def test_what_goes_with_the_order_comes_at_the_usual_hour(played: Played) -> None:
    """A week after the parcel, at eleven as she is used to, the belt of others; who has both gets no suggestion."""
    assert played.sent("ceren") == ["0 10:00 post-purchase/confirmed email", "9 11:00 complementary/suggestion email"]
    shown = played.shown("ceren", "suggestion")
    for words in ("Keten Elbise ile en çok bunlar tercih ediliyor", "Deri Kemer", BELT["url"], "449,50 TL"):
        assert words in shown
    assert "complementary/suggestion email skipped content_missing" in played.unsent("onur")


def test_who_buys_most_sees_it_first(played: Played) -> None:
    """A day after the sixth order of half a year a code for two weeks; not to who complains, nor after five orders."""
    assert played.sent("hale") == ["0 10:00 post-purchase/confirmed email", "1 10:00 vip-early-access/invitation email"]
    shown = played.shown("hale", "invitation")
    for words in ("Hale, yeni koleksiyonu herkesten önce görün", "VIPERKEN", played.in_words(15, "10:00")):
        assert words in shown
    assert played.sent("hakan") == ["0 10:00 post-purchase/confirmed email"]
    assert played.unsent("hakan") == {"vip-early-access/invitation email skipped unless"}
    assert "vip-early-access" not in played.ended("rana")


def test_ninety_days_after_the_last_order_one_offer(played: Played) -> None:
    """To the minute, with a code for two weeks; not to who complains, nor to who orders before the morning."""
    assert played.sent("rana") == ["1 10:00 win-back/offer email"]
    shown = played.shown("rana", "offer")
    for words in ("Rana, sizi özledik: %15 indirim sizin", "DONUS15", played.in_words(15, "10:00")):
        assert words in shown
    assert played.sent("reyhan") == []
    assert played.unsent("reyhan") == {"win-back/offer email skipped unless"}
    assert played.sent("remzi") == ["1 22:00 post-purchase/confirmed email"]
    assert played.ended("remzi")["win-back"] == "stopped_ordered"


def test_a_birthday_ends_the_win_back_of_its_morning(played: Played) -> None:
    """At ten the code for two weeks, and no second offer beside it; not without consent."""
    assert played.sent("gonca") == ["2 10:00 birthday/greeting email"]
    assert played.ended("gonca")["win-back"] == "superseded"
    shown = played.shown("gonca", "greeting")
    for words in ("Gonca, doğum gününüz kutlu olsun", "DOGUMGUNU", "%15 indirim", played.in_words(16, "10:00")):
        assert words in shown
    assert played.sent("deniz") == []
    assert "birthday/greeting email skipped no_consent" in played.unsent("deniz")
