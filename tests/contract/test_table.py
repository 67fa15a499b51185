"""The port ``Table`` on the fake and on DynamoDB (moto, and moto behind a socket): one suite for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from moto import mock_aws

from shared.adapters.cursors import InvalidCursor, write_cursor
from shared.adapters.dynamo import DynamoTable
from shared.adapters.indexes import INDEXES, KEYS, PROJECTED
from shared.adapters.memory import MemoryTable
from shared.ports import Conflict, RefusedByTable, Table
from tests.support.moto_wire import boto3_client, moto_client, moto_server

pytestmark = pytest.mark.contract


def index(name: str) -> dict[str, Any]:
    """As the stack of ``infra/`` creates it."""
    partition, sort = KEYS[name]
    projection: dict[str, Any] = {"ProjectionType": "KEYS_ONLY"}
    if held := PROJECTED[name]:
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(held)}
    schema = [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
    return {"IndexName": name, "KeySchema": schema, "Projection": projection}


@pytest.fixture(params=["memory", "moto", "server"])
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    if request.param == "memory":
        yield MemoryTable(indexes=tuple(KEYS))
        return
    with mock_aws():
        client = boto3_client("dynamodb")
        names = {"pk", "sk", *(name for pair in KEYS.values() for name in pair)}
        client.create_table(
            TableName="customers",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
            BillingMode="PAY_PER_REQUEST",
            GlobalSecondaryIndexes=cast("Any", [index(name) for name in KEYS]),
        )
        if request.param == "moto":
            yield DynamoTable(moto_client(), "customers")
            return
        with moto_server() as served:
            yield DynamoTable(served, "customers")


def fill(table: Table, *sort_keys: str) -> None:
    table.put_many([{"pk": "p", "sk": sk} for sk in sort_keys])


def found(table: Table, **how: Any) -> list[str]:
    """All pages of a query."""
    sort_keys: list[str] = []
    cursor = None
    while True:
        page = table.query("p", cursor=cursor, **how)
        assert how.get("limit") is None or len(page.items) <= how["limit"]
        sort_keys += [item["sk"] for item in page.items]
        cursor = page.cursor
        if cursor is None:
            return sort_keys


def test_values_come_back_as_they_went(table: Table) -> None:
    """Text of any script, whole numbers, bytes, nothing, truth, and nested lists and maps survive the table."""
    item = {
        "pk": "p",
        "sk": "s",
        "text": "İı ş\x00\U0001f600",
        "empty": "",
        "number": -(10**37),
        "bytes": b"\x00\xff",
        "none": None,
        "yes": True,
        "no": False,
        "map": {"deep": {"list": [1, "a", None, {"b": b"x"}]}, "zero": 0},
        "nothing": {},
        "list": [],
    }
    table.put(item)
    assert table.get("p", "s") == item
    assert table.query("p").items == [item]
    assert table.get_many([("p", "s"), ("p", "other")]) == [item]


def test_what_was_read_is_the_readers(table: Table) -> None:
    """Changing a read item, or one that was written, changes nothing in the table."""
    mine: dict[str, Any] = {"pk": "p", "sk": "s", "list": [1], "map": {"a": {"b": 1}}}
    table.put(mine)
    mine["list"].append(2)
    for read in (table.get("p", "s"), table.query("p").items[0], table.get_many([("p", "s")])[0]):
        assert read is not None
        read["list"].append(3)
        read["map"]["a"]["b"] = 3
    assert table.get("p", "s") == {"pk": "p", "sk": "s", "list": [1], "map": {"a": {"b": 1}}}


def test_floats_are_refused(table: Table) -> None:
    """Money and time are whole numbers or text; a float never reaches the table."""
    with pytest.raises(TypeError):
        table.put({"pk": "p", "sk": "s", "price": 0.1})
    assert table.get("p", "s") is None


def test_a_put_expects_values_and_absence(table: Table) -> None:
    """A put goes through only if every named attribute has the value, or is absent where None is expected."""
    table.put({"pk": "p", "sk": "s", "version": 1}, expect={"pk": None})
    with pytest.raises(Conflict):
        table.put({"pk": "p", "sk": "s", "version": 9}, expect={"pk": None})
    with pytest.raises(Conflict):
        table.put({"pk": "p", "sk": "s", "version": 9}, expect={"version": 2})
    with pytest.raises(Conflict):
        table.put({"pk": "p", "sk": "s", "version": 9}, expect={"version": 1, "owner": "x"})
    with pytest.raises(Conflict):
        table.put({"pk": "p", "sk": "none", "version": 9}, expect={"version": 1})
    table.put({"pk": "p", "sk": "s", "version": 2}, expect={"version": 1, "owner": None})
    assert table.get("p", "s") == {"pk": "p", "sk": "s", "version": 2}


def test_a_put_replaces_the_whole_item(table: Table) -> None:
    """What the new item does not name is gone."""
    table.put({"pk": "p", "sk": "s", "old": 1})
    table.put({"pk": "p", "sk": "s", "new": 2})
    assert table.get("p", "s") == {"pk": "p", "sk": "s", "new": 2}


def test_a_deletion_expects_too(table: Table) -> None:
    """Deleting asks for what was read; deleting what is not there is well, expecting something of it is not."""
    fill(table, "s")
    table.put({"pk": "p", "sk": "s", "mark": "a"})
    with pytest.raises(Conflict):
        table.delete("p", "s", expect={"mark": "b"})
    table.delete("p", "s", expect={"mark": "a"})
    table.delete("p", "s")
    with pytest.raises(Conflict):
        table.delete("p", "s", expect={"mark": "a"})
    assert table.get("p", "s") is None
    assert found(table) == []


def test_many_puts_are_any_number(table: Table) -> None:
    """More than 25 items are written, more than 100 keys are read, a repeated key is read once."""
    sort_keys = [f"{place:03d}" for place in range(130)]
    fill(table, *sort_keys)
    assert found(table) == sort_keys
    read = table.get_many([("p", sk) for sk in [*sort_keys, "none", "000"]])
    assert sorted(item["sk"] for item in read) == sort_keys
    table.put_many([])
    assert table.get_many([]) == []


def test_many_deletes_are_any_number(table: Table) -> None:
    """More than 25 keys go; one that is not there is no error; a key that is named twice is refused before anything."""
    sort_keys = [f"{place:03d}" for place in range(60)]
    fill(table, *sort_keys)
    with pytest.raises(ValueError, match="twice"):
        table.delete_many([("p", "000"), ("p", "001"), ("p", "000")])
    assert found(table) == sort_keys
    table.delete_many([("p", sk) for sk in [*sort_keys[:55], "none"]])
    assert found(table) == sort_keys[55:]
    table.delete_many([])


def test_a_batch_names_no_key_twice(table: Table) -> None:
    """Two items of one key in a batch are refused before anything is written, also 25 items apart."""
    items = [{"pk": "p", "sk": f"{place:02d}"} for place in range(30)]
    with pytest.raises(ValueError, match="twice"):
        table.put_many([*items, {"pk": "p", "sk": "00"}])
    assert found(table) == []


def test_an_item_that_no_table_takes_is_a_value_error(table: Table) -> None:
    """More than 400 KB is refused for good: not a conflict, not a throttle."""
    with pytest.raises(RefusedByTable):
        table.put({"pk": "p", "sk": "s", "data": b"x" * 410 * 1024})
    assert table.get("p", "s") is None


@pytest.mark.parametrize(("pk", "sk"), [("", "x"), ("p", ""), ("p" * 2049, "x"), ("p", "x" * 1025), ("p", "ğ" * 513)])
def test_a_key_that_no_table_takes_is_refused(table: Table, pk: str, sk: str) -> None:
    """Empty and too long keys are refused; by the fake for reading too, as DynamoDB does and moto does not."""
    with pytest.raises(RefusedByTable):
        table.put({"pk": pk, "sk": sk})
    if isinstance(table, MemoryTable):
        for ask in (lambda: table.get(pk, sk), lambda: table.get_many([(pk, sk)]), lambda: table.delete(pk, sk)):
            with pytest.raises(RefusedByTable):
                ask()
        table.put({"pk": "p" * 2048, "sk": "x" * 1024})
        assert table.get("p" * 2048, "x" * 1024) is not None


def test_a_query_takes_a_prefix_or_a_range(table: Table) -> None:
    """Prefix; at least and below, the lower end included and the upper not; each end alone; newest first."""
    fill(table, "a", "b#", "b#1", "b#2", "b$", "c", "ç")
    table.put({"pk": "other", "sk": "b#3"})
    assert found(table, prefix="b#") == ["b#", "b#1", "b#2"]
    assert found(table, at_least="b#1", below="c") == ["b#1", "b#2", "b$"]
    assert found(table, at_least="b$") == ["b$", "c", "ç"]
    assert found(table, below="b#1") == ["a", "b#"]
    assert found(table, prefix="b#", newest_first=True) == ["b#2", "b#1", "b#"]
    assert found(table, at_least="x", below="b") == []
    assert found(table, at_least="b#", below="b#") == []


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("how", [{}, {"prefix": "1"}, {"at_least": "03", "below": "15"}, {"below": "07"}])
def test_pages_join_to_the_whole(table: Table, how: dict[str, str], newest_first: bool) -> None:
    """Pages of two, followed by their cursors, give what one query gives, in both directions."""
    fill(table, *(f"{place:02d}" for place in range(20)))
    whole = [item["sk"] for item in table.query("p", newest_first=newest_first, **cast("Any", how)).items]
    assert len(whole) >= 7
    assert found(table, limit=2, newest_first=newest_first, **how) == whole


def test_an_index_holds_only_what_has_both_keys(table: Table) -> None:
    """The indexes are sparse: an item enters with its attributes, moves with them and leaves without them."""
    table.put({"pk": "u.1", "sk": "member#new", "seg": "new#1", "since": "2026", "customer": "u.1", "more": 1})
    table.put({"pk": "u.2", "sk": "member#new", "seg": "new#1", "since": "2025", "customer": "u.2"})
    table.put({"pk": "u.3", "sk": "facts"})
    page = table.query("new#1", index="members")
    assert [(item["pk"], item["since"], item["customer"]) for item in page.items] == [
        ("u.2", "2025", "u.2"),
        ("u.1", "2026", "u.1"),
    ]
    table.put({"pk": "u.1", "sk": "member#new", "seg": "new#2", "since": "2026", "customer": "u.1"})
    table.put({"pk": "u.2", "sk": "member#new"})
    assert table.query("new#1", index="members").items == []
    assert [item["pk"] for item in table.query("new#2", index="members").items] == ["u.1"]
    table.delete("u.1", "member#new")
    assert table.query("new#2", index="members").items == []


def test_an_index_gives_what_it_projects(table: Table) -> None:
    """A listing of live customers holds keys only; who needs more must read the item."""
    table.put({"pk": "u.1", "sk": "customer", "live_shard": "live#1", "version": 4, "segments": {"new": 1}})
    assert table.query("live#1", index="live").items == [{"pk": "u.1", "sk": "customer", "live_shard": "live#1"}]
    table.put({"pk": "m1", "sk": "message", "home": "u.1", "at": "2026#m1", "state": "sent"})
    assert table.query("u.1", index="by_home").items == [{"pk": "m1", "sk": "message", "home": "u.1", "at": "2026#m1"}]


def test_an_index_is_paged_through_equal_sort_keys(table: Table) -> None:
    """Members who entered at one instant are told apart by their keys, so no page loses or repeats one."""
    names = [f"u.{place:02d}" for place in range(11)]
    table.put_many([{"pk": name, "sk": "member#n", "seg": "n#0", "since": "2026", "customer": name} for name in names])
    met: list[str] = []
    cursor = None
    while True:
        page = table.query("n#0", index="members", limit=3, cursor=cursor)
        met += [item["pk"] for item in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(met) == names


@pytest.mark.parametrize("nothing", ["", None], ids=["empty", "null"])
def test_a_key_of_an_index_is_not_empty(table: Table, nothing: str | None) -> None:
    """An item that would not be in the index is refused all the same."""
    with pytest.raises(RefusedByTable):
        table.put({"pk": "m1", "sk": "message", "at": nothing})
    assert table.get("m1", "message") is None


@pytest.mark.parametrize("value", [7, b"2026", ["2026"], "", None], ids=["number", "bytes", "list", "empty", "null"])
def test_the_fake_holds_text_in_keys_of_indexes(value: object) -> None:
    """DynamoDB refuses any other type, however it is written. Moto takes most of them, so only the fake is asked."""
    table = MemoryTable(indexes=INDEXES["messages"])
    item = {"pk": "m1", "sk": "message", "at": value}
    with pytest.raises(RefusedByTable):
        table.put(item)
    with pytest.raises(RefusedByTable):
        table.put_many([{"pk": "m2", "sk": "message"}, item])
    with pytest.raises(RefusedByTable):
        table.add("m1", "message", {"count": 1}, set_to={"at": value})
    assert table.items() == []
    MemoryTable(indexes=INDEXES["catalog"]).put(item)


def test_counters_add_and_set(table: Table) -> None:
    """Adding starts at 0, goes up and down, and sets other attributes in the same write."""
    first = table.add("p", "s", {"sent": 2, "skipped": 1}, set_to={"day": "2026-11-22", "expires": 5})
    assert first == {"sent": 2, "skipped": 1}
    assert table.add("p", "s", {"sent": -1}) == {"sent": 1}
    assert table.add("p", "s", {"sent": 4}, set_to={"day": "2026-11-23"}) == {"sent": 5}
    assert table.get("p", "s") == {
        "pk": "p", "sk": "s", "sent": 5, "skipped": 1, "day": "2026-11-23", "expires": 5,
    }  # fmt: skip


HOSTILE = [
    "",
    "x",
    "AAAA",
    "ÿ",
    "=" * 10,
    "W" * 5_000,
    write_cursor({"pk": "other", "sk": "a"}),
    write_cursor({"pk": "p"}),
    write_cursor({"pk": "p", "sk": ""}),
    write_cursor({"pk": "p", "sk": "\ud800"}),
    write_cursor({"pk": "p", "sk": "a", "more": "b"}),
    write_cursor(cast("dict[str, str]", {"pk": "p", "sk": 7})),
    write_cursor(cast("dict[str, str]", {"pk": "p", "sk": ["a"]})),
    write_cursor(cast("dict[str, str]", [])),
]


@pytest.mark.parametrize("cursor", HOSTILE)
def test_a_cursor_from_elsewhere_is_refused(table: Table, cursor: str) -> None:
    """Nonsense, and cursors that name another partition or other attributes, are refused with a remedy."""
    fill(table, "a", "b")
    with pytest.raises(InvalidCursor, match="start again without it"):
        table.query("p", cursor=cursor)


def test_a_cursor_of_a_table_is_none_of_an_index(table: Table) -> None:
    """A cursor opens the list that it was given out for, no other segment's."""
    table.put_many([{"pk": f"u.{n}", "sk": "member#n", "seg": "n#0", "since": "1", "customer": "c"} for n in range(3)])
    cursor = table.query("n#0", index="members", limit=1).cursor
    assert cursor is not None
    with pytest.raises(InvalidCursor):
        table.query("other#0", index="members", cursor=cursor)
    with pytest.raises(InvalidCursor):
        table.query("u.0", cursor=cursor)
