"""The edges: HTTP API, sending, outputs, and what the laptop's stage leaves out."""

import json

import pytest

from benchmarks.log_lines import ACCESS_LINE
from functions.admin.api import DOCUMENT, RESOURCES
from functions.stock import api as stock_api
from functions.support import api as support_api
from tests.infra.conftest import CERTIFICATE, Synthesized

pytestmark = pytest.mark.unit


def test_each_path_has_its_function(prod: Synthesized) -> None:
    """Operators' paths go to the function that answers them, all others to ingest, with payload format 2.0."""
    reached: dict[str, set[str]] = {}
    for route in prod.properties("AWS::ApiGatewayV2::Route"):
        integration = prod.template["Resources"][route["Target"]["Fn::Join"][1][1]["Ref"]]["Properties"]
        assert integration["PayloadFormatVersion"] == "2.0"
        function = prod.template["Resources"][integration["IntegrationUri"]["Fn::GetAtt"][0]]["Properties"]
        reached.setdefault(function["FunctionName"], set()).add(route["RouteKey"])
    paths = {"ANY /" + "/".join(DOCUMENT)}
    paths |= {f"ANY /v1/{name}{below}" for name in RESOURCES for below in ("", "/{proxy+}")}
    of_stock = {f"ANY /v1/{name}{below}" for name in stock_api.RESOURCES for below in ("", "/{proxy+}")}
    of_support = {f"ANY /v1/{name}{below}" for name in support_api.RESOURCES for below in ("", "/{proxy+}")}
    assert reached == {
        "kervan-prod-ingest-api": {"$default"},
        "kervan-prod-admin": paths,
        "kervan-prod-stock-api": of_stock,
        "kervan-prod-console": {"ANY /console", "ANY /console/{proxy+}"},
        "kervan-prod-support-api": of_support,
    }


def test_the_access_log_knows_nobody(prod: Synthesized) -> None:
    """No path, query, IP address or user agent is logged: paths of the admin API hold e-mail addresses."""
    [stage] = prod.properties("AWS::ApiGatewayV2::Stage")
    form = json.loads(stage["AccessLogSettings"]["Format"])
    assert list(form) == list(ACCESS_LINE)  # what `make bench` counts as its bytes
    logged = set(form.values())
    assert "$context.status" in logged
    personal = ("path", "query", "identity", "userAgent", "sourceIp", "authorizer", "domain")
    assert not [field for field in logged if any(word.lower() in field.lower() for word in personal)]
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0


def test_browsers_may_post_from_any_shop(prod: Synthesized) -> None:
    """CORS admits every origin for POST with the write key in a header or the body."""
    [api] = prod.properties("AWS::ApiGatewayV2::Api")
    cors = api["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["*"]
    assert {"POST", "GET"} <= set(cors["AllowMethods"])
    assert {"authorization", "content-type", "if-none-match"} <= set(cors["AllowHeaders"])
    assert cors["ExposeHeaders"] == ["etag"]


def test_ses_reports_come_back_to_ingest(prod: Synthesized) -> None:
    """Everything but opens and clicks, which our own links tell, goes to the bus; the rule takes this stage's."""
    [destination] = prod.properties("AWS::SES::ConfigurationSetEventDestination")
    assert "event-bus/default" in json.dumps(destination["EventDestination"]["EventBridgeDestination"])
    kinds = set(destination["EventDestination"]["MatchingEventTypes"])
    assert {"bounce", "complaint", "delivery", "reject", "send"} <= kinds
    assert not {"open", "click"} & kinds
    [rule] = [rule for rule in prod.properties("AWS::Events::Rule") if "EventPattern" in rule]
    assert rule["EventPattern"] == {
        "source": ["aws.ses"],
        "detail": {"mail": {"tags": {"ses:configuration-set": ["kervan-prod"]}}},
    }


def test_sending_is_off_until_there_is_a_sender(prod: Synthesized, sending: Synthesized) -> None:
    """The first deployment decides and records; with senders each channel is told who it is."""
    for channel in ("email", "sms", "push"):
        off = prod.environment(f"kervan-prod-notify-{channel}")
        assert off["KERVAN_SENDING"] == "off"
        assert off["KERVAN_SENDER_EMAIL"] == off["KERVAN_SENDER_SMS"] == off["KERVAN_PINPOINT_APP"] == ""
        on = sending.environment(f"kervan-prod-notify-{channel}")
        assert on["KERVAN_SENDING"] == "on"
        assert on["KERVAN_SENDER_EMAIL"] == "hello@shop.example"
        assert on["KERVAN_PINPOINT_APP"] == {"Ref": sending.logical_id("AWS::Pinpoint::App", "Name", "kervan-prod")}
    assert prod.properties("AWS::SES::EmailIdentity") == []
    assert prod.outputs()["Sending"] == "off"


def test_a_senders_domain_is_signed(sending: Synthesized) -> None:
    """An address verifies its whole domain, and the outputs give the DNS records of DKIM."""
    assert [found["EmailIdentity"] for found in sending.properties("AWS::SES::EmailIdentity")] == ["shop.example"]
    assert {"DkimRecord1", "DkimRecord2", "DkimRecord3"} <= set(sending.outputs())


def test_an_identity_that_the_account_has_is_left_alone(varied: Synthesized) -> None:
    """A shop that sends by SES already keeps its identity: the stack makes none, and still may send from it."""
    assert varied.properties("AWS::SES::EmailIdentity") == []
    assert "ses:SendEmail" in varied.actions("kervan-prod-notify-email")


def test_local_leaves_out_what_the_emulator_lacks(local: Synthesized) -> None:
    """No Pinpoint application; push goes to the capture server; every channel is on."""
    assert local.resources("AWS::Pinpoint::App") == []
    environment = local.environment("kervan-local-notify-push")
    assert environment["KERVAN_PINPOINT_APP"] == "local"
    assert environment["AWS_ENDPOINT_URL_PINPOINT"] == "http://127.0.0.1:1"
    assert environment["KERVAN_SENDING"] == "on"


def test_local_browsers_may_post_too(local: Synthesized) -> None:
    """The emulator reads CORS in the API's spelling and AWS in the template's: the local template has both."""
    [api] = local.properties("AWS::ApiGatewayV2::Api")
    cors = api["CorsConfiguration"]
    for name in ("Origins", "Methods", "Headers"):
        assert cors[f"allow{name}"] == cors[f"Allow{name}"]
    assert cors["exposeHeaders"] == cors["ExposeHeaders"]


def test_outputs_name_what_people_and_the_command_need(prod: Synthesized) -> None:
    """The command finds tables, queues, the secret and the endpoint in the outputs."""
    names = {"Endpoint", "ApiId", "SecretArn", "ConfigurationSet", "PinpointApp", "Sending", "NextSteps"}
    names |= {"SenderSecrets", "HookSecrets", "ConsoleUrl", "ConsolePeople"}
    names |= {f"Table{name}" for name in ("Customers", "Timers", "Messages", "Catalog", "Metrics", "Stock", "Products")}
    names |= {"TableInterests", "TableConversations", "TableIys", "TableAudiences"}
    names |= {f"{kind}{channel}" for kind in ("Queue", "DeadLetters") for channel in ("Email", "Sms", "Push", "Social")}
    names |= {f"Failures{name}" for name in ("SegmentOnEvents", "SegmentOnDue", "ScheduleOnCustomer", "ScheduleOnDue")}
    names |= {
        f"{kind}{group}"
        for kind in ("Work", "DeadLettersWork")
        for group in ("Segment", "Schedule", "Privacy", "Measure", "Stock", "Support", "Mail", "Iys", "Simulation")
    }
    names |= {"FilesBucket", "TopicMail", "Mailbox", "WorkAudiences", "DeadLettersWorkAudiences"}
    names |= {"FailuresSegmentOnQueue", "FailuresScheduleOnQueue", "LakeBucket", "LakeStream"}
    names |= {
        "WorkFeedback",
        "DeadLettersWorkFeedback",
        "AlarmTopic",
        "Version",
        "UndeliveredSegmentOnEvents",
        "UndeliveredScheduleOnCustomer",
    }
    assert set(prod.outputs()) == names


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_one_template_serves_every_region(request: pytest.FixtureRequest, stage: str) -> None:
    """No region and no account is written into a template."""
    text = json.dumps(request.getfixturevalue(stage).template)
    assert not [region for region in ("us-east-1", "eu-central-1", "eu-west-1") if region in text]


def test_links_begin_with_the_shop_s_own_domain(varied: Synthesized) -> None:
    """The domain leads to the API; messages hold it; the output says where its record must lead."""
    [name] = varied.properties("AWS::ApiGatewayV2::DomainName")
    assert name["DomainName"] == "go.shop.example"
    [configuration] = name["DomainNameConfigurations"]
    assert (configuration["CertificateArn"], configuration["SecurityPolicy"]) == (CERTIFICATE, "TLS_1_2")
    [mapping] = varied.properties("AWS::ApiGatewayV2::ApiMapping")
    assert mapping["ApiId"] == {"Ref": varied.logical_id("AWS::ApiGatewayV2::Api", "Name", "kervan-prod")}
    assert varied.environment("kervan-prod-notify-email")["KERVAN_PUBLIC_URL"] == "https://go.shop.example"
    assert {"Domain", "DomainTarget"} <= set(varied.outputs())
