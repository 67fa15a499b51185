"""Tables and the secret: what is stored, and what outlives the stack."""

import pytest

from shared.adapters.indexes import INDEXES, KEYS
from tests.infra.conftest import Synthesized

pytestmark = pytest.mark.unit

TABLES = (
    "customers",
    "timers",
    "messages",
    "catalog",
    "metrics",
    "stock",
    "products",
    "interests",
    "conversations",
    "iys",
    "audiences",
)
KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


def tables(template: Synthesized) -> dict[str, dict[str, object]]:
    """Whole table resources by the last word of their names."""
    return {
        str(found["Properties"]["TableName"]).rpartition("-")[2]: dict(found)
        for found in template.resources("AWS::DynamoDB::Table")
    }


def test_prod_keeps_its_data(prod: Synthesized) -> None:
    """Deleting the stack of prod deletes no table and not the key of identifiers."""
    found = tables(prod)
    assert sorted(found) == sorted(TABLES)
    for resource in (*found.values(), *prod.resources("AWS::SecretsManager::Secret")):
        assert {key: resource[key] for key in KEPT} == KEPT


def test_local_leaves_nothing_behind(local: Synthesized) -> None:
    """The laptop's stage deletes everything with the stack."""
    assert {resource["DeletionPolicy"] for resource in tables(local).values()} == {"Delete"}


@pytest.mark.parametrize("name", TABLES)
def test_every_table_of_prod_is_protected(prod: Synthesized, name: str) -> None:
    """Each is paid on demand, encrypted, recoverable to any point in time, and expires items by `expires`."""
    properties = tables(prod)[name]["Properties"]
    assert isinstance(properties, dict)
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert properties["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]


def test_customers_and_messages_have_streams_with_both_images(prod: Synthesized) -> None:
    """Readers see what an item was and what it became, and no other table pays for a stream."""
    streams = {name: resource["Properties"].get("StreamSpecification") for name, resource in tables(prod).items()}  # type: ignore[attr-defined]
    streamed = {name for name, stream in streams.items() if stream == {"StreamViewType": "NEW_AND_OLD_IMAGES"}}
    assert streamed == {"customers", "messages"}
    assert {name for name, stream in streams.items() if stream is None} == {
        "timers",
        "catalog",
        "metrics",
        "stock",
        "products",
        "interests",
        "conversations",
        "iys",
        "audiences",
    }


def test_indexes_of_customers_never_hold_the_log(prod: Synthesized) -> None:
    """`live` has keys only and `members` one attribute more, so a backfill reads no event."""
    properties = tables(prod)["customers"]["Properties"]
    assert isinstance(properties, dict)
    projections = {index["IndexName"]: index["Projection"] for index in properties["GlobalSecondaryIndexes"]}
    assert projections == {
        "live": {"ProjectionType": "KEYS_ONLY"},
        "members": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["customer"]},
    }


def test_the_list_of_a_homes_messages_holds_keys_only(prod: Synthesized) -> None:
    """So what becomes known of a message later writes no second unit."""
    properties = tables(prod)["messages"]["Properties"]
    assert isinstance(properties, dict)
    [index] = properties["GlobalSecondaryIndexes"]
    assert (index["IndexName"], index["Projection"]) == ("by_home", {"ProjectionType": "KEYS_ONLY"})


def test_the_fake_of_a_table_has_its_indexes(prod: Synthesized) -> None:
    """The table in memory refuses what the indexes of a table refuse."""
    made = {
        name: tuple(
            (index["IndexName"], *(key["AttributeName"] for key in index["KeySchema"]))
            for index in resource["Properties"].get("GlobalSecondaryIndexes", ())  # type: ignore[attr-defined]
        )
        for name, resource in tables(prod).items()
    }
    assert made == {name: tuple((index, *KEYS[index]) for index in indexes) for name, indexes in INDEXES.items()}


def test_the_key_of_identifiers_is_made_in_the_account(prod: Synthesized) -> None:
    """64 letters and digits that no person has chosen or seen."""
    secrets = prod.properties("AWS::SecretsManager::Secret")
    [secret] = [found for found in secrets if "GenerateSecretString" in found]
    assert secret["GenerateSecretString"] == {"ExcludePunctuation": True, "PasswordLength": 64}
