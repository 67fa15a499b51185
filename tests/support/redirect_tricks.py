"""A hundred ways to write an address so that a careless redirect leads to a stranger's host."""

from __future__ import annotations

NOT_HTTPS = (
    "", " ", "/", "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\/evil.example",
    "\\\\evil.example", "/%2fevil.example", "/%5cevil.example", "//evil.example/%2f..", "/.evil.example",
    "/;@evil.example",
    "/\tevil.example", "/\n/evil.example", "/\r\n/evil.example", "//evil%00.example", "//\u3002evil.example",
    "//evil\u3002example", "//[::1]", "//2130706433", "//0x7f000001", "//evil.example:443#@shop.example",
    "//shop.example@evil.example",
    "http://shop.example", "http:evil.example", "http:/evil.example", "http:///evil.example", "HTTPS://shop.example",
    "hTTps://evil.example", "https:shop.example", "https:/shop.example", "https:\\\\shop.example",
    "https:/\\evil.example",
    "https\t://evil.example", "h\nttps://evil.example", "ht\r\ntps://evil.example", "\x00https://evil.example",
    "\x01https://evil.example", "\thttps://evil.example", " https://evil.example", "\ufeffhttps://evil.example",
    "\u200bhttps://evil.example", "\u202ehttps://evil.example", "%68ttps://evil.example", "https%3A//evil.example",
    "https%3a%2f%2fevil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
    "java\tscript:alert(1)",
    "\x19javascript:alert(1)", "javascript://shop.example/%0aalert(1)", "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "data:text/html,<script>", "data:text/html;base64,PHNjcmlwdD4=", "vbscript:x", "view-source:https://evil.example",
    "file:///etc/passwd", "ftp://evil.example", "ws://evil.example", "blob:https://evil.example",
    "filesystem:https://evil.example/x",
    "intent://evil.example#Intent;scheme=https;end", "about:blank", "mailto:a@evil.example", "tel:+90900",
    "sms:+90900",
    "shop.example", "www.evil.example", "..//evil.example", "./evil.example", "#//evil.example",
    "?url=https://evil.example", "evil.example:443",
)  # fmt: skip
"""No address over https: a link of a message leads to none of them."""
BROKEN_HTTPS = (
    "https://", "https:// evil.example", "https://\tevil.example", "https://shop.example\\@evil.example",
    "https://shop.example\\.evil.example", "https://shop.example\nlocation: https://evil.example",
    "https://shop.example\r\nset-cookie: a=b", "https://shop.example/ https://evil.example",
    "https://shop.example/\x00",
    "https://shop.example/\x7f", 'https://shop.example/"onload=x', "https://shop.example/'x",
    "https://shop.example/<script>",
    "https://shop.example/`", "https://shop.example/{", "https://shop.example/}", "https://shop.example/|",
    "https://shop.example/^", "https://shop.example/\u2028x", "https://shop.example/\u00a0x",
    "https://shop.example/\u3000x",
    "https://shop.example\u0085evil", "https://" + "a" * 2_001,
)  # fmt: skip
"""Begins as one, and could end a line, an attribute or the name of the host."""
STRANGERS = (
    "https://evil.example", "https://evil.example/https://shop.example", "https://shop.example@evil.example/",
    "https://shop.example:x@evil.example/", "https://shop.example%40evil.example/",
    "https://shop.example.evil.example/",
    "https://evilshop.example/", "https://shop.example%2eevil.example/", "https://evil.example?shop.example",
    "https://evil.example#shop.example", "https://evil.example%23@shop.example.evil.example/",
    "https://evil.example;shop.example/",
    "https://shop.examp\u217ce/", "https://sh\u043ep.example/", "https://shop\u3002evil.example/",
    "https://shop.example\uff0fevil.example",
    "https://xn--shp-0na.example/", "https://2130706433/", "https://0x7f.1/", "https://[::ffff:127.0.0.1]/",
    "https://169.254.169.254/latest/",
)  # fmt: skip
"""Addresses over https of other hosts: only the shop may write them, and a visitor never chooses one."""
TRICKS = (*NOT_HTTPS, *BROKEN_HTTPS, *STRANGERS)
