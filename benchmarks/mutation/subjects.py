"""What is mutated, and by which tests it should be found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """``files``: glob patterns of the files that are mutated. ``tests``: what may kill a mutant. mutmut runs for each
    mutant only those of them that call the mutated function, so a longer list costs only the first run."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


SUBJECTS: dict[str, Subject] = {
    "messages": Subject(
        ("shared/domain/messages/lifecycle.py", "shared/domain/messages/caps.py"),
        ("tests/unit/domain/messages/test_lifecycle.py", "tests/unit/domain/messages/test_caps.py"),
    ),
    "gates": Subject(
        ("shared/domain/messages/gates.py",),
        (
            "tests/unit/domain/messages/test_gates.py",
            "tests/unit/domain/messages/test_gate_order.py",
        ),
    ),
    "notify": Subject(
        ("functions/notify/service.py",),
        (
            "tests/unit/notify/test_around_the_call.py",
            "tests/unit/notify/test_claims.py::test_a_message_that_goes_out_is_written_twice",
            "tests/unit/notify/test_claims.py::test_another_message_of_the_campaign_finds_the_claim",
            "tests/unit/notify/test_competing_enrollments.py",
            "tests/unit/notify/test_coupons.py",
            "tests/unit/notify/test_evidence.py",
            "tests/unit/notify/test_lost_races.py",
            "tests/unit/notify/test_message_links.py",
            "tests/unit/notify/test_once.py",
            "tests/unit/notify/test_service.py",
        ),
    ),
    "consent": Subject(
        (
            "shared/domain/consent/consent.py",
            "shared/domain/consent/folding.py",
            "shared/domain/consent/forged_withdrawals.py",
            "shared/domain/consent/suppression.py",
            "shared/domain/consent/soft_bounces.py",
            "shared/domain/consent/preferences.py",
            "shared/domain/consent/sms_replies.py",
            "shared/domain/consent/taking_back.py",
        ),
        (
            "tests/unit/domain/consent",
            "tests/unit/notify/test_withdrawals.py",
            "tests/unit/notify/test_sms_withdrawals.py",
            "tests/unit/notify/test_unsubscribe.py",
            "tests/unit/ingest/test_preferences.py",
            "tests/unit/ingest/test_public_consents.py",
            "tests/unit/ingest/test_soft_bounces.py",
            "tests/unit/admin/test_consents.py",
        ),
    ),
    "public-consents": Subject(
        (
            "shared/stores/consent_items.py",
            "shared/stores/forget_consents.py",
            "shared/stores/public_consents.py",
        ),
        (
            "tests/unit/domain/consent/test_consent.py",
            "tests/unit/domain/consent/test_folded_again.py",
            "tests/unit/domain/consent/test_folding.py",
            "tests/unit/domain/consent/test_taken_back.py::test_statements_read_back_as_they_were_written",
            "tests/unit/ingest/test_consent_flood.py::test_a_folded_statement_costs_three_requests_more",
            "tests/unit/ingest/test_consent_flood.py::test_an_ordinary_statement_costs_what_it_did",
            "tests/unit/ingest/test_own_withdrawals.py",
            "tests/unit/ingest/test_public_consents.py",
            "tests/unit/ingest/test_runs_made_anew.py",
            "tests/unit/ingest/test_withdrawals_counted.py",
            "tests/unit/privacy/test_erasing_public_consents.py",
            "tests/unit/privacy/test_erasing_taken_back.py",
        ),
    ),
    "identity": Subject(
        ("shared/domain/identity/claims.py",),
        ("tests/unit/domain/identity", "tests/unit/segment/test_stories.py", "tests/unit/segment/test_signing_in.py"),
    ),
    "facts": Subject(
        (
            "shared/domain/facts/facts.py",
            "shared/domain/facts/cart.py",
            "shared/domain/facts/cases.py",
            "shared/domain/facts/newest.py",
            "shared/domain/facts/orders.py",
            "shared/domain/facts/stamps.py",
            "shared/domain/facts/touches.py",
            "shared/domain/facts/provisional.py",
        ),
        (
            "tests/unit/domain/facts/test_cart.py",
            "tests/unit/domain/facts/test_cases.py",
            "tests/unit/domain/facts/test_counted_refunds.py",
            "tests/unit/domain/facts/test_facts.py",
            "tests/unit/domain/facts/test_joins.py",
            "tests/unit/domain/facts/test_orders.py",
            "tests/unit/domain/facts/test_provisional_orders.py",
            "tests/unit/domain/facts/test_traits.py",
        ),
    ),
    "journeys": Subject(
        ("shared/domain/journeys/step_state.py", "shared/domain/journeys/enrollment_context.py"),
        ("tests/unit/domain/journeys",),
    ),
    "segments": Subject(
        ("functions/segment/service.py",),
        (
            "tests/unit/segment/test_absorbing.py",
            "tests/unit/segment/test_after_a_crash.py",
            "tests/unit/segment/test_backfill.py",
            "tests/unit/segment/test_by_rule.py",
            "tests/unit/segment/test_consent_changes.py",
            "tests/unit/segment/test_customer_writes.py",
            "tests/unit/segment/test_failures.py",
            "tests/unit/segment/test_flips.py",
            "tests/unit/segment/test_interests.py",
            "tests/unit/segment/test_lake.py",
            "tests/unit/segment/test_release.py",
            "tests/unit/segment/test_repair.py",
            "tests/unit/segment/test_signing_in.py",
            "tests/unit/segment/test_spilling.py",
            "tests/unit/segment/test_stories.py",
            "tests/unit/segment/test_what_is_told.py",
        ),
    ),
    "stock": Subject(
        (
            "shared/domain/stock/movement.py",
            "shared/domain/stock/level.py",
            "shared/domain/stock/level_log.py",
            "shared/domain/stock/reservation.py",
            "shared/domain/stock/pickup.py",
            "shared/domain/stock/crossing.py",
            "shared/domain/stock/shop_view.py",
        ),
        ("tests/unit/domain/stock",),
    ),
    "conversations": Subject(
        (
            "shared/domain/conversations/conversation.py",
            "shared/domain/conversations/receive.py",
            "shared/domain/conversations/grouping.py",
            "shared/domain/conversations/answer.py",
            "shared/domain/conversations/message.py",
            "shared/domain/conversations/quoting.py",
        ),
        (
            "tests/unit/domain/conversations/test_answer.py",
            "tests/unit/domain/conversations/test_grouping.py",
            "tests/unit/domain/conversations/test_message.py",
            "tests/unit/domain/conversations/test_quoting.py",
            "tests/unit/domain/conversations/test_receive.py",
            "tests/unit/domain/conversations/test_states.py",
        ),
    ),
}
