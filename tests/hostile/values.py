"""What people type who mean no good, and what machines send that are broken."""

from __future__ import annotations

# As an element, as an attribute and as an address: none of these is ever on a page as it stands here.
ELEMENT = "<kl-canary>"
ATTRIBUTE = "\"onklcanary='1'"
CANARIES = (ELEMENT, '"onklcanary', "'onklcanary", 'href="javascript:')

Hostile = str | bytes

VALUES: dict[str, Hostile] = {
    "long": "x" * 100_000,
    "words": "ord " * 25_000,
    "element": f"{ELEMENT}<script>alert(1)</script>",
    "attribute": f"{ATTRIBUTE} x='",
    "address": "javascript:alert(1)",
    "elsewhere": "//evil.example/klcanary",
    "nul": "a\0b",
    "surrogate": b"\xed\xa0\x80",
    "no utf-8": b"\xff\xfe\xc3",
    "emoji": "\U0001f469\u200d\U0001f4bb" * 40,
    "right to left": "\u202egnirts\u202c \u2067x",
    "header": "klcanary@herning.example\r\nX-Klcanary: 1\r\n\r\n<kl-canary>",
    "formula": "=1+1",
    "formulas": '@SUM(A1)\t-2+3\n+cmd|"/C calc"!A0',
    "template": "{{ settings.SECRET_KEY }}{% load log %}{{ 7|add:7 }}",
    "placeholder": "{title} {deadline} {{title}} {x} { {0.__class__} {",
    "path": "../../../../etc/passwd\0.pdf",
    "empty": "",
    "blank": " \u00a0\u200b\t ",
    "negative": "-1",
    "25 digits": "9" * 25,
    "500 digits": "9" * 5000,
    "fraction": "1e999",
    "no number": "NaN",
    "other digits": "\u0661\u0662\u00b2",
    "no date": "0000-99-99",
    "last date": "9999-12-31",
    "first date": "0001-01-01",
    "last moment": "31.12.9999 23:59:59",
    "time": "99:99",
    "list": "[1, 2, {}]",
    "json": '{"a": [' * 500,
    "uuid": "00000000-0000-0000-0000-00000000000g",
}
