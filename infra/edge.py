"""A web firewall in front of the HTTP API: CloudFront with a web ACL of AWS WAF, in a stack of its own."""

from aws_cdk import Aws, NestedStack, RemovalPolicy
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.api import Api
from infra.functions import Functions
from infra.settings import Domain, Settings

BEHIND = ("ingest-api", "admin", "console", "stock-api", "support-api")
"""Functions that answer requests: each refuses what did not come through CloudFront (shared/http/edge.py)."""
PROOF_HEADER, VISITOR_HEADER = "x-kervan-edge", "x-kervan-visitor"
KEY_LENGTH = 48
TELL_VISITOR = f"""function handler(event) {{
  var request = event.request;
  request.headers['{VISITOR_HEADER}'] = {{value: event.viewer.ip}};
  return request;
}}"""
"""Runs before each request: limits per address need the visitor's address, and a header of his own says nothing."""


class Edge(NestedStack):
    """One distribution that keeps nothing and passes on everything but the name of the host.

    Attributes
    ----------
    url, target
        Where links begin, and where the CNAME record of the domain must lead.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        domain: Domain,
        api: Api,
        functions: Functions,
    ) -> None:
        super().__init__(scope, construct_id, description=f"The firewall in front of {settings.prefix}")
        # In the stage's own stack: functions know it too. It opens nothing but the way around the firewall.
        key = secretsmanager.Secret(
            scope,
            "EdgeKey",
            description="What CloudFront proves itself to the functions with",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=KEY_LENGTH, exclude_punctuation=True
            ),
            removal_policy=RemovalPolicy.DESTROY,
        )
        proof = key.secret_value.unsafe_unwrap()  # a reference, which CloudFormation resolves when it deploys
        for name in BEHIND:
            functions[name].set("KERVAN_EDGE_KEY", proof)
        tell_visitor = cloudfront.Function(
            self,
            "TellVisitor",
            code=cloudfront.FunctionCode.from_inline(TELL_VISITOR),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="Writes the visitor's address into a header",
        )
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{settings.prefix}: web firewall",
            domain_names=[domain.name],
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", domain.certificate),
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            web_acl_id=domain.web_acl,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.HttpOrigin(
                    f"{api.http_api.api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}",
                    protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                    origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                    custom_headers={PROOF_HEADER: proof},
                ),
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
                compress=False,
                function_associations=[
                    cloudfront.FunctionAssociation(
                        function=tell_visitor, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                    )
                ],
            ),
        )
        self.url = f"https://{domain.name}"
        self.target = distribution.distribution_domain_name
