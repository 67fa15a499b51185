"""Whether customers may be written to, and can be: consent and reachability."""

from __future__ import annotations

from datetime import datetime

from shared.domain.consent.consent import CHANNELS, MARKETING, ConsentState, consent_state
from shared.domain.consent.suppression import suppressed
from shared.domain.messages.address import ADDRESS_TRAITS
from shared.domain.segments.evaluation_result import Evaluation, first_change
from shared.domain.segments.state_rules import ConsentRule, ReachableRule
from shared.domain.segments.subject import Subject


def evaluate_consent(rule: ConsentRule, subject: Subject, now: datetime) -> Evaluation:
    """Whether there is consent. A statement counts from the instant at which it reached us."""
    return first_change(
        lambda instant: _holds(rule, state_of(rule, subject, instant)),
        _heard(subject, rule.channel, now),
        now,
    )


def _holds(rule: ConsentRule, state: ConsentState) -> bool:
    if state.granted != rule.granted:
        return False
    return not rule.text_not or (state.proof is not None and state.proof.text_version not in rule.text_not)


def state_of(rule: ConsentRule, subject: Subject, now: datetime) -> ConsentState:
    """The state of consent for the address in use. On push it is the customer's: tokens come and go."""
    key = "" if rule.channel == "push" else subject.address_key(rule.channel)
    return consent_state(subject.consents(rule.channel), rule.channel, rule.purpose, key, now)


def evaluate_reachable(rule: ReachableRule, subject: Subject, now: datetime) -> Evaluation:
    channels = CHANNELS if rule.channel is None else (rule.channel,)
    there = [channel for channel in channels if subject.addresses.get(channel) is not None]
    said = subject.before(*ADDRESS_TRAITS, now=now)
    if said is not None:
        return Evaluation(False, said)
    heard = [at for channel in there for at in _heard(subject, channel, now)]
    return first_change(lambda instant: any(writable(c, rule.purpose, subject, instant) for c in there), heard, now)


def writable(channel: str, purpose: str, subject: Subject, now: datetime) -> bool:
    """Whether the address in use may be written to, if there is one."""
    said, key = subject.consents(channel), subject.address_key(channel)
    if suppressed(said, channel, key, now) is not None:
        return False
    return purpose != MARKETING or consent_state(said, channel, purpose, key, now).granted


def _heard(subject: Subject, channel: str, now: datetime) -> list[datetime]:
    """The instants at which statements that are dated ahead begin to count."""
    return [one.received_at for one in subject.consents(channel) if one.received_at > now]
