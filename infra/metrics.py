"""The metrics of a stage, by the names under which AWS and our own functions keep them."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs

from infra.functions import Functions
from infra.queues import CHANNELS
from infra.tables import Tables

NAMESPACE = "Kervan"
PERIOD = Duration.minutes(5)
PROMISED_MINUTES = {
    "segment-on-events": 5,
    "schedule-on-customer": 5,
    **dict.fromkeys(CHANNELS, 20),
}
"""How old the work of readers of the stream and of the channels' queues may become."""


class Metrics:
    """Metrics of the API, functions, queues and tables, and those that functions count themselves.

    Parameters
    ----------
    queues
        Queues by the names of operators, those of dead letters included.
    letters
        Groups of queues of dead letters.
    stream
        The Firehose stream of the lake; "" without one.
    """

    def __init__(
        self,
        *,
        api_id: str,
        functions: Functions,
        tables: Tables,
        queues: Mapping[str, sqs.IQueue],
        letters: Mapping[str, Sequence[sqs.IQueue]],
        stream: str = "",
    ) -> None:
        self._api_id = api_id
        self._functions = functions
        self._tables = tables
        self._queues = queues
        self._letters = letters
        self._stream = stream

    def api(self, name: str, statistic: str) -> cloudwatch.Metric:
        """A metric of the HTTP API: `Count`, `4xx`, `5xx`, `Latency`."""
        return cloudwatch.Metric(
            namespace="AWS/ApiGateway",
            metric_name=name,
            dimensions_map={"ApiId": self._api_id},
            statistic=statistic,
            period=PERIOD,
        )

    def api_errors_percent(self, least: int, period: Duration) -> cloudwatch.MathExpression:
        """The share of requests that are answered with 5xx; 0 in periods with fewer than ``least`` of them."""
        return cloudwatch.MathExpression(
            expression=f"IF(errors >= {least}, 100 * errors / requests, 0)",
            using_metrics={"requests": self.api("Count", "Sum"), "errors": self.api("5xx", "Sum")},
            period=period,
            label="5xx in percent",
        )

    def age_of_work(self, period: Duration) -> cloudwatch.MathExpression:
        """The age of the oldest work as a multiple of what is promised for it: above 1 something is late."""
        parts, found = [], dict[str, cloudwatch.IMetric]()
        for place, (name, minutes) in enumerate(PROMISED_MINUTES.items()):
            queued = name in self._queues
            found[f"age{place}"] = (
                self.of_queue(name, "ApproximateAgeOfOldestMessage", "Maximum")
                if queued
                else self.of_function(name, "IteratorAge", "Maximum", period)
            )
            parts.append(f"FILL(age{place}, 0) / {minutes * 60 * (1 if queued else 1000)}")
        return cloudwatch.MathExpression(
            expression=f"MAX([{', '.join(parts)}])",
            using_metrics=found,
            period=period,
            label="oldest work (1 is what is promised)",
        )

    def of_function(self, function: str, name: str, statistic: str, period: Duration = PERIOD) -> cloudwatch.Metric:
        """A metric of Lambda: `Errors`, `Throttles`, `Duration`, `IteratorAge`."""
        return cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name=name,
            dimensions_map={"FunctionName": self._functions[function].function.function_name},
            statistic=statistic,
            period=period,
            label=function,
        )

    def of_functions(self, functions: Sequence[str], name: str, period: Duration = PERIOD) -> cloudwatch.MathExpression:
        """The sum of a metric of Lambda over some functions."""
        found = {
            f"{name.lower()}{place}": self.of_function(one, name, "Sum", period) for place, one in enumerate(functions)
        }
        return _sum(found, name, period)

    def function_names(self) -> list[str]:
        """Every function of the stage, by the name that operators see."""
        return [one.spec.name for one in self._functions.all()]

    def of_queue(self, queue: str, name: str, statistic: str) -> cloudwatch.Metric:
        """A metric of SQS."""
        return _of_queue(self._queues[queue], name, statistic, queue)

    def letters(self, group: str, period: Duration = PERIOD) -> cloudwatch.MathExpression:
        """How many dead letters a group of queues holds; the most of each period."""
        name = "ApproximateNumberOfMessagesVisible"
        found = {
            f"{group}{place}": _of_queue(queue, name, "Maximum", group, period)
            for place, queue in enumerate(self._letters[group])
        }
        return _sum(found, group, period)

    @property
    def table_names(self) -> list[str]:
        """The tables by their names in the app."""
        return list(self._tables.by_name)

    def table_throttles(self, kind: str, names: Sequence[str]) -> cloudwatch.MathExpression:
        """Requests that these tables refused; `kind` is `Read` or `Write`."""
        found = {
            f"{kind.lower()}{place}": cloudwatch.Metric(
                namespace="AWS/DynamoDB",
                metric_name=f"{kind}ThrottleEvents",
                dimensions_map={"TableName": table.table_name},
                statistic="Sum",
                period=PERIOD,
            )
            for place, table in enumerate(self._tables.by_name[name] for name in names)
        }
        return _sum(found, "throttled requests")

    def counted(self, name: str, service: str, statistic: str, **dimensions: str) -> cloudwatch.Metric:
        """What the function `service` counts itself (shared/adapters/counters.py)."""
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"service": service, **dimensions},
            statistic=statistic,
            period=PERIOD,
        )

    def counted_by(self, services: Sequence[str], name: str) -> cloudwatch.MathExpression:
        """The sum of what some functions count themselves, each under its own name."""
        return _sum(
            {f"lost{place}": self.counted(name, one, "Sum", function=one) for place, one in enumerate(services)}, name
        )

    def of_backups(self, vault: str, name: str) -> cloudwatch.Metric:
        """A metric of AWS Backup for one vault: `NumberOfBackupJobsFailed`, `NumberOfCopyJobsFailed`."""
        return cloudwatch.Metric(
            namespace="AWS/Backup",
            metric_name=name,
            dimensions_map={"BackupVaultName": vault},
            statistic="Sum",
            period=PERIOD,
        )

    def of_delivery(self, name: str, statistic: str) -> cloudwatch.Metric:
        """A metric of the Firehose stream that fills the lake."""
        return cloudwatch.Metric(
            namespace="AWS/Firehose",
            metric_name=name,
            dimensions_map={"DeliveryStreamName": self._stream},
            statistic=statistic,
            period=PERIOD,
        )


def _of_queue(queue: sqs.IQueue, name: str, statistic: str, label: str, period: Duration = PERIOD) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/SQS",
        metric_name=name,
        dimensions_map={"QueueName": queue.queue_name},
        statistic=statistic,
        period=period,
        label=label,
    )


def _sum(metrics: Mapping[str, cloudwatch.Metric], label: str, period: Duration = PERIOD) -> cloudwatch.MathExpression:
    """An alarm takes the sum of ten metrics at most."""
    filled = " + ".join(f"FILL({name}, 0)" for name in metrics)
    return cloudwatch.MathExpression(expression=filled, using_metrics=dict(metrics), period=period, label=label)
