"""Google Contacts: Export > Google CSV, of today and of before 2024. `` ::: `` divides several values of a cell."""

from __future__ import annotations

from cli.importing.exports.export import Export, by_name, names

CONTACTS = Export(
    name="google-contacts",
    label="Google contacts",
    kind="customers",
    recognised=(names("E-mail 1 - Value"), names("Phone 1 - Value")),
    columns=by_name(
        {
            "First Name": "trait firstName",
            "Last Name": "trait lastName",
            "Given Name": "trait firstName",
            "Family Name": "trait lastName",
            "Birthday": "trait birthday birthday",
            "E-mail 1 - Value": "email",
            "Phone 1 - Value": "phone",
            "Address 1 - Street": "trait address.street",
            "Address 1 - City": "trait address.city",
            "Address 1 - Region": "trait address.state",
            "Address 1 - Postal Code": "trait address.postalCode",
            "Address 1 - Country": "trait address.country",
            "Organization Name": "trait company",
            "Organization 1 - Name": "trait company",
            "Labels": "trait tags list",
            "Group Membership": "trait tags list",
        }
    ),
)
"""Further addresses and numbers of a contact are not taken: they are often those of somebody else in the family."""
