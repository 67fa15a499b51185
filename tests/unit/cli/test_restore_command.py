"""`kervan restore`: what is missing comes back in an order in which nothing begins anew, wherever it is interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import paths, restoring
from cli.failure import Failure
from cli.main import run
from cli.restoring import Progress, Tables, restore
from shared.adapters.aws_errors import AwsRefused

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SORTS = ("claims", "customer", "e#cart", "facts", "t#2026#a", "t#2026#b", "zone")
Held = dict[tuple[str, str], dict[str, Any]]


class TwoTables:
    """DynamoDB with a restored table and one of the stage. It reads pages of ``size`` and answers half of the keys."""

    def __init__(self, restored: Held, stage: Held, size: int) -> None:
        self.restored, self.stage, self.size = restored, stage, size
        self.put: list[tuple[str, str]] = []

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        return dict(getattr(self, f"_{operation.lower()}")(request))

    def _scan(self, request: Mapping[str, Any]) -> dict[str, Any]:
        keys = sorted(self.restored)
        start = int(request.get("ExclusiveStartKey", {"at": 0})["at"])
        end = start + self.size
        more = {"LastEvaluatedKey": {"at": end}} if end < len(keys) else {}
        return {"Items": [self.restored[key] for key in keys[start:end]], **more}

    def _batchgetitem(self, request: Mapping[str, Any]) -> dict[str, Any]:
        ((table, asked),) = request["RequestItems"].items()
        done, later = asked["Keys"][: (len(asked["Keys"]) + 1) // 2], asked["Keys"][(len(asked["Keys"]) + 1) // 2 :]
        found = [key for key in done if (key["pk"]["S"], key["sk"]["S"]) in self.stage]
        return {"Responses": {table: found}, "UnprocessedKeys": {table: {**asked, "Keys": later}} if later else {}}

    def _putitem(self, request: Mapping[str, Any]) -> dict[str, Any]:
        key = (request["Item"]["pk"]["S"], request["Item"]["sk"]["S"])
        if "ConditionExpression" in request and key in self.stage:
            raise AwsRefused("PutItem", "ConditionalCheckFailedException", 400)
        self.stage[key] = request["Item"]
        self.put.append(key)
        return {}

    def _describetable(self, request: Mapping[str, Any]) -> dict[str, Any]:
        keys = [("pk", "HASH")] if request["TableName"] == "other" else [("pk", "HASH"), ("sk", "RANGE")]
        schema = [{"AttributeName": name, "KeyType": kind} for name, kind in keys]
        status = "CREATING" if request["TableName"] == "early" else "ACTIVE"
        return {"Table": {"KeySchema": schema, "TableStatus": status}}


def items(of: str) -> st.SearchStrategy[Held]:
    keys = st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(SORTS))
    stale = st.sampled_from([None, int(NOW.timestamp()), int(NOW.timestamp()) + 1])

    def made(drawn: dict[tuple[str, str], int | None]) -> Held:
        return {
            (pk, sk): {"pk": {"S": pk}, "sk": {"S": sk}, "of": {"S": of}}
            | ({"expires": {"N": str(end)}} if end else {})
            for (pk, sk), end in drawn.items()
        }

    return st.dictionaries(keys, stale, max_size=12).map(made)


@given(
    items("then"), items("since"), st.integers(1, 5), st.booleans(), st.sampled_from(["customers", "timers"]),
    st.lists(st.integers(1, 4), max_size=3),
)  # fmt: skip
def test_all_that_is_missing_comes_back_and_nothing_else_changes(
    restored: Held, stage: Held, size: int, replacing: bool, table: str, cuts: list[int]
) -> None:
    """With interruptions after any page. Without --replace what the stage has stays; expired items are left."""
    living = {key for key, item in restored.items() if item.get("expires", {}).get("N") != str(int(NOW.timestamp()))}
    expected = {**restored, **stage} if not replacing else {**stage, **{key: restored[key] for key in living}}
    expected = {key: item for key, item in expected.items() if key in stage or key in living}
    aws = TwoTables(restored, dict(stage), size)
    progress = Progress(table, "then", replacing)
    for cut in [*cuts, 1_000]:
        kept = [progress]
        for pages, _ in enumerate(restore(Tables(aws, "then", "now"), progress, NOW, kept.append), 1):
            if pages == cut:
                break
        progress = kept[-1]
    assert aws.stage == expected
    assert progress.over
    if not replacing:
        assert len(aws.put) == len(set(aws.put)) == progress.put
    assert progress.read == progress.put + progress.kept == len(living)


@given(items("then"), st.integers(1, 5))
def test_facts_come_before_customers_and_events_come_last(restored: Held, size: int) -> None:
    """So schedule finds the enrollments, and segment the facts, when the stream tells them of what was written."""
    aws = TwoTables(restored, {}, size)
    list(restore(Tables(aws, "then", "now"), Progress("customers", "then"), NOW, lambda _: None))
    ranks = [2 if sort.startswith("t#") else 1 if sort == "customer" else 0 for _, sort in aws.put]
    assert ranks == sorted(ranks)


def test_a_writer_that_was_faster_wins() -> None:
    """An item that appears between the question and the write is not overwritten."""
    aws = TwoTables({}, {("a", "facts"): {"of": {"S": "since"}}}, 1)
    item = {"pk": {"S": "a"}, "sk": {"S": "facts"}}
    assert not Tables(aws, "then", "now").put(item, replacing=False)
    assert aws.stage == {("a", "facts"): {"of": {"S": "since"}}}


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TwoTables:
    restored: Held = {("a", sort): {"pk": {"S": "a"}, "sk": {"S": sort}} for sort in SORTS}
    aws = TwoTables(restored, {}, 3)
    monkeypatch.setenv("KERVAN_HOME", str(tmp_path))
    monkeypatch.setattr(restoring, "catalog_table", lambda _stage: type("Found", (), {"client": aws}))
    return aws


def test_the_command_says_what_it_wrote_and_goes_on_where_it_stopped(
    stack: TwoTables, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted copy goes on; one of another table is refused until it is finished or forgotten."""
    asked = ["restore", "customers", "--from", "copy"]
    with monkeypatch.context() as patch:
        patch.setattr(Tables, "put", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        run(asked)
    assert not stack.put
    progress = Progress("customers", "copy", after={"at": 3}, read=3, put=3)
    restoring.keep("local", progress)
    assert run(["restore", "timers", "--from", "copy"]) == 1
    assert "was interrupted" in capsys.readouterr().err
    assert run(asked) == 0
    said = capsys.readouterr().out
    assert "going on behind 3 items" in said
    assert paths.read(restoring.FILE.format(stage="local")) == {}
    assert run([*asked, "--json"]) == 0
    assert '"put": 2' in capsys.readouterr().out  # those that the made-up interruption left out


@pytest.mark.parametrize(
    ("asked", "said", "status"),
    [
        (["messages", "--from", "copy", "--replace"], "messages remember", 2),
        (["timers", "--from", "kervan-local-timers"], "the table of the stage itself", 2),
        (["timers", "--from", "other"], "no table of Kervan", 2),
        (["timers", "--from", "early"], "wait until it is ACTIVE", 1),
    ],
)
def test_wrong_use_is_refused_before_anything_is_written(
    stack: TwoTables, capsys: pytest.CaptureFixture[str], asked: list[str], said: str, status: int
) -> None:
    """The ledger is never overwritten, and only tables of Kervan are read."""
    assert run(["restore", *asked]) == status
    assert said in capsys.readouterr().err
    assert not stack.put


def test_a_broken_note_is_no_riddle(stack: TwoTables) -> None:
    """A note of another version says how to begin anew."""
    paths.write(restoring.FILE.format(stage="local"), {"strange": 1})
    with pytest.raises(Failure, match="--restart"):
        restoring.begin("local", Progress("timers", "copy"))
