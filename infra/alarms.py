"""What somebody should hear of at once. An alarm has no action of its own: point a topic of yours at it."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.queues import CHANNELS
from infra.settings import Settings

NAMESPACE = "Kervan"
PERIOD = Duration.minutes(5)
AN_HOUR = 12
"""Periods: an outage is probed at least once an hour, so the alarm stays for as long as it lasts."""


class Alarms(Construct):
    """Alarms on the counters that functions write into their logs."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        for channel in CHANNELS:
            self._on_counter(
                settings,
                channel,
                counter="provider_opened",
                name="provider-down",
                description=f"The provider of {channel} takes no messages; they wait until it works again",
            )

    def _on_counter(self, settings: Settings, channel: str, *, counter: str, name: str, description: str) -> None:
        dimensions = {"service": f"notify-{channel}", "channel": channel}
        cloudwatch.Alarm(
            self,
            "".join(part.capitalize() for part in (channel, *name.split("-"))),
            alarm_name=f"{settings.prefix}-{channel}-{name}",
            alarm_description=description,
            metric=cloudwatch.Metric(
                namespace=NAMESPACE, metric_name=counter, dimensions_map=dimensions, statistic="Sum", period=PERIOD
            ),
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            threshold=0,
            evaluation_periods=AN_HOUR,
            datapoints_to_alarm=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
