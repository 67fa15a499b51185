"""Files of other tools, as these tools write them, become the same people, consents and orders."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.failure import WrongUse
from cli.importing.batches import BATCH_EVENTS, batches
from cli.importing.exports.recognise import export_named
from cli.importing.plan import Plan, export_of
from cli.importing.source import Source
from tests.unit.importing.exports import imported, statements, table, traits
from tests.unit.importing.files import AT, plan_of, put, taken
from tests.unit.importing.test_shopify import SHOPIFY

pytestmark = pytest.mark.unit

MAILCHIMP = ["Email Address", "First Name", "Address", "Phone Number", "Birthday", "MEMBER_RATING", "OPTIN_TIME",
             "CONFIRM_TIME", "LAST_CHANGED", "TAGS"]  # fmt: skip


def mailchimp(**more: str) -> str:
    cells = {
        "Email Address": "nil@example.com", "First Name": "Nil", "Address": "Moda 1  Kadıköy  34710  TR",
        "Phone Number": "", "Birthday": "02/29", "MEMBER_RATING": "4", "OPTIN_TIME": "2021-03-02 10:11:12",
        "CONFIRM_TIME": "2021-03-02 10:12:00", "LAST_CHANGED": "2024-01-01 00:00:00", "TAGS": '"yeni","vip"',
    } | more  # fmt: skip
    header = ",".join(f'"{name}"' if " " in name else name for name in cells)
    return header + "\n" + table(list(cells.values()))


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [
        ("subscribed.csv", {}, ("Consent Granted", "email", "nil@example.com", "2021-03-02")),
        ("audience.csv", {"UNSUB_TIME": "2023-07-01 00:00:00"},
         ("Consent Withdrawn", "email", "nil@example.com", "2023-07-01")),
        ("unsubscribed_members.csv", {}, ("Consent Withdrawn", "email", "nil@example.com", "2026-11-21")),
        ("cleaned_members.csv", {"CLEAN_TIME": "2023-08-01 00:00:00"},
         ("Consent Withdrawn", "email", "nil@example.com", "2023-08-01")),
    ],
)  # fmt: skip
def test_mailchimp_by_the_state_of_its_file(
    tmp_path: Path, name: str, more: dict[str, str], expected: tuple[str, str, str, str]
) -> None:
    """Subscribed is a consent, unsubscribed a withdrawal, cleaned a withdrawal of everything: the address bounced."""
    events, _, _ = imported(put(tmp_path / name, mailchimp(**more)), "customers")
    assert statements(events) == [expected]
    purpose = events[1]["properties"]["purpose"]
    assert purpose == ("all" if "CLEAN_TIME" in more else "marketing")
    assert events[0]["timestamp"] == "2024-01-01T00:00:00.000Z"
    told = traits(events[0])
    assert (told["birthday"], told["tags"]) == ("--02-29", ["yeni", "vip"])
    assert told["address"] == {"street": "Moda 1", "city": "Kadıköy", "postalCode": "34710", "country": "TR"}


def test_a_subscriber_without_a_time_is_not_believed_without_one(tmp_path: Path) -> None:
    """It is told, not guessed."""
    path = put(tmp_path / "m.csv", mailchimp(OPTIN_TIME="", CONFIRM_TIME=""))
    events, refused, plan = imported(path, "customers")
    assert (len(events), refused) == (1, {})
    assert [column for column, _ in plan.warnings] == ["consent email"]


def test_klaviyo_profiles_keep_their_properties(tmp_path: Path) -> None:
    """Words of consent, suppression, and columns of the shop's own."""
    header = ["Email", "First Name", "Phone Number", "City", "Email Marketing Consent",
              "Email Marketing Consent Timestamp", "SMS Marketing Consent", "Email Suppressions",
              "Ayak No number"]  # fmt: skip
    rows = [
        [
            "a@example.com",
            "A",
            "+905550000003",
            "İzmir",
            "SUBSCRIBED",
            "2025-02-03T04:05:06Z",
            "NEVER_SUBSCRIBED",
            "",
            "38",
        ],
        ["b@example.com", "B", "", "", "UNSUBSCRIBED", "", "", "", ""],
        ["c@example.com", "C", "", "", "SUBSCRIBED", "2025-02-03T04:05:06Z", "", "HARD_BOUNCE", ""],
        ["d@example.com", "D", "", "", "perhaps", "", "", "", ""],
    ]
    events, refused, _ = imported(put(tmp_path / "k.csv", table(header, *rows)), "customers")
    assert statements(events) == [
        ("Consent Granted", "email", "a@example.com", "2025-02-03"),
        ("Consent Withdrawn", "email", "b@example.com", "2026-11-21"),
        ("Consent Withdrawn", "email", "c@example.com", "2026-11-21"),
    ]
    assert traits(events[0])["Ayak No number"] == "38"
    assert "neither yes nor no" in refused[5]


def test_woocommerce_customers_and_orders(tmp_path: Path) -> None:
    """Analytics' customers; orders by their billing address; analytics' orders are told to name nobody."""
    customers = table(
        [
            "Name",
            "Username",
            "Last Active",
            "Sign Up",
            "Email",
            "Orders",
            "Total Spend",
            "AOV",
            "Country / Region",
            "City",
        ],
        ["Efe Ak", "efe", "2026-01-02", "2025-01-02", "efe@example.com", "3", "1,299.90", "433.30", "TR", "Ankara"],
    )
    events, _, _ = imported(put(tmp_path / "c.csv", customers), "customers")
    assert traits(events[0])["total_spent"] == 1299.9
    header = ["Order Number", "Order Status", "Order Date", "Email (Billing)", "Order Total Amount", "SKU", "Item Name",
              "Quantity", "Item Cost"]  # fmt: skip
    row = ["55", "Refunded", "2026-01-02 10:00", "efe@example.com", "30", "S", "Şapka", "1", "30"]
    events, _, _ = imported(put(tmp_path / "o.csv", table(header, row, row)), "orders")
    assert [event["event"] for event in events] == ["Order Completed", "Order Refunded"]
    with pytest.raises(WrongUse, match="names no customer's address"):
        imported(put(tmp_path / "a.csv", table(["Date", "Order #", "Product(s)", "N. Revenue"])), "orders")


def test_google_contacts_take_the_first_of_several(tmp_path: Path) -> None:
    """A second number in a cell may be somebody else's."""
    text = table(
        ["First Name", "Last Name", "Birthday", "Labels", "E-mail 1 - Value", "Phone 1 - Value"],
        ["Su", "Er", " --12-31", "Friends ::: * myContacts", "su@example.com", "+905550000004 ::: +905550000005"],
    )
    events, _, _ = imported(put(tmp_path / "g.csv", text), "customers")
    assert traits(events[0]) == {
        "firstName": "Su", "lastName": "Er", "birthday": "--12-31", "tags": ["Friends", "myContacts"],
        "email": "su@example.com", "phone": "+905550000004",
    }  # fmt: skip


ENDPOINT = {
    "Id": "e1", "Address": "token-1", "ChannelType": "GCM", "OptOut": "ALL", "EffectiveDate": "2026-01-02T03:04:05Z",
    "Attributes": {"Interests": ["shoes", "bags"]}, "Metrics": {"Spent": 12.5},
    "Demographic": {"Timezone": "Europe/Istanbul", "Locale": "tr_TR"}, "Location": {"City": "Izmir"},
    "User": {"UserId": "42", "UserAttributes": {"FirstName": ["Ayşe"]}},
}  # fmt: skip


def test_pinpoint_endpoints_of_both_formats(tmp_path: Path) -> None:
    """A device keeps its token, ALL is a withdrawal of everything, NONE is no consent."""
    email = {
        "Id": "e2",
        "Address": "ayse@example.com",
        "ChannelType": "EMAIL",
        "OptOut": "NONE",
        "User": {"UserId": "42"},
    }
    lines = put(tmp_path / "p.json", "\n".join(json.dumps(one) for one in (ENDPOINT, email)))
    events, _, plan = imported(lines, "customers", "ndjson")
    assert plan.export is not None
    assert plan.export.name == "pinpoint-endpoints"
    assert events[0]["context"]["device"] == {"id": "e1", "type": "android", "token": "token-1"}
    assert traits(events[0]) == {
        "Interests": ["shoes", "bags"], "firstName": "Ayşe", "Spent": 12.5, "timezone": "Europe/Istanbul",
        "language": "tr_TR", "address": {"city": "Izmir"},
    }  # fmt: skip
    assert statements(events) == [("Consent Withdrawn", "push", "", "2026-11-21")]
    agreed = imported(lines, "customers", "ndjson", consents_at=datetime(2025, 1, 1, tzinfo=UTC))[0]
    assert ("Consent Granted", "email", "ayse@example.com", "2025-01-01") in statements(agreed)
    text = table(
        ["ChannelType", "Address", "User.UserId", "Attributes.Interests"], ["EMAIL", "a@example.com", "7", "shoes"]
    )
    events, _, _ = imported(put(tmp_path / "p.csv", text), "customers")
    assert (events[0]["userId"], traits(events[0])) == ("7", {"Interests": "shoes", "email": "a@example.com"})


def test_a_turkish_table_written_by_hand(tmp_path: Path) -> None:
    """cp1254 and semicolons, as Excel in Turkey writes; names as people write them; unreadable cells are told."""
    rows = [
        "E-posta;Ad;Soyad;Telefon;Doğum Tarihi;Şehir;Toplam Harcama;Kampanya",
        "gul@example.com;Gül;Çağ;0533 222 11 00;17.04.1991;Muğla;1.299,90;Bahar",
        "ece@example.com;Ece;;;yarın;;1.299;",
    ]
    path = put(tmp_path / "t.csv", "\n".join(rows).encode("cp1254"))
    events, refused, plan = imported(path, "customers", encoding="cp1254")
    assert traits(events[0]) == {
        "firstName": "Gül", "lastName": "Çağ", "birthday": "1991-04-17", "address": {"city": "Muğla"},
        "total_spent": 1299.9, "Kampanya": "Bahar", "email": "gul@example.com", "phone": "0533 222 11 00",
    }  # fmt: skip
    assert traits(events[1]) == {"firstName": "Ece", "email": "ece@example.com"}
    assert refused == {}
    assert {column for column, _ in plan.warnings} == {"Doğum Tarihi", "Toplam Harcama"}


def test_files_of_our_own_form_stay_plain(tmp_path: Path) -> None:
    """What was imported before this was known is still the same event; --from plain says so for any file."""
    plain = put(tmp_path / "p.csv", "user,email,city,telefon\n1,a@example.com,Van,+905550000006\n")
    for header in ("user,email,firstName,city", "email,firstName,city,telefon", "user,E-posta,Ad,city"):
        rows = f"{header}\n1,a@example.com,Su,Van\n"
        assert imported(put(tmp_path / "q.csv", rows), "customers")[2].export is None, header
    events, _, plan = imported(plain, "customers")
    assert (plan.export, traits(events[0])["city"]) == (None, "Van")
    events, _, plan = imported(put(tmp_path / "s.csv", SHOPIFY), "customers", named="plain")
    assert traits(events[0])["First Name"] == "Elif"
    with pytest.raises(WrongUse, match="--from takes"):
        imported(plain, "customers", named="hubspot")


def test_a_form_of_the_users_own(tmp_path: Path) -> None:
    """docs/import.md's example; errors name the place."""
    from tests.unit.importing.test_documents import MAPPING

    mapping = put(tmp_path / "map.yaml", MAPPING)
    rows = ["F-1;01.10.2026 12:00;L-7;1.299,90;Bot;1", "F-1;01.10.2026 12:00;L-7;;Bağ;2"]
    text = "\n".join(["Fiş;Tarih;Üye Kartı;Tutar;Ürün;Adet", *rows])
    events, refused, _ = imported(put(tmp_path / "f.csv", text), "orders", mapping=mapping)
    assert refused == {}
    [order] = events
    assert (order["event"], order["properties"]["total"]) == ("Order Completed", 1299.9)
    assert [(one["name"], one["quantity"]) for one in order["properties"]["products"]] == [("Bot", 1), ("Bağ", 2)]
    assert order["context"]["externalIds"] == [{"type": "loyalty", "id": "L-7"}]
    for broken, reason in (
        ("columns: {A: nobody}", "columns.A"), ("columns: {A: time}", "says who it is"), ("[", "no YAML"),
        ("columns: {A: order id, B: email}", "when something was ordered"), ("colums: {}", "cannot be used"),
    ):  # fmt: skip
        with pytest.raises(WrongUse, match=reason):
            imported(put(tmp_path / "f.csv", text), "orders", mapping=put(tmp_path / "broken.yaml", broken))


def test_the_events_of_a_row_are_sent_together(tmp_path: Path) -> None:
    """An import that goes on begins behind a whole row, so no batch may end within one."""
    header, row = SHOPIFY.splitlines()[:2]
    path = put(tmp_path / "c.csv", "\n".join([header, *[row] * 300]))
    plan = Plan(
        "customers", path, "csv", "utf-8", UTC, AT, False, export_of(path, "customers", "csv", "utf-8", None, None)
    )
    with Source(path) as source:
        found = list(batches(plan.rows(source, lambda: None), plan.make(), lambda: source.position))
    assert sum(batch.rows for batch in found) == 300
    assert all(len(batch.events) == 2 * batch.rows <= BATCH_EVENTS for batch in found)


def test_customer_numbers_of_a_second_shop_have_its_prefix(tmp_path: Path) -> None:
    """As its connector names them; else they are the people of the first shop. What means nobody stays nobody."""
    header, people = "user,email,firstName\n", ["26,,Nil\n", "0,ali@example.com,Ali\n", ",eda@example.com,Eda\n"]
    file = put(tmp_path / "people.csv", header + "".join(people))
    plan = replace(plan_of(file, "customers", "csv", at=AT), user_prefix="b-")
    assert [one.get("userId") for one in taken(plan)] == ["b-26", "0", None]
    with Source(file) as source:
        assert plan.about(source, "") != replace(plan, user_prefix="c-").about(source, "")
    header = "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Total Spent\n"
    export = put(tmp_path / "shopify.csv", header + "'26,Nil,Kaya,nil@example.com,yes,10.00\n")
    shopify = replace(
        Plan("customers", export, "csv", "utf-8", UTC, AT, export=export_named("shopify-customers")), user_prefix="b-"
    )
    assert {one["userId"] for one in taken(shopify)} == {"b-26"}
    assert {one["event"] for one in taken(shopify) if "event" in one} == {"Consent Granted"}


def test_mailchimp_is_known_whatever_the_shop_calls_its_fields(tmp_path: Path) -> None:
    """Names of merge fields are the shop's own words, ``OPTIN_TIME`` and its like are not."""
    header = ["E-posta Adresi", "Ad", "Soyad", "Adres", "Telefon", "Doğum Günü", "MEMBER_RATING", "OPTIN_TIME",
              "CONFIRM_TIME", "LAST_CHANGED", "LEID", "EUID", "TAGS"]  # fmt: skip
    row = ["nil@example.com", "Nil", "Öz", "Moda 1  Kadıköy  34710  TR", "0532 111 22 33", "02/29", "2",
           "2021-03-02 10:11:12", "2021-03-02 10:12:00", "2024-01-01 00:00:00", "1", "a", ""]  # fmt: skip
    events, refused, plan = imported(put(tmp_path / "m.csv", table(header, row)), "customers")
    assert (refused, plan.export) == ({}, export_named("mailchimp-subscribed"))
    assert statements(events) == [("Consent Granted", "email", "nil@example.com", "2021-03-02")]
    told = traits(events[0])
    assert (told["firstName"], told["lastName"], told["birthday"]) == ("Nil", "Öz", "--02-29")
    assert told["address"]["city"] == "Kadıköy"
    header[7:7] = ["UNSUB_TIME"]
    row[7:7] = ["2023-07-01 00:00:00"]
    events, _, plan = imported(put(tmp_path / "u.csv", table(header, row)), "customers")
    assert plan.export == export_named("mailchimp-unsubscribed")
    assert statements(events) == [("Consent Withdrawn", "email", "nil@example.com", "2023-07-01")]


def test_turkish_names_of_columns_without_turkish_letters(tmp_path: Path) -> None:
    """As a keyboard without them, or an older till, writes them."""
    header = ["Adi", "Soyadi", "E-mail Adresi", "Tel No", "Dogum Tarihi", "Sehir", "Ilce", "Musteri No"]
    text = table(header, ["Şule", "Ak", "sule@example.com", "05321112244", "1991/04/17", "İzmir", "Konak", "77"])
    events, refused, _ = imported(put(tmp_path / "t.csv", text), "customers")
    assert refused == {}
    assert traits(events[0]) == {
        "firstName": "Şule", "lastName": "Ak", "email": "sule@example.com", "phone": "05321112244",
        "birthday": "1991-04-17", "address": {"city": "İzmir", "district": "Konak"},
    }  # fmt: skip
    assert events[0]["userId"] == "77"


@pytest.mark.parametrize(
    ("card", "expected"), [("'L7001", "L7001"), ('="007"', "007"), ("'007", "007"), ("L'7", "L'7")]
)
@pytest.mark.parametrize("named", [None, "plain"])
def test_what_keeps_a_cell_from_being_a_number_goes(
    tmp_path: Path, card: str, expected: str, named: str | None
) -> None:
    """Else the card with an apostrophe would be another customer, in files of other tools and in our own form."""
    header = ["Kart No", "Ad", "E-posta"] if named is None else ["loyalty", "name", "email"]
    text = table(
        [*header, *(["time"] if named else [])],
        [card, "'t Hooft", "'a1@example.com", *(["2026-01-01"] if named else [])],
    )
    events, refused, _ = imported(put(tmp_path / "k.csv", text), "customers", named=named)
    assert refused == {}
    assert events[0]["context"]["externalIds"] == [{"type": "loyalty", "id": expected}]
    told = traits(events[0])
    assert told.get("name", told.get("firstName")) == "'t Hooft"
    assert (told | events[0]["context"].get("traits", {}))["email"] == "a1@example.com"
