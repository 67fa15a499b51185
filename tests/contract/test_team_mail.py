"""Mail to the shop's team: what SES is asked, and what its answers mean."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from moto.sesv2.models import sesv2_backends

from shared.adapters.provider_errors import one_attempt
from shared.adapters.team_mail_ses import SesTeamMailer
from shared.ports.sender import Accepted, Postponed, Refused
from shared.ports.team_mail import TeamMail

pytestmark = pytest.mark.contract
MAIL = TeamMail("Neler değişti", "<p>e-posta</p>", "e-posta\n", "<!doctype html>\n<p>ç</p>", "digest-2026-10.html")
TO = ("ayse@shop.example", "takim@dükkan.example")


def client() -> Any:
    return boto3.client(
        "sesv2", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x", config=one_attempt()
    )


def mailer(ses: Any, sender: str = "hello@shop.example") -> SesTeamMailer:
    return SesTeamMailer(ses, sender=sender, configuration_set="kervan-prod", name="Kervan")


def test_one_request_for_all_of_the_team() -> None:
    """Through SES (moto): one mail from the shop to both, whose domains are written as mail needs them."""
    with mock_aws():
        ses = client()
        ses.create_email_identity(EmailIdentity="hello@shop.example")
        assert isinstance(mailer(ses).mail(TO, MAIL), Accepted)
        (mail,) = sesv2_backends["123456789012"]["eu-central-1"].core_backend.sent_messages
        assert mail.destinations["ToAddresses"] == ["ayse@shop.example", "takim@xn--dkkan-kva.example"]
        assert (mail.subject, mail.body) == (MAIL.subject, MAIL.html)


def test_the_page_is_attached_and_no_message_is_named() -> None:
    """Reports about it are no events of a customer, because no tag of a message is there."""
    seen: list[dict[str, Any]] = []
    ses = client()
    ses.meta.events.register("provide-client-params.sesv2.SendEmail", lambda params, **_: seen.append(params))
    with Stubber(ses) as stub:
        stub.add_response("send_email", {"MessageId": "1"})
        assert mailer(ses).mail(TO, MAIL) == Accepted("1")
    (request,) = seen
    assert request["FromEmailAddress"] == "Kervan <hello@shop.example>"
    assert request["ConfigurationSetName"] == "kervan-prod"
    (attached,) = request["Content"]["Simple"]["Attachments"]
    assert (attached["FileName"], attached["RawContent"].decode()) == (MAIL.file_name, MAIL.page)
    assert "EmailTags" not in request


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [("MessageRejected", 400, Refused), ("TooManyRequestsException", 429, Postponed)],
)
def test_a_refusal_is_an_answer(code: str, status: int, kind: type) -> None:
    ses = client()
    with Stubber(ses) as stub:
        stub.add_client_error("send_email", service_error_code=code, http_status_code=status)
        assert isinstance(mailer(ses).mail(TO, MAIL), kind)
