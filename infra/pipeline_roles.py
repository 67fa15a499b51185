"""What GitHub's workflows may do in this account: two roles, trusted by OpenID Connect, without stored keys."""

import aws_cdk as cdk
from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

ISSUER = "token.actions.githubusercontent.com"
QUALIFIER = "hnb659fds"
"""Of CDK's bootstrap, in the names of its roles."""
DEPLOYING = ("deploy", "file-publishing", "lookup")
READING = ("lookup",)
ENVIRONMENTS = ("dev", "prod")


class PipelineRoles(cdk.Stack):
    """The roles of `.github/workflows`, for one repository.

    A workflow gets nothing but the right to take on CDK's own roles. `deploy` trusts the environments `dev` and `prod`
    of the repository, which GitHub protects by rules; `diff` trusts pull requests, and may only look.
    """

    def __init__(self, scope: Construct, construct_id: str, *, repository: str, provider_exists: bool) -> None:
        super().__init__(scope, construct_id, description="Kervan: what GitHub's workflows may do")
        arn = self.format_arn(service="iam", region="", resource="oidc-provider", resource_name=ISSUER)
        if not provider_exists:
            provider = iam.OidcProviderNative(self, "GitHub", url=f"https://{ISSUER}", client_ids=["sts.amazonaws.com"])
            arn = provider.oidc_provider_arn
        self._role("Deploy", arn, [f"repo:{repository}:environment:{name}" for name in ENVIRONMENTS], DEPLOYING)
        self._role("Diff", arn, [f"repo:{repository}:pull_request"], READING)

    def _role(self, name: str, provider: str, subjects: list[str], taken_on: tuple[str, ...]) -> None:
        role = iam.Role(
            self,
            name,
            role_name=f"kervan-ci-{name.lower()}",
            description=f"Of GitHub's workflows: {name.lower()}",
            max_session_duration=Duration.hours(1),
            assumed_by=iam.WebIdentityPrincipal(
                provider, {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": subjects}}
            ),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["sts:AssumeRole"],
                resources=[
                    self.format_arn(
                        service="iam",
                        region="",
                        resource="role",
                        resource_name=f"cdk-{QUALIFIER}-{one}-role-{self.account}-*",
                    )
                    for one in taken_on
                ],
            )
        )
        cdk.CfnOutput(self, f"{name}Role", value=role.role_arn)
