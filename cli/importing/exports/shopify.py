"""Shopify: Customers > Export, Orders > Export (CSV for Excel, UTF-8 with a byte order mark)."""

from __future__ import annotations

from cli.importing.exports.export import Export, by_name, names

CUSTOMERS = Export(
    name="shopify-customers",
    label="Shopify customers",
    kind="customers",
    recognised=(
        names("First Name", "Last Name", "Email", "Accepts Email Marketing", "Total Spent"),
        names("First Name", "Last Name", "Email", "Accepts Marketing", "Total Spent"),
    ),
    undated_consents=True,
    columns=by_name(
        {
            "Customer ID": "user",
            "First Name": "trait firstName",
            "Last Name": "trait lastName",
            "Email": "email",
            "Accepts Email Marketing": "consent email",
            "Accepts Marketing": "consent email",
            "Company": "trait company",
            "Default Address Company": "trait company",
            "Address1": "trait address.street",
            "Default Address Address1": "trait address.street",
            "City": "trait address.city",
            "Default Address City": "trait address.city",
            "Province Code": "trait address.state",
            "Default Address Province Code": "trait address.state",
            "Country Code": "trait address.country",
            "Default Address Country Code": "trait address.country",
            "Zip": "trait address.postalCode",
            "Default Address Zip": "trait address.postalCode",
            "Phone": "phone",
            "Accepts SMS Marketing": "consent sms",
            "Total Spent": "trait total_spent number",
            "Total Orders": "trait orders_count number",
            "Language": "trait language",
            "Tags": "trait tags list",
        }
    ),
)
"""``Default Address Phone`` is not taken: it may be that of somebody to whom a gift was sent."""

ORDERS = Export(
    name="shopify-orders",
    label="Shopify orders",
    kind="orders",
    recognised=(names("Name", "Email", "Financial Status", "Lineitem name"),),
    columns=by_name(
        {
            "Name": "order id",
            "Email": "email",
            "Phone": "phone",
            "Created at": "order time",
            "Paid at": "order paid",
            "Fulfilled at": "order shipped",
            "Cancelled at": "order cancelled",
            "Financial Status": "order status",
            "Refunded Amount": "order refunded",
            "Currency": "order currency",
            "Subtotal": "order subtotal",
            "Shipping": "order shipping",
            "Taxes": "order tax",
            "Total": "order total",
            "Discount Code": "order coupon",
            "Discount Amount": "order discount",
            "Lineitem quantity": "product quantity",
            "Lineitem name": "product name",
            "Lineitem price": "product price",
            "Lineitem sku": "product sku",
        }
    ),
)
"""``Accepts Marketing`` of an order is not taken: the customers' file says what holds."""
