"""The HTTP API: operators' paths go to admin, stock and support, pages to the console, all others to ingest."""

import json
from typing import cast

import aws_cdk as cdk
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.function import KervanFunction, log_retention
from infra.settings import Settings

# The access log tells nothing of who it was: no path or query (they hold e-mail addresses), no IP address, no agent.
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    "status": "$context.status",
    "responseBytes": "$context.responseLength",
    "responseMs": "$context.responseLatency",
    "functionMs": "$context.integrationLatency",
    "error": "$context.error.message",
    "functionError": "$context.integrationErrorMessage",
}

OPERATORS_PATHS = (
    "customers", "segments", "journeys", "campaigns", "channels", "controls", "coupons", "reports", "sources",
    "deadletters", "erasures", "cases", "templates", "iys", "audiences", "retention",
)  # fmt: skip
"""What follows ``/v1/`` in the paths of the operators' API."""
STOCK_PATHS = ("stock", "locations", "products")
"""The same for the function of stock."""
CONSOLE_PATHS = ("/console", "/console/{proxy+}")
"""Pages for people."""
SUPPORT_PATHS = ("conversations", "chat")
"""The same for the function of support."""
DOCUMENT = "/v1/openapi.json"
"""Where the API describes itself."""
ALLOWED_HEADERS = ["authorization", "content-type", "content-encoding", "if-none-match"]
EXPOSED_HEADERS = ["etag"]  # a shop's page asks for the cart with the tag of what it has


class Api(Construct):
    """HTTP API with throttling, an access log without personal data, and CORS for browser SDKs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        ingest: KervanFunction,
        admin: KervanFunction,
        console: KervanFunction,
        stock: KervanFunction,
        support: KervanFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self.http_api = apigateway.HttpApi(
            self,
            "HttpApi",
            api_name=settings.prefix,
            create_default_stage=False,
            cors_preflight=apigateway.CorsPreflightOptions(
                allow_origins=["*"],  # a shop's pages lie on the shop's domains; the write key decides, not the origin
                allow_methods=[
                    apigateway.CorsHttpMethod.GET,
                    apigateway.CorsHttpMethod.POST,
                    apigateway.CorsHttpMethod.OPTIONS,
                ],
                allow_headers=ALLOWED_HEADERS,
                expose_headers=EXPOSED_HEADERS,
                max_age=Duration.days(1),
            ),
            default_integration=_integration("Ingest", ingest),
        )
        self._route(admin, "Admin", OPERATORS_PATHS, DOCUMENT)
        self._route(stock, "Stock", STOCK_PATHS)
        self._route(console, "Console", (), *CONSOLE_PATHS)
        self._route(support, "Support", SUPPORT_PATHS)
        if settings.local:
            self._spell_cors_for_the_emulator()
        access_log = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name=f"/aws/vendedlogs/{settings.prefix}-api",
            retention=log_retention(settings),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.http_api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(
                rate_limit=settings.concurrency.api_rate, burst_limit=settings.concurrency.api_burst
            ),
        )
        child = cast("apigateway.CfnStage", self.stage.node.default_child)
        child.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=access_log.log_group_arn, format=json.dumps(ACCESS_LOG)
        )

    @property
    def endpoint(self) -> str:
        """The address without a slash at its end."""
        return self.http_api.api_endpoint

    def _route(self, function: KervanFunction, name: str, resources: tuple[str, ...], *more: str) -> None:
        """Each resource and everything below it, with any method: the function answers 405 itself."""
        integration = _integration(name, function)
        below = [f"/v1/{resource}{rest}" for resource in resources for rest in ("", "/{proxy+}")]
        for path in (*below, *more):
            self.http_api.add_routes(path=path, methods=[apigateway.HttpMethod.ANY], integration=integration)

    def _spell_cors_for_the_emulator(self) -> None:
        """MiniStack keeps a template's CORS settings as written, and looks for them in the spelling of the API."""
        child = cast("apigateway.CfnApi", self.http_api.node.default_child)
        child.add_property_override("CorsConfiguration.allowOrigins", ["*"])
        child.add_property_override("CorsConfiguration.allowMethods", ["GET", "POST", "OPTIONS"])
        child.add_property_override("CorsConfiguration.allowHeaders", ALLOWED_HEADERS)
        child.add_property_override("CorsConfiguration.exposeHeaders", EXPOSED_HEADERS)
        cdk.Validations.of(child).acknowledge(
            cdk.Acknowledgment(id="CloudFormation-Validate::F3002", reason="the emulator's spelling beside AWS's own")
        )


def _integration(construct_id: str, function: KervanFunction) -> HttpLambdaIntegration:
    """With one permission for all routes: one for each would fill the function's policy."""
    return HttpLambdaIntegration(
        construct_id,
        function.invoked,
        payload_format_version=apigateway.PayloadFormatVersion.VERSION_2_0,
        scope_permission_to_route=False,
    )
