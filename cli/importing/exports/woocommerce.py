"""WooCommerce: Analytics > Customers > Download, and orders as the plugin Advanced Order Export writes them."""

from __future__ import annotations

from cli.importing.exports.export import Export, by_name, names

CUSTOMERS = Export(
    name="woocommerce-customers",
    label="WooCommerce customers",
    kind="customers",
    recognised=(names("Name", "Username", "Sign Up", "Email", "Total Spend"),),
    columns=by_name(
        {
            "Name": "trait name",
            "Username": "trait username",
            "Sign Up": "trait createdAt",
            "Email": "email",
            "Orders": "trait orders_count number",
            "Total Spend": "trait total_spent number",
            "Country / Region": "trait address.country",
            "City": "trait address.city",
            "Region": "trait address.state",
            "Postal code": "trait address.postalCode",
        }
    ),
)

ORDERS = Export(
    name="woocommerce-orders",
    label="WooCommerce orders",
    kind="orders",
    recognised=(names("Order Number", "Order Status", "Order Date", "Email (Billing)"),),
    columns=by_name(
        {
            "Order Number": "order id",
            "Order Status": "order status",
            "Order Date": "order time",
            "Email (Billing)": "email",
            "Phone (Billing)": "phone",
            "Order Total Amount": "order total",
            "Order Subtotal Amount": "order subtotal",
            "Order Shipping Amount": "order shipping",
            "Order Total Tax Amount": "order tax",
            "Cart Discount Amount": "order discount",
            "Order Refund Amount": "order refunded",
            "Order Currency": "order currency",
            "Coupon Code": "order coupon",
            "SKU": "product sku",
            "Item Name": "product name",
            "Item Cost": "product price",
            "Quantity": "product quantity",
            "Quantity (- Refund)": "product quantity",
        }
    ),
)
ANALYTICS_ORDERS = names("Order #", "N. Revenue", "Product(s)")
"""The header of Analytics > Orders > Download: it names no address, so nobody can be found by it."""
