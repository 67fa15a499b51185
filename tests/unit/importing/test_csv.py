"""CSV: columns into bodies, Excel's ways, and rows that are broken."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cli.failure import Failure
from tests.unit.importing.files import AT, plan_of, put, refused, taken

pytestmark = pytest.mark.unit


def test_columns_of_events(tmp_path: Path) -> None:
    """Dotted names nest, numbers make lists, amounts are numbers, ids stay text, unknown names are properties."""
    plan = plan_of(
        put(
            tmp_path / "f.csv",
            "type,event,userId,anonymousId,email,phone,loyalty,timestamp,messageId,properties.order_id,total,"
            "properties.products.0.price,properties.products.0.product_id,points:number,vip:boolean,note\n"
            "track,Order Completed,42,,a@b.co,+905551112233,L7,2026-01-02 03:04:05,m1,007,1299.90,12,001,3,evet,\n",
        ),
        fmt="csv",
    )
    assert taken(plan) == [
        {
            "type": "track",
            "event": "Order Completed",
            "userId": "42",
            "timestamp": "2026-01-02T03:04:05.000Z",
            "messageId": "m1",
            "context": {
                "traits": {"email": "a@b.co", "phone": "+905551112233"},
                "externalIds": [{"type": "loyalty", "id": "L7"}],
            },
            "properties": {
                "total": 1299.9,
                "points": 3,
                "vip": True,
                "order_id": "007",
                "products": [{"price": 12, "product_id": "001"}],
            },
        }
    ]


def test_excel_in_turkey(tmp_path: Path) -> None:
    """Semicolons, a mark, decimal commas, dates with dots and Istanbul's time, letters as they are."""
    text = "\ufeffevent;userId;timestamp;total;city\r\nOrder Completed;ıİ1;21.11.2026 10:30;1.299,90;Iğdır\r\n"
    plan = plan_of(put(tmp_path / "f.csv", text), fmt="csv", zone=ZoneInfo("Europe/Istanbul"))
    (event,) = taken(plan)
    assert (event["type"], event["userId"], event["timestamp"]) == ("track", "ıİ1", "2026-11-21T07:30:00.000Z")
    assert event["properties"] == {"total": 1299.9, "city": "Iğdır"}


def test_excels_line_about_the_delimiter_and_an_older_encoding(tmp_path: Path) -> None:
    """``sep=;`` is no header; cp1254 is read if it is said, and rejected row by row if it is not."""
    path = put(tmp_path / "f.csv", "sep=;\r\nuser;city\r\n1;Şırnak\r\n2;Ankara\r\n".encode("cp1254"))
    said = taken(plan_of(path, "customers", "csv", at=AT, encoding="cp1254"))
    assert [event["traits"] for event in said] == [{"city": "Şırnak"}, {"city": "Ankara"}]
    unsaid = plan_of(path, "customers", "csv", at=AT)
    assert list(refused(unsaid)) == [3]
    assert "--encoding cp1254" in refused(unsaid)[3]
    assert [event["userId"] for event in taken(unsaid)] == ["2"]


def test_an_amount_that_can_be_read_in_two_ways_is_rejected(tmp_path: Path) -> None:
    """1.299 is a thousand in Turkey and one elsewhere: nobody guesses with money."""
    rows = [f'Order Completed;1;2026-01-01;"{total}"' for total in ("1.299", "1,299", "0.125", "12,5", "12.5", "x")]
    plan = plan_of(put(tmp_path / "f.csv", "event;userId;time;total\n" + "\n".join(rows)), fmt="csv")
    assert sorted(refused(plan)) == [2, 3, 7]
    assert [event["properties"]["total"] for event in taken(plan)] == [0.125, 12.5, 12.5]


def test_quotes_over_lines_and_lines_counted_right(tmp_path: Path) -> None:
    """A quoted line break is part of the cell; the lines of later rows are still those of the file."""
    text = 'user,note\n1,"two\nlines"\n2\n3,x\n'
    plan = plan_of(put(tmp_path / "f.csv", text), "customers", "csv", at=AT)
    assert [event["traits"]["note"] for event in taken(plan)] == ["two\nlines", "x"]
    assert refused(plan) == {4: "the row has 1 cell, the header has 2 cells"}


def test_a_quote_that_never_closes_costs_its_line(tmp_path: Path) -> None:
    """The rows that it swallowed are read anew, however far the next quote is."""
    rows = [f"{number},x" for number in range(500)]
    text = "user,note\n" + '0,"open\n' + "\n".join(rows) + '\n9,"also open\n7,last'
    plan = plan_of(put(tmp_path / "f.csv", text), "customers", "csv", at=AT)
    assert sorted(refused(plan)) == [2, 503]
    assert len(taken(plan)) == 501


def test_missing_columns_and_hostile_cells(tmp_path: Path) -> None:
    """Too few cells, too many, a NUL byte, nobody, no name of the event: a reason each."""
    rows = [
        "event,userId,time",
        "x,1",
        "x,1,2026-01-01,4",
        "x\0,1,2026-01-01",
        ",1,2026-01-01",
        "x,1,yesterday",
        "x,1,",
    ]
    text = "\n".join([*rows, "x,1,2026-01-01"])
    reasons = refused(plan := plan_of(put(tmp_path / "f.csv", text), fmt="csv"))
    assert sorted(reasons) == [2, 3, 4, 5, 6, 7]
    assert [len(taken(plan)), reasons[4], reasons[7]] == [
        1, "the row holds a NUL byte", "the row has no time; give it one, or --at for all that have none",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "row", "traits"),
    [
        (
            '"Email Address","First Name",Email',
            ["x", "Ece", "e@b.example"],
            {"Email Address": "x", "First Name": "Ece"},
        ),
        ('Email,"a;b;c;d",City', ["e@b.example", "1", "Van"], {"a;b;c;d": "1", "City": "Van"}),
        ('"Name; full",Email', ["Ece", "e@b.example"], {"Name; full": "Ece"}),
        ('Email;"Name, full, last";City', ["e@b.example", "Ece", "Van"], {"Name, full, last": "Ece", "City": "Van"}),
        ('"say ""x, y""";Email', ["1", "e@b.example"], {'say "x, y"': "1"}),
        ('"Email"', ["e@b.example"], {}),
    ],
)
def test_quoted_names_of_columns(tmp_path: Path, header: str, row: list[str], traits: dict[str, str]) -> None:
    """A delimiter that does not fit the quotes is passed over, and one inside of quotes divides nothing."""
    sign = ";" if ";" in header.replace("a;b;c;d", "").replace("Name; full", "") else ","
    plan = plan_of(put(tmp_path / "f.csv", f"{header}\n{sign.join(row)}\n"), "customers", "csv", at=AT)
    (event,) = taken(plan)
    assert event["traits"] == {**traits, "email": "e@b.example"}


@pytest.mark.parametrize("header", ["", "a,a", "a.b,a", ",,", '"open', "user\0,b", ".".join("a" * 40), "x" * 70_000])
def test_a_header_that_cannot_be_used_ends_the_import(tmp_path: Path, header: str) -> None:
    """Every row would be wrong, so it is said once, before anything is sent."""
    with pytest.raises(Failure):
        taken(plan_of(put(tmp_path / "f.csv", header + "\n1,2\n" if header else ""), "customers", "csv", at=AT))
