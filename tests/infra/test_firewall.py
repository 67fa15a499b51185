"""The web firewall: its rules, and that nobody goes around it."""

import json
from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from infra.context import ContextError, read_context
from infra.edge import BEHIND
from infra.edge import PROOF_HEADER as WRITTEN_PROOF
from infra.edge import VISITOR_HEADER as WRITTEN_VISITOR
from infra.firewall import Firewall
from infra.firewall_context import FirewallRules, read_firewall
from shared.http.edge import PROOF_HEADER, VISITOR_HEADER
from tests.infra.conftest import CERTIFICATE, Synthesize, Synthesized

pytestmark = pytest.mark.unit
ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/kervan/0a1b2c3d-0000-0000-0000-000000000000"
DOMAIN = {
    "stage": "prod",
    "domain": "go.shop.example",
    "certificate": CERTIFICATE.replace("eu-central-1", "us-east-1"),
    "web_acl": ACL,
}


@pytest.fixture(scope="module")
def edge(synthesize: Synthesize) -> Synthesized:
    return synthesize(**DOMAIN)


def rules(**wanted: Any) -> list[Any]:
    stack = Firewall(cdk.App(), "kervan-firewall", rules=FirewallRules(**wanted))
    resources = Template.from_stack(stack).to_json()["Resources"].values()
    [acl] = [one["Properties"] for one in resources if one["Type"] == "AWS::WAFv2::WebACL"]
    assert (acl["Scope"], acl["DefaultAction"]) == ("CLOUDFRONT", {"Allow": {}})
    return list(acl["Rules"])


def keyed(value: Any, key: str) -> Iterator[Any]:
    """Whatever stands under a key, at any depth."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from [one] if name == key else keyed(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from keyed(one, key)


def test_the_shops_own_networks_come_first() -> None:
    """A till or a server sends more than a visitor may; then the limit, then AWS's lists, each priority once."""
    made = rules(rate=500, trusted=("203.0.113.0/24", "2001:db8::/32"))
    assert [one["Name"] for one in made][:3] == ["trusted-4", "trusted-6", "rate"]
    assert [one["Priority"] for one in made] == list(range(5))
    assert [one["Action"] for one in made[:2]] == [{"Allow": {}}] * 2
    limit = made[2]["Statement"]["RateBasedStatement"]
    assert (limit["Limit"], limit["AggregateKeyType"], limit["EvaluationWindowSec"]) == (500, "IP", 300)
    refused = made[2]["Action"]["Block"]["CustomResponse"]
    assert (refused["ResponseCode"], refused["ResponseHeaders"]) == (429, [{"Name": "retry-after", "Value": "300"}])
    assert [one["Name"] for one in rules()] == [one["Name"] for one in made[2:]]


def test_no_request_is_kept_as_a_sample() -> None:
    """Samples show keys, addresses and tokens to whoever may look at the firewall."""
    told = list(keyed(rules(trusted=("203.0.113.0/24",)), "SampledRequestsEnabled"))
    assert told == [False] * 4


def test_the_distribution_has_the_rules_and_keeps_nothing(edge: Synthesized) -> None:
    """Answers are of one customer: none is kept; the host's name is CloudFront's, everything else is passed on."""
    resources = edge.nested["Edge"]["Resources"].values()
    [found] = [one["Properties"] for one in resources if one["Type"] == "AWS::CloudFront::Distribution"]
    made = found["DistributionConfig"]
    assert (made["WebACLId"], made["Aliases"]) == (ACL, ["go.shop.example"])
    assert made["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    behaviour = made["DefaultCacheBehavior"]
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # CachingDisabled
    assert behaviour["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # AllViewerExceptHostHeader
    assert set(behaviour["AllowedMethods"]) == {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
    [origin] = made["Origins"]
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert [one["HeaderName"] for one in origin["OriginCustomHeaders"]] == [PROOF_HEADER]
    assert "Logging" not in made


def test_every_function_behind_the_api_knows_the_key(edge: Synthesized, prod: Synthesized) -> None:
    """What CloudFront sends is what they compare with; its text stands in no template."""
    answering = {
        prod.template["Resources"][one["IntegrationUri"]["Fn::GetAtt"][0]]["Properties"]["FunctionName"]
        for one in prod.properties("AWS::ApiGatewayV2::Integration")
    }
    assert answering == {f"kervan-prod-{name}" for name in BEHIND}
    proofs = {json.dumps(edge.environment(name)["KERVAN_EDGE_KEY"]) for name in answering}
    assert len(proofs) == 1
    assert "resolve:secretsmanager" in proofs.pop()
    others = set(edge.functions()) - answering
    assert not [name for name in others if "KERVAN_EDGE_KEY" in edge.environment(name)]
    assert not [name for name in prod.functions() if "KERVAN_EDGE_KEY" in prod.environment(name)]


def test_everybody_is_told_the_domain(edge: Synthesized) -> None:
    """The API's own address refuses, so the output Endpoint, which the command uses too, is the domain."""
    assert edge.outputs()["Endpoint"] == edge.outputs()["Domain"] == "https://go.shop.example"
    assert "DomainTarget" in edge.outputs()
    assert edge.environment("kervan-prod-notify-email")["KERVAN_PUBLIC_URL"] == "https://go.shop.example"
    assert edge.resources("AWS::ApiGatewayV2::DomainName") == []


def test_both_sides_name_the_headers_alike() -> None:
    """The infrastructure imports nothing of the functions, so the names stand twice."""
    assert (WRITTEN_PROOF, WRITTEN_VISITOR) == (PROOF_HEADER, VISITOR_HEADER)


@pytest.mark.parametrize(
    ("context", "says"),
    [
        ({"web_acl": ACL}, "needs -c domain"),
        (DOMAIN | {"web_acl": "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/x/y"}, "no ARN of a web ACL"),
        (DOMAIN | {"certificate": CERTIFICATE}, "a certificate of us-east-1"),
        (DOMAIN | {"stage": "local"}, "not for stage local"),
    ],
)
def test_a_setting_that_cannot_work_is_told(context: dict[str, str], says: str) -> None:
    """Before anything is deployed."""
    with pytest.raises(ContextError, match=says):
        read_context({"stage": "prod", **context}.get)


@pytest.mark.parametrize(
    ("context", "says"),
    [
        ({"firewall": "yes"}, "write on or off"),
        ({"firewall": "on", "firewall_rate": "99"}, "from 100"),
        ({"firewall": "on", "firewall_rate": "many"}, "from 100"),
        ({"firewall": "on", "firewall_trusted": "203.0.113.9/24"}, "no network"),
        ({"firewall": "on", "firewall_trusted": "0.0.0.0/0"}, "trust everybody"),
        ({"firewall": "on", "firewall_trusted": "::/0"}, "trust everybody"),
    ],
)
def test_a_rule_that_cannot_work_is_told(context: dict[str, str], says: str) -> None:
    """And one that would let everybody in."""
    with pytest.raises(ContextError, match=says):
        read_firewall(context.get)


def test_the_firewall_is_made_only_when_asked() -> None:
    """Addresses alone are networks too."""
    assert read_firewall(dict[str, str]().get) is None
    found = read_firewall({"firewall": "on", "firewall_rate": "900", "firewall_trusted": "203.0.113.7, ::1"}.get)
    assert found == FirewallRules(rate=900, trusted=("203.0.113.7/32", "::1/128"))
