"""A domain of the shop's own in front of the HTTP API: links of messages begin with it, and channels may post to it."""

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_certificatemanager as acm
from constructs import Construct

from infra.api import Api
from infra.settings import Domain


class ApiDomain(Construct):
    """The domain, and its mapping to the API. Its DNS record is the shop's: a CNAME to `target`."""

    def __init__(self, scope: Construct, construct_id: str, *, domain: Domain, api: Api) -> None:
        super().__init__(scope, construct_id)
        certificate = acm.Certificate.from_certificate_arn(self, "Certificate", domain.certificate)
        name = apigateway.DomainName(
            self,
            "Name",
            domain_name=domain.name,
            certificate=certificate,
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
        )
        apigateway.ApiMapping(self, "Mapping", api=api.http_api, domain_name=name, stage=api.stage)
        self.url = f"https://{domain.name}"
        self.target = name.regional_domain_name
