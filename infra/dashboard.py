"""One page that shows whether a stage works."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.alarms import Alarms
from infra.metrics import PERIOD, Metrics
from infra.queues import CHANNELS
from infra.settings import Settings

HALF, WHOLE = 12, 24
STREAM_READERS = ("segment-on-events", "schedule-on-customer")
TICKS = ("segment-on-due", "schedule-on-due")


class Dashboard(Construct):
    """The alarms first, then the way of an event: taken, folded, timed, sent."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, metrics: Metrics, alarms: Alarms
    ) -> None:
        super().__init__(scope, construct_id)
        page = cloudwatch.Dashboard(self, "Page", dashboard_name=settings.prefix)
        page.add_widgets(cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms.alarms), width=WHOLE))
        page.add_widgets(
            _graph("Requests", metrics.api("Count", "Sum"), metrics.api("4xx", "Sum"), metrics.api("5xx", "Sum")),
            _graph("Time to take events (ms, p50 and p99)", *_latency(metrics)),
        )
        page.add_widgets(
            _graph("5xx in percent of an hour (objective 0.1)", metrics.api_errors_percent(1, Duration.hours(1))),
            _graph("Oldest work (1 is what is promised)", metrics.age_of_work(PERIOD)),
        )
        page.add_widgets(
            _graph("Behind the stream (ms)", *_each(metrics, STREAM_READERS, "IteratorAge", "Maximum")),
            _graph(
                "Oldest due timer (s)",
                *(metrics.counted("TimerLagSeconds", name, "Maximum", function=name) for name in TICKS),
            ),
        )
        page.add_widgets(
            _graph(
                "Oldest message (s)",
                *(
                    metrics.of_queue(name, "ApproximateAgeOfOldestMessage", "Maximum")
                    for name in (*CHANNELS, "segment-work", "schedule-work")
                ),
            ),
            _graph(
                "Dead letters",
                *(metrics.letters(group) for group in ("messages", "work", "elsewhere", "failures", "undelivered")),
            ),
        )
        page.add_widgets(
            _graph(
                "Messages whose fate is unknown",
                *(metrics.counted("messages_unknown", f"notify-{one}", "Sum", channel=one) for one in CHANNELS),
            ),
            _graph(
                "Memberships that differ from the events",
                metrics.counted("AuditMismatches", "segment-audit", "Maximum", function="segment-audit"),
            ),
        )


def _latency(metrics: Metrics) -> list[cloudwatch.IMetric]:
    return [metrics.of_function("ingest-api", "Duration", statistic) for statistic in ("p50", "p99")]


def _each(metrics: Metrics, functions: tuple[str, ...], name: str, statistic: str) -> list[cloudwatch.IMetric]:
    return [metrics.of_function(function, name, statistic) for function in functions]


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=HALF)
