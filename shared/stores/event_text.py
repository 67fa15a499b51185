"""An event's JSON as it is stored: plain as long as its item fits into one write unit, else deflated.

A browser's event is around 1.1 KB, mostly words that are the same in all of them; deflated it costs one write unit
instead of two, for 30 microseconds. What fits plain stays plain: everybody can read it in the console.
"""

from __future__ import annotations

import zlib

UNIT_BYTES = 1024
"""One write unit (facts: DynamoDB)."""
FORMAT = b"\x01"

# Part of format 1: changing it makes stored events unreadable. New words need a new format byte.
_WORDS = (
    b'"campaign":{"name":"source":"google","medium":"cpc","term":"content":"facebook","instagram","newsletter","email",'
    b'"os":{"name":"Android","iOS","Windows","app":{"name":"device":{"id":"type":"android","ios","token":"ip":"category":'
    b'"total":"revenue":"shipping":"tax":"discount":"coupon":"checkout_id":"order_id":"cart_id":"list_id":"affiliation":'
    b'"position":"search":"?utm_source=&utm_medium=&utm_campaign=&utm_term=&utm_content=","traits":{"email":"phone":'
    b'"+90","firstName":"lastName":"first_name":"last_name":"birthday":"gender":"female","male","address":{"city":'
    b'"country":"TR"},"language":"tr",Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 '
    b"(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1 Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
    b"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"
    b'{"type":"page","id":"ajs-next-1","at":18,"received":18,"source":"web","channel":"web","mobile","store","server",'
    b'"trusted":1,"who":["user:","email:","loyalty:","device:","anonymous:"],"claims":[1],"properties":{"products":['
    b'{"product_id":"sku":"category":"name":"brand":"variant":"price":.9,"quantity":1,"currency":"TRY","EUR","USD",'
    b'"url":"https://www.","image_url":"https://cdn..jpg"},{"product_id":"},"context":{"timezone":"Europe/Istanbul",'
    b'"locale":"tr-TR","en-US","userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like '
    b'Gecko) Chrome/130.0.0.0 Safari/537.36","page":{"url":"https://www.","path":"/","referrer":"https://www.google.com/"'
    b',"title":"'
)


class UnknownText(ValueError):
    """These bytes are no text of an event, or a newer release wrote them."""


def pack(text: str, room: int) -> str | bytes:
    """``text`` itself if it has at most ``room`` bytes; else its shortest form."""
    plain = text.encode()
    if len(plain) <= room:
        return text
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15, 8, zlib.Z_DEFAULT_STRATEGY, _WORDS)
    packed = FORMAT + deflate.compress(plain) + deflate.flush()
    return packed if len(packed) < len(plain) else text


def unpack(stored: str | bytes) -> str:
    """The text that ``pack`` was given.

    Raises
    ------
    UnknownText
        If the bytes are not in a form that this release knows.
    """
    if isinstance(stored, str):
        return stored
    if stored[:1] != FORMAT:
        raise UnknownText("an event in an unknown format")
    inflate = zlib.decompressobj(-15, _WORDS)
    try:
        return (inflate.decompress(stored[1:]) + inflate.flush()).decode()
    except zlib.error as broken:
        raise UnknownText("an event that cannot be inflated") from broken
