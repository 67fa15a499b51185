"""What sending needs: SES configuration set and identity, Pinpoint application, the senders' rights.

Without a sender nothing here permits a single message: the functions decide and record, and send nothing.
"""

import aws_cdk as cdk
from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_pinpoint as pinpoint
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.functions import Functions
from infra.queues import WorkQueues
from infra.sender_secrets import SenderSecrets
from infra.settings import Settings
from infra.text_messages import TextMessages, allow_text_messages

OWN_EVENTS = (ses.EmailSendingEvent.OPEN, ses.EmailSendingEvent.CLICK)
"""Our own links and pixel tell these: SES would write its links around ours, and each click would come twice."""


class Sending(Construct):
    """The sending side of a stage, and the environment of the three senders."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        functions: Functions,
        work: WorkQueues,
        public_url: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._work = work
        self._public_url = public_url
        self._functions = functions
        self.configuration_set_name = settings.prefix
        self.configuration_set = self._configuration_set()
        self.identity = self._identity()
        # The emulator knows no Pinpoint application: there a capture server answers to any name.
        self.pinpoint_app = None if settings.local else pinpoint.CfnApp(self, "Push", name=settings.prefix)
        if self.pinpoint_app is not None:
            cdk.Validations.of(self.pinpoint_app).acknowledge(
                cdk.Acknowledgment(
                    id="CloudFormation-Validate::W3696",
                    reason="SendMessages to tokens is the part of Pinpoint that stays",
                )
            )
        self.secrets = SenderSecrets(self, "Secrets", settings=settings, functions=functions)
        self.text_messages = None if settings.local else self._text_messages()
        self._tell()
        self._tell_agents()
        self._permit()

    @property
    def pinpoint_app_id(self) -> str:
        """The application whose credentials deliver push messages."""
        return "local" if self.pinpoint_app is None else self.pinpoint_app.ref

    def _configuration_set(self) -> ses.ConfigurationSet:
        configuration_set = ses.ConfigurationSet(
            self,
            "ConfigurationSet",
            configuration_set_name=self.configuration_set_name,
            reputation_metrics=True,
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
            tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE,
        )
        configuration_set.add_event_destination(
            "Feedback",
            configuration_set_event_destination_name="feedback",
            destination=ses.EventDestination.event_bus(events.EventBus.from_event_bus_name(self, "Bus", "default")),
            events=[event for event in ses.EmailSendingEvent if event not in OWN_EVENTS],
        )
        return configuration_set

    def _identity(self) -> ses.EmailIdentity | None:
        senders = self._settings.senders
        if not senders.email or senders.identity == "existing":
            return None
        return ses.EmailIdentity(
            self,
            "Identity",
            identity=(
                ses.Identity.domain(senders.domain)
                if senders.identity == "domain"
                else ses.Identity.email(senders.email)
            ),
            configuration_set=self.configuration_set,
        )

    def _text_messages(self) -> TextMessages | None:
        if not self._settings.senders.sms or self._settings.senders.sms_carrier == "gateway":
            return None
        return TextMessages(self, "TextMessages", settings=self._settings, work=self._work)

    def _tell(self) -> None:
        settings = self._settings
        for sender in self._functions.of("notify"):
            channel = sender.spec.name.removeprefix("notify-")
            sender.set("KERVAN_CHANNEL", channel)
            sender.set("KERVAN_SENDING", "on" if settings.senders.any else "off")
            sender.set("KERVAN_SENDER_EMAIL", settings.senders.email)
            sender.set("KERVAN_SENDER_SMS", settings.senders.sms)
            sender.set("KERVAN_SMS", settings.senders.sms_carrier)
            sender.set("KERVAN_SMS_MAX_PRICE", settings.senders.sms_max_price)
            sender.set("KERVAN_PINPOINT_APP", self.pinpoint_app_id if settings.senders.push else "")
            sender.set("KERVAN_WEB_PUSH", "on" if settings.senders.web_push else "off")
            sender.set("KERVAN_CONFIGURATION_SET", self.configuration_set_name)
            sender.set("KERVAN_PUBLIC_URL", self._public_url)  # links to unsubscribe lead to the HTTP API
            if settings.graph_endpoint and channel == "social":
                sender.set("KERVAN_GRAPH_URL", settings.graph_endpoint)
            if settings.pinpoint_endpoint:
                sender.set("AWS_ENDPOINT_URL_PINPOINT", settings.pinpoint_endpoint)
        if settings.graph_endpoint:
            self._functions["support-on-queue"].set("KERVAN_GRAPH_URL", settings.graph_endpoint)
        for name in self._to_teams():
            self._functions[name].set("KERVAN_SENDER_EMAIL", settings.senders.email)
            self._functions[name].set("KERVAN_CONFIGURATION_SET", self.configuration_set_name)

        if settings.iys_endpoint:
            for function in self._functions.of("iys"):
                function.set("KERVAN_IYS_URL", settings.iys_endpoint)
        if settings.ads_endpoint:
            for function in self._functions.of("audiences"):
                function.set("KERVAN_ADS_URL", settings.ads_endpoint)

    def _tell_agents(self) -> None:
        """Who hands answers over knows by which channels of Meta they can go."""
        for function in self._functions.of("support", "console"):
            function.set("KERVAN_SOCIAL", " ".join(self._settings.senders.social))

    def _permit(self) -> None:
        senders = self._settings.senders
        stack = Stack.of(self)
        if senders.email:
            for name in self._mailing():
                self._functions[name].allow("ses:SendEmail", on=self._mail_resources(stack))
            self._functions["notify-email"].role.add_to_policy(
                iam.PolicyStatement(actions=["ses:GetAccount"], resources=["*"])  # SES names no resource for it
            )
        if senders.sms and senders.sms_carrier == "end_user_messaging":
            allow_text_messages(stack, self._functions["notify-sms"], self.configuration_set_name)
        elif senders.sms and senders.sms_carrier == "sns":
            # A phone number has no ARN: "anything but a resource with an ARN" is the narrowest that SNS understands.
            self._functions["notify-sms"].role.add_to_policy(
                iam.PolicyStatement(
                    actions=["sns:Publish"],
                    not_resources=[stack.format_arn(service="sns", region="*", account="*", resource="*")],
                )
            )
        if senders.push:
            self._functions["notify-push"].allow(
                "mobiletargeting:SendMessages",
                on=[
                    stack.format_arn(
                        service="mobiletargeting", resource="apps", resource_name=f"{self.pinpoint_app_id}/messages"
                    )
                ],
            )

    def _mailing(self) -> list[str]:
        """Functions that send e-mail."""
        return ["notify-email", *self._to_teams()]

    def _to_teams(self) -> list[str]:
        """To the shop's own teams: that an answer is due, and the digest."""
        return ["support-on-due", *(["measure-digest"] if self._settings.lake else [])]

    def _mail_resources(self, stack: Stack) -> list[str]:
        return [
            stack.format_arn(service="ses", resource="configuration-set", resource_name=self.configuration_set_name),
            *(
                stack.format_arn(service="ses", resource="identity", resource_name=name)
                for name in self._identity_names()
            ),
        ]

    def _identity_names(self) -> list[str]:
        """Identities that SES may check: sender's address and domain; in the sandbox the recipient's as well."""
        if self._settings.sandbox:
            return ["*"]
        return [self._settings.senders.email, self._settings.senders.domain]
