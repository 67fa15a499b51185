"""Mailchimp: Audience > Export. The ZIP holds one file each of subscribed, unsubscribed and cleaned contacts."""

from __future__ import annotations

from dataclasses import replace

from cli.importing.exports import spreadsheet
from cli.importing.exports.export import Export, by_name, names

_OF_EVERY_FILE = ("OPTIN_TIME", "LEID", "EUID")
"""Columns that no setting renames. Those of people are named by the shop, so a Turkish audience has ``E-posta``."""

SUBSCRIBED = Export(
    name="mailchimp-subscribed",
    label="Mailchimp subscribed contacts",
    kind="customers",
    recognised=(names("Email Address", "MEMBER_RATING", "OPTIN_TIME"), names(*_OF_EVERY_FILE, "MEMBER_RATING")),
    state="granted",
    month_first=True,
    columns=by_name(
        {
            **dict.fromkeys(spreadsheet.named("email"), "email"),
            **dict.fromkeys(spreadsheet.named("phone"), "phone"),
            **dict.fromkeys(spreadsheet.named("trait address.street"), "address"),
            **{
                name: target
                for target in ("trait firstName", "trait lastName", "trait birthday birthday")
                for name in spreadsheet.named(target)
            },
            "Email Address": "email",
            "First Name": "trait firstName",
            "Last Name": "trait lastName",
            "Address": "address",
            "Phone Number": "phone",
            "Birthday": "trait birthday birthday",
            "OPTIN_TIME": "consent email time",
            "CONFIRM_TIME": "consent email time",
            "UNSUB_TIME": "consent email withdrawn",
            "CLEAN_TIME": "consent email withdrawn",
            "TIMEZONE": "trait timezone",
            "LAST_CHANGED": "time",
            "TAGS": "trait tags list",
        }
    ),
)
UNSUBSCRIBED = replace(
    SUBSCRIBED,
    name="mailchimp-unsubscribed",
    label="Mailchimp unsubscribed contacts",
    recognised=(names("Email Address", "UNSUB_TIME"), names(*_OF_EVERY_FILE, "UNSUB_TIME")),
    state="withdrawn",
)
CLEANED = replace(
    SUBSCRIBED,
    name="mailchimp-cleaned",
    label="Mailchimp cleaned contacts",
    recognised=(names("Email Address", "CLEAN_TIME"), names(*_OF_EVERY_FILE, "CLEAN_TIME")),
    state="suppressed",
)
NOT_SUBSCRIBED = replace(
    SUBSCRIBED,
    name="mailchimp-nonsubscribed",
    label="Mailchimp contacts that are not subscribed",
    recognised=(),
    state="",
)
"""People who never agreed, such as buyers, and archived ones. The header is that of subscribed contacts."""
