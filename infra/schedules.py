"""Rules of EventBridge: the minute's tick for each `on_due`, the hour's for the audits, SES's reports for a queue."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.functions import Functions
from infra.queues import WorkQueues
from infra.settings import Settings

TICKING = {
    "segment-on-due": Duration.minutes(1),
    "schedule-on-due": Duration.minutes(1),
    "stock-on-due": Duration.minutes(1),
    "support-on-due": Duration.minutes(1),
    "iys-on-due": Duration.minutes(15),
    "segment-audit": Duration.hours(1),
    "stock-audit": Duration.hours(1),
    "stock-on-feed": Duration.minutes(5),  # most ticks find no feed that is due
    "measure-compact": Duration.hours(1),
    "measure-predict": Duration.days(7),
    "measure-digest": Duration.days(1),  # once a month there is something to do
}
"""How often a function is woken by time alone."""


class Schedules(Construct):
    """Wakes functions by time and by feedback."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        functions: Functions,
        work: WorkQueues,
        configuration_set: str,
    ) -> None:
        super().__init__(scope, construct_id)
        # Functions of their own would be six resources more each, and a stack takes 500.
        for queue, word, every, what in (
            ("privacy", "retention", Duration.hours(1), "whose data have been kept long enough"),
            ("audiences", "due", Duration.minutes(15), "who enters and leaves lists at advertising platforms"),
        ):
            events.Rule(
                self,
                f"{queue.capitalize()}{word.capitalize()}",
                rule_name=f"{settings.prefix}-{queue}-{word}",
                description=f"Once {_said(every)}: {what}",
                schedule=events.Schedule.rate(every),
                targets=[
                    targets.SqsQueue(
                        work.by_name[queue],
                        message=events.RuleTargetInput.from_object({word: True}),
                        retry_attempts=0,
                        max_event_age=Duration.minutes(1),
                    )
                ],
            )
        for name, every in TICKING.items():
            if name not in functions.by_name:
                continue
            ticked = functions[name]
            # The next tick does what this one missed, so a late or failed tick is not tried again.
            ticked.invoked.configure_async_invoke(retry_attempts=0, max_event_age=Duration.minutes(1))
            events.Rule(
                self,
                f"{ticked.spec.construct_id}DueTimers",
                rule_name=f"{settings.prefix}-{name}",
                description=f"Once {_said(every)}: {ticked.spec.description.lower()}",
                schedule=events.Schedule.rate(every),
                targets=[targets.LambdaFunction(ticked.invoked, retry_attempts=0, max_event_age=Duration.minutes(1))],
            )
        events.Rule(
            self,
            "Feedback",
            rule_name=f"{settings.prefix}-ses-feedback",
            description="What became of the e-mails that this stage sent",
            event_pattern=events.EventPattern(
                source=["aws.ses"],
                # Other users of SES in this account publish to the same bus.
                detail={"mail": {"tags": {"ses:configuration-set": [configuration_set]}}},
            ),
            targets=[
                targets.SqsQueue(
                    work.by_name["feedback"],
                    max_event_age=Duration.hours(24),
                    dead_letter_queue=work.dead["feedback"],
                ),
            ],
        )


def _said(every: Duration) -> str:
    return {1: "a minute", 15: "a quarter of an hour", 60: "an hour", 1_440: "a day"}.get(
        int(every.to_minutes()), "a week"
    )
