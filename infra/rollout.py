"""A deployment in two steps: a tenth of the work goes to the new version first, and back again if functions fail."""

from aws_cdk import NestedStack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.functions import Functions
from infra.settings import Settings


class Rollout(NestedStack):
    """One CodeDeploy application, and a group for each alias, in a stack of its own: AWS takes 500 resources in each.

    All aliases shift at once, each for itself: for ten minutes two versions run beside each other, and the one before
    meets what the new one wrote. Release notes say where it cannot read that (docs/deploy.md).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        functions: Functions,
        alarms: list[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, construct_id, description=f"How versions of {settings.prefix} shift")
        application = codedeploy.LambdaApplication(self, "Application", application_name=settings.prefix)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            description=f"Shifts the aliases of {settings.prefix} and reads their alarms",
        )
        for function in functions.all():
            alias = function.invoked
            if not isinstance(alias, lambda_.Alias):
                continue
            codedeploy.LambdaDeploymentGroup(
                self,
                function.spec.construct_id,
                application=application,
                alias=alias,
                role=role,
                deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_10_MINUTES,
                alarms=alarms,
                auto_rollback=codedeploy.AutoRollbackConfig(failed_deployment=True, deployment_in_alarm=True),
            )
