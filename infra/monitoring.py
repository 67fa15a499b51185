"""Puts alarms and the dashboard on what a stage is made of."""

from aws_cdk import Stack

from infra.alarms import Alarms
from infra.api import Api
from infra.dashboard import Dashboard
from infra.dead_letters import dead_letter_queues
from infra.functions import Functions
from infra.lake import Lake
from infra.metrics import Metrics
from infra.queues import ChannelQueues, WorkQueues
from infra.rollout import Rollout
from infra.settings import Settings
from infra.streams import Streams
from infra.tables import Tables

ELSEWHERE = ("iys", "audiences")
"""Work that leads to registers and platforms: an alarm takes ten queues at most, so they have one of their own."""


def add_monitoring(
    stack: Stack,
    *,
    settings: Settings,
    api: Api,
    functions: Functions,
    tables: Tables,
    queues: ChannelQueues,
    work: WorkQueues,
    streams: Streams,
    lake: Lake | None,
) -> str:
    """Make them; returns the ARN of the topic that alarms go to."""
    letters = dead_letter_queues(functions, queues, work, streams)
    undelivered = [queue for name, queue in letters.items() if name.endswith("-undelivered")]
    failures = [function.failures for function in functions.all() if function.failures is not None]
    metrics = Metrics(
        api_id=api.http_api.api_id,
        functions=functions,
        tables=tables,
        queues={**queues.by_channel, **{f"{name}-work": queue for name, queue in work.by_name.items()}},
        letters={
            "messages": [*queues.dead.values(), work.dead["feedback"]],
            "work": [queue for name, queue in work.dead.items() if name not in (*ELSEWHERE, "feedback")],
            "elsewhere": [work.dead[name] for name in ELSEWHERE],
            "failures": failures,
            "undelivered": undelivered,
        },
        stream=lake.stream_name if lake is not None else "",
    )
    alarms = Alarms(stack, "Alarms", settings=settings, metrics=metrics)
    if settings.gradual:
        Rollout(stack, "Rollout", settings=settings, functions=functions, alarms=alarms.of_rollout)
    Dashboard(stack, "Dashboard", settings=settings, metrics=metrics, alarms=alarms)
    return alarms.topic.topic_arn
