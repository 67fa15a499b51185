"""The lake for Athena: a table of Glue for each table of the lake, and a workgroup that limits what a query costs."""

import json
from pathlib import Path

from aws_cdk import Stack
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from constructs import Construct

from infra.lake import ANSWERS, LAKE, Lake
from infra.settings import Settings

COLUMNS: dict[str, list[tuple[str, str, str]]] = json.loads(
    (Path(__file__).parent / "lake_tables.json").read_text("utf-8")
)
"""By table its columns with type and meaning; ``python -m cli.lake_tables`` writes the file."""
FIRST_DAY = "2010-01-01"
"""Before it no day is looked for: each day that a query may touch is listed."""
COMMENT = 255
"""Characters that Glue takes of what a column means."""


class LakeCatalog(Construct):
    """Days are projected: no crawler runs, and a new day is there at once."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, lake: Lake) -> None:
        super().__init__(scope, construct_id)
        self.database = settings.prefix.replace("-", "_") + "_lake"
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Stack.of(self).account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=self.database, description="What reports are computed from (docs/lake.md)"
            ),
        )
        for name, columns in COLUMNS.items():
            table = self._table(name, columns, lake.bucket.bucket_name)
            table.add_dependency(database)
        self.workgroup = f"{settings.prefix}-lake"
        athena.CfnWorkGroup(
            self,
            "Workgroup",
            name=self.workgroup,
            description="Questions to the lake; each may read so much and no more",
            recursive_delete_option=not settings.retain,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=settings.athena_gb * 1_000_000_000,
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=f"s3://{lake.bucket.bucket_name}/{ANSWERS}",
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_S3"
                    ),
                ),
            ),
        )

    def _table(self, name: str, columns: list[tuple[str, str, str]], bucket: str) -> glue.CfnTable:
        location = f"s3://{bucket}/{LAKE}{name}"
        return glue.CfnTable(
            self,
            name.capitalize(),
            catalog_id=Stack.of(self).account,
            database_name=self.database,
            table_input=glue.CfnTable.TableInputProperty(
                name=name,
                table_type="EXTERNAL_TABLE",
                partition_keys=[glue.CfnTable.ColumnProperty(name="day", type="string", comment="of UTC")],
                parameters={
                    "classification": "parquet",
                    "projection.enabled": "true",
                    "projection.day.type": "date",
                    "projection.day.format": "yyyy-MM-dd",
                    "projection.day.range": f"{FIRST_DAY},NOW+2DAYS",
                    "projection.day.interval": "1",
                    "projection.day.interval.unit": "DAYS",
                    "storage.location.template": f"{location}/day=${{day}}",
                },
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=[
                        glue.CfnTable.ColumnProperty(name=column, type=kind, comment=meaning[:COMMENT])
                        for column, kind, meaning in columns
                    ],
                    location=location,
                    input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                    output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                    serde_info=glue.CfnTable.SerdeInfoProperty(
                        serialization_library="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
                    ),
                ),
            ),
        )
