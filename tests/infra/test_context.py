"""Context values: what `cdk -c` accepts."""

import pytest

from infra.context import ContextError, read_context
from infra.settings import STAGES

pytestmark = pytest.mark.unit


def test_no_stage_means_dev() -> None:
    """Without -c stage, the stage is dev, never prod."""
    assert read_context(dict[str, str]().get).stage == "dev"


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_names_its_resources_after_itself(stage: str) -> None:
    """Stages can live side by side in one account, for no name is shared."""
    assert read_context({"stage": stage}.get).prefix == f"kervan-{stage}"


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_fresh_deployment_sends_nothing(stage: str) -> None:
    """Without a sender, no channel is on."""
    assert not read_context({"stage": stage}.get).senders.any


@pytest.mark.parametrize(
    ("given", "email"),
    [("shop.example", "hello@shop.example"), ("Info@SHOP.example", "Info@shop.example"), ("a.b+c@x.co", "a.b+c@x.co")],
)
def test_a_sender_is_an_address_or_a_domain(given: str, email: str) -> None:
    """A bare domain gets hello@; the domain is compared in lower case and the local part is left as it is."""
    assert read_context({"sender": given}.get).senders.email == email


@pytest.mark.parametrize(
    ("context", "says"),
    [
        ({"stage": "production"}, "local, dev, prod"),
        ({"sender": "not an address"}, "hello@example.com"),
        ({"sender": "@shop.example"}, "hello@example.com"),
        ({"sender": "a@b@shop.example"}, "hello@example.com"),
        ({"sender": "hello@localhost"}, "hello@example.com"),
        ({"sender": "hello@shop.example\nBcc: x@y.co"}, "hello@example.com"),
        ({"sender": "x@y.co", "sender_identity": "dns"}, "domain, address, existing"),
        ({"sender_sms": "way too long a name"}, "up to 11 letters"),
        ({"sender_sms": "12345"}, "+905001112233"),
        ({"push": "yes"}, "on or off"),
        ({"lake": "no"}, "on or off"),
        ({"api_rate": "0"}, "from 1 to 100000"),
        ({"stream_batches": "11"}, "from 1 to 10"),
        ({"senders_at_once": "1"}, "from 2 to 1000"),
        ({"timers_at_once": "many"}, "from 2 to 1000"),
        ({"warm_writes": "3999"}, "from 4000 to 1000000"),
        ({"stage": "local", "api_rate": "5"}, "not for stage local"),
        ({"rollout": "canary"}, "at_once or gradual"),
        ({"stage": "local", "rollout": "gradual"}, "not for stage local"),
        ({"backup_days": "6"}, "from 7 to 3650"),
        ({"backup_days": "3651"}, "from 7 to 3650"),
        ({"backup_days": "a month"}, "from 7 to 3650"),
        ({"backup_copy": "arn:aws:backup:eu-west-1:123456789012:backup-vault:x1"}, "needs -c backup_days"),
        ({"backup_days": "35", "backup_copy": "eu-west-1"}, "no ARN of a backup vault"),
        ({"stage": "local", "backup_days": "35"}, "not for stage local"),
        ({"athena_gb": "much"}, "no number of gigabytes"),
        ({"athena_gb": "10", "lake": "off"}, "needs a lake"),
        ({"stage": "local", "athena_gb": "10"}, "not for stage local"),
        ({"domain": "go.shop.example"}, "certificate=ARN"),
        ({"domain": "https://go.shop.example", "certificate": "x"}, "no domain like"),
        ({"certificate": "arn:aws:acm:eu-central-1:123456789012:certificate/0a"}, "no domain like"),
        ({"stage": "local", "domain": "go.shop.example"}, "not for stage local"),
        ({"stock_webhook": "http://shop.example/x"}, "https://shop.example"),
        ({"stock_webhook": "https://shop.example:8443/x"}, "without a port"),
        ({"stock_webhook": "https://user@shop.example/"}, "https://shop.example"),
        ({"stock_webhook": "https://10.0.0.1/"}, "https://shop.example"),
        ({"stock_webhook": "https://localhost/"}, "https://shop.example"),
        ({"stock_webhook": "https://shop.example/a b"}, "https://shop.example"),
        ({"stage": "prod", "clock_file": "/kervan/clock.json"}, "stage local only"),
        ({"stage": "dev", "pinpoint_endpoint": "http://127.0.0.1:1"}, "stage local only"),
        ({"stage": "prod", "public_url": "http://127.0.0.1:2"}, "stage local only"),
    ],
)
def test_a_mistake_is_told_in_one_line(context: dict[str, str], says: str) -> None:
    """What cannot be used is refused with one sentence that says what to write."""
    with pytest.raises(ContextError) as refused:
        read_context(context.get)
    assert says in str(refused.value)


def test_prod_reserves_nothing_unless_asked() -> None:
    """A new AWS account refuses reservations, so plain `cdk deploy -c stage=prod` makes none."""
    assert read_context({"stage": "prod"}.get).concurrency.reserved == {}
    assert read_context({"stage": "prod", "reserve": "on"}.get).concurrency.reserved["schedule-on-due"] > 0


def test_channels_of_meta_are_named() -> None:
    """In any order, each once; agents are told of them."""
    assert read_context({"stage": "prod", "social": "instagram, whatsapp,instagram"}.get).senders.social == (
        "whatsapp",
        "instagram",
    )
    assert read_context({"stage": "prod"}.get).senders.social == ()
    with pytest.raises(ContextError, match=r"^-c social=facebook "):
        read_context({"stage": "prod", "social": "facebook"}.get)
