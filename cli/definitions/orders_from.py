"""What it means that a shop takes orders from anybody, said where a shop is checked and looked at."""

from __future__ import annotations

_ENGLISH = (
    "orders_from is any: whoever reads the key of the web page can report orders, refunds and price drops of other "
    "people. Write orders_from: trusted in shop.yaml as soon as a server reports the orders."
)
_TURKISH = (
    "orders_from: any iken web sayfasının anahtarını okuyan herkes başkaları adına sipariş, iade ve indirim "
    "bildirebilir. Siparişleri sunucu bildirince shop.yaml içine orders_from: trusted yazın."
)


def notices(orders_from: str | None) -> list[str]:
    """In English and in Turkish; nothing if only trusted sources count."""
    return [_ENGLISH, _TURKISH] if orders_from == "any" else []
