"""A campaign as a sentence, in Turkish and in English: what a marketer reads before it is scheduled."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.time.durations import describe_duration

Language = Literal["tr", "en"]

_CHANNELS = {
    "tr": {"email": "e-posta", "sms": "SMS", "push": "bildirim"},
    "en": {"email": "e-mail", "sms": "SMS", "push": "push"},
}


def describe_campaign(campaign: CampaignDefinition, language: Language) -> str:
    """Every part of the definition, in its order."""
    name = campaign.label.get(language, campaign.campaign)
    channels = [_CHANNELS[language][channel] for channel in campaign.channels]
    fresh, when = describe_duration(campaign.fresh_for, language), _when(campaign, language)
    if language == "tr":
        one = f"{name}: {when} {_who(campaign, language)} bir kez {campaign.send} gönderilir"
        parts = [f"{one} ({', yoksa '.join(channels)}); {fresh} geçerse gönderilmez."]
        if campaign.purpose == "transactional":
            parts.append("İşlem bildirimidir: onay ve sınır aranmaz, hiçbir şey tanıtmamalıdır.")
    else:
        one = f"{name}: {when} everybody in {_who(campaign, language)} gets {campaign.send} once"
        parts = [f"{one} ({', else '.join(channels)}), unless it is {fresh} late."]
        if campaign.purpose == "transactional":
            parts.append("It is transactional: no consent and no cap is asked for, and it may promote nothing.")
    if campaign.give is not None:
        percent = campaign.give.percent
        if language == "tr":
            parts.append(f"{campaign.give.coupon} kodu{f' (%{percent})' if percent else ''} verilir.")
        else:
            parts.append(f"It gives the code {campaign.give.coupon}{f' ({percent}% off)' if percent else ''}.")
    if campaign.throttle is not None:
        most = campaign.throttle.per_minute
        parts.append(f"Dakikada en çok {most} kişi." if language == "tr" else f"At most {most} people a minute.")
    parts.append(_stops(campaign, language))
    return " ".join(parts)


def _who(campaign: CampaignDefinition, language: Language) -> str:
    """The segments, and those whose members are left out."""
    others = campaign.excluded
    if language == "tr":
        into = " ya da ".join(campaign.included)
        without = f", {' ya da '.join(others)} segmentinde olmayan" if others else ""
        return f"{into} segmentindeki{without} herkese"
    without = f" but nobody in {' or '.join(others)}" if others else ""
    return " or ".join(campaign.included) + without


def _stops(campaign: CampaignDefinition, language: Language) -> str:
    bounces, complaints = (
        f"{share.normalize():f}" for share in (campaign.stop_at.bounces, campaign.stop_at.complaints)
    )
    if language == "tr":
        bounces, complaints = bounces.replace(".", ","), complaints.replace(".", ",")
        return f"Geri dönenler %{bounces} ya da şikâyetler %{complaints} olursa kendiliğinden durur."
    return f"It stops by itself at {bounces}% bounces or {complaints}% complaints."


def _when(campaign: CampaignDefinition, language: Language) -> str:
    if not isinstance(campaign.at, datetime):
        return "hemen" if language == "tr" else "now"
    at = f"{campaign.at:%Y-%m-%d %H:%M}"
    if campaign.instant is not None:
        at = f"{at} ({campaign.at:%z})"
        return at if language == "tr" else f"at {at}"
    if campaign.local_time:
        return f"her müşterinin kendi saatiyle {at}" if language == "tr" else f"at {at} of each customer's own clock"
    return f"mağaza saatiyle {at}" if language == "tr" else f"at {at} of the shop's clock"
