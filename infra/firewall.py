"""The rules of a web firewall, for CloudFront: a stack of us-east-1, where AWS keeps them for all regions."""

import aws_cdk as cdk
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.firewall_context import FirewallRules

REGION = "us-east-1"
WINDOW_SECONDS = 300
MANAGED = ("AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet")
"""AWS's groups that fit an API of events. The common group does not: it refuses bodies over 8 KB, and HTML in them."""


class Firewall(cdk.Stack):
    """A web ACL: the shop's own networks first, then a limit per address, then AWS's lists. Its ARN is the setting
    `web_acl` of a stage; several stages may share it."""

    def __init__(self, scope: Construct, construct_id: str, *, rules: FirewallRules) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Kervan: rules of the web firewall",
            env=cdk.Environment(region=REGION),
        )
        made: list[waf.CfnWebACL.RuleProperty] = []
        for version in (4, 6):
            networks = rules.networks(version)
            if networks:
                made.append(self._trusted(version, networks, len(made)))
        made.append(_rate(rules.rate, len(made)))
        for group in MANAGED:
            made.append(_managed(group, len(made)))
        acl = waf.CfnWebACL(
            self,
            "Rules",
            name="kervan",
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow=waf.CfnWebACL.AllowActionProperty()),
            rules=made,
            visibility_config=_counted("kervan"),
        )
        cdk.CfnOutput(self, "WebAclArn", value=acl.attr_arn, description="For -c web_acl=... of a stage")

    def _trusted(self, version: int, networks: list[str], priority: int) -> waf.CfnWebACL.RuleProperty:
        addresses = waf.CfnIPSet(
            self, f"Trusted{version}", scope="CLOUDFRONT", ip_address_version=f"IPV{version}", addresses=networks
        )
        return waf.CfnWebACL.RuleProperty(
            name=f"trusted-{version}",
            priority=priority,
            action=waf.CfnWebACL.RuleActionProperty(allow=waf.CfnWebACL.AllowActionProperty()),
            statement=waf.CfnWebACL.StatementProperty(
                ip_set_reference_statement=waf.CfnWebACL.IPSetReferenceStatementProperty(arn=addresses.attr_arn)
            ),
            visibility_config=_counted(f"trusted-{version}"),
        )


def _rate(limit: int, priority: int) -> waf.CfnWebACL.RuleProperty:
    """429 with Retry-After, as the API itself answers: a client of Segment's API sends again later."""
    refused = waf.CfnWebACL.CustomResponseProperty(
        response_code=429,
        response_headers=[waf.CfnWebACL.CustomHTTPHeaderProperty(name="retry-after", value=str(WINDOW_SECONDS))],
    )
    return waf.CfnWebACL.RuleProperty(
        name="rate",
        priority=priority,
        action=waf.CfnWebACL.RuleActionProperty(block=waf.CfnWebACL.BlockActionProperty(custom_response=refused)),
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                limit=limit, aggregate_key_type="IP", evaluation_window_sec=WINDOW_SECONDS
            )
        ),
        visibility_config=_counted("rate"),
    )


def _managed(group: str, priority: int) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name=group,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(
            managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(vendor_name="AWS", name=group)
        ),
        visibility_config=_counted(group),
    )


def _counted(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    """Counts, and no samples: a sampled request shows keys, addresses and the tokens of links."""
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
