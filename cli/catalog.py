"""The catalog table of a stage, reached with AWS credentials: where keys and releases are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.failure import Failure
from cli.local import deploy, server
from cli.local.emulator import FRESH
from cli.local.running import local_stack
from cli.table_pages import scan_page

if TYPE_CHECKING:
    from shared.adapters.dynamo import Client, DynamoTable


@dataclass(frozen=True, slots=True)
class Catalog:
    """``table`` is the port; ``client`` and ``name`` reach the same table.

    ``base`` is the address of the local stack, if it is the local one's.
    """

    client: Client
    name: str
    base: str = ""

    @property
    def table(self) -> DynamoTable:
        from shared.adapters.dynamo import DynamoTable

        return DynamoTable(self.client, self.name)

    def use_at_once(self) -> None:
        """Lets the local functions start anew and know what was just published; a deployment follows by itself."""
        if self.base:
            try:
                server.ask(self.base, FRESH, method="POST", timeout=120.0)  # a busy machine takes its time
            except OSError as silent:
                raise Failure(
                    "it is stored, but the local functions did not start anew: `make stop`, `make run`"
                ) from silent

    def scan_prefix(self, prefix: str) -> Iterator[dict[str, Any]]:
        """Items whose partition key begins with ``prefix``; the catalog is small."""
        from shared.adapters.attribute_values import read_item

        request = {
            "TableName": self.name,
            "FilterExpression": "begins_with(#pk, :prefix)",
            "ExpressionAttributeNames": {"#pk": "pk"},
            "ExpressionAttributeValues": {":prefix": {"S": prefix}},
        }
        items, after = scan_page(self.client, request, None)
        yield from map(read_item, items)
        while after:
            items, after = scan_page(self.client, request, after)
            yield from map(read_item, items)


def catalog_table(stage: str) -> Catalog:
    """The local stack's, or that of `kervan-<stage>` in the account and region of the caller's AWS settings.

    Raises
    ------
    Failure
        If it cannot be reached.
    """
    if stage == "local":
        return local_catalog(local_stack().base)
    from shared.adapters.aws_clients import dynamo_client
    from shared.adapters.aws_errors import AwsError

    name = f"kervan-{stage}-catalog"
    try:
        client = dynamo_client()
        client.call("DescribeTable", {"TableName": name})
    except AwsError as refused:
        raise Failure(f"the table {name} cannot be reached: {refused}") from refused
    return Catalog(client, name)


def local_catalog(base: str) -> Catalog:
    """The catalog of a running local stack."""
    from shared.adapters.aws_clients import client_at
    from shared.adapters.aws_json import DYNAMODB

    client = client_at(DYNAMODB, base, deploy.REGION, "test", "test")  # the emulator takes any credentials
    return Catalog(client, deploy.outputs()["TableCatalog"], base)


def customers_table(stage: str) -> DynamoTable:
    """The customers of the local stack, or of `kervan-<stage>`: for what reads a whole history with AWS credentials.

    Raises
    ------
    Failure
        If it cannot be reached.
    """
    from shared.adapters.dynamo import DynamoTable

    catalog = catalog_table(stage)
    name = deploy.outputs()["TableCustomers"] if catalog.base else f"kervan-{stage}-customers"
    return DynamoTable(catalog.client, name)
