"""Who signs in to the console: accounts of people in Cognito, with a group for each role. A laptop has none."""

import aws_cdk as cdk
from aws_cdk import Aws, Duration
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.function import KervanFunction
from infra.settings import Settings
from infra.tables import removal_policy

PATH = "/console"
ROLES = {
    "admin": "Everything",
    "marketer": "Segments, journeys, campaigns and sending",
    "agent": "Customers and their links",
    "store": "Stock, and pick-ups at the till",
    "privacy": "Customers, their links, and who changed what",
}
"""Groups that are roles of the console, and what they are for."""
LEAST_PASSWORD = 12


class Console(Construct):
    """Accounts are made by an administrator, and sign in with a second factor."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, function: KervanFunction, public_url: str
    ) -> None:
        super().__init__(scope, construct_id)
        self.url = public_url + PATH
        self.pool: cognito.UserPool | None = None
        function.set("KERVAN_CONSOLE_URL", self.url)
        if settings.local:
            return
        self.pool = self._pool(settings)
        client = self._client(self.pool)
        function.set("KERVAN_CONSOLE_ISSUER", self.pool.user_pool_provider_url)
        function.set("KERVAN_CONSOLE_CLIENT", client.user_pool_client_id)

    def _pool(self, settings: Settings) -> cognito.UserPool:
        pool = cognito.UserPool(
            self,
            "People",
            user_pool_name=f"{settings.prefix}-console",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            mfa=cognito.Mfa.REQUIRED,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=LEAST_PASSWORD,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
                temp_password_validity=Duration.days(3),
            ),
            deletion_protection=settings.retain,
            removal_policy=removal_policy(settings),
        )
        pool.add_domain(
            "Pages", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=f"{settings.prefix}-{Aws.ACCOUNT_ID}")
        )
        for name, description in ROLES.items():
            cognito.CfnUserPoolGroup(
                self,
                name.capitalize(),
                user_pool_id=pool.user_pool_id,
                group_name=name,
                description=description,
            )
        return pool

    def _client(self, pool: cognito.UserPool) -> cognito.UserPoolClient:
        """A public client: it proves itself by PKCE, so no secret has to be kept."""
        return pool.add_client(
            "Browser",
            generate_secret=False,
            auth_flows=cognito.AuthFlow(),
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            id_token_validity=Duration.minutes(5),
            access_token_validity=Duration.minutes(5),
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL],
                callback_urls=[f"{self.url}/signed-in"],
                logout_urls=[f"{self.url}/sign-in"],
            ),
        )


def write_console_outputs(stack: cdk.Stack, console: Console) -> None:
    """Where the console is, and where its accounts are."""
    cdk.CfnOutput(stack, "ConsoleUrl", value=console.url, description="The console for marketers and agents")
    if console.pool is not None:
        cdk.CfnOutput(
            stack, "ConsolePeople", value=console.pool.user_pool_id, description="Cognito user pool of the console"
        )
