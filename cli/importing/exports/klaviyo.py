"""Klaviyo: Lists & Segments > Export. Its columns are chosen at the export; custom properties become traits."""

from __future__ import annotations

from cli.importing.exports.export import IGNORED, Export, by_name, names

PROFILES = Export(
    name="klaviyo",
    label="Klaviyo profiles",
    kind="customers",
    recognised=(names("Email", "Email Marketing Consent"), names("Email", "Klaviyo ID")),
    rest="traits",
    columns=by_name(
        {
            "Email": "email",
            "Klaviyo ID": IGNORED,
            "External ID": "user",
            "First Name": "trait firstName",
            "Last Name": "trait lastName",
            "Phone Number": "phone",
            "Address": "trait address.street",
            "Address 2": IGNORED,
            "City": "trait address.city",
            "Region": "trait address.state",
            "State / Region": "trait address.state",
            "Country": "trait address.country",
            "Zip Code": "trait address.postalCode",
            "Zip": "trait address.postalCode",
            "Organization": "trait company",
            "Title": "trait title",
            "Locale": "trait language",
            "Timezone": "trait timezone",
            "Birthday": "trait birthday birthday",
            "Email Marketing Consent": "consent email",
            "Email Marketing Consent Timestamp": "consent email time",
            "Email Suppressions": "consent email suppressed",
            "SMS Marketing Consent": "consent sms",
            "SMS Marketing Consent Timestamp": "consent sms time",
            "SMS Suppressions": "consent sms suppressed",
            "Profile Created On": IGNORED,
            "Last Active": IGNORED,
        }
    ),
)
