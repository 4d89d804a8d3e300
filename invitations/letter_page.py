"""A letter as a web page: the very words its PDF was made from, so that the two cannot differ."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from invitations.models import LetterVersion

# The parts of templates/invitations/letter/pdf.html, by which every stored version was written.
_PARTS = re.compile(
    r"<title>(?P<title>.*?)</title>.*"
    r'<div class="letterhead">.*?<div class="margin">(?P<margin>.*?)</div>\s*</div>\s*'
    r'(?P<body><div class="recipients">.*?)\s*</body>',
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class LetterPage:
    """`margin` holds date, case numbers and contact; `body` all from the recipients to the signatures."""

    title: SafeString
    margin: SafeString
    body: SafeString

    @property
    def has_heading(self) -> bool:
        return "<h1" in self.body

    @classmethod
    def of(cls, version: LetterVersion) -> LetterPage:
        """The parts of `version`: HTML of our own making, in which what was typed is escaped.

        Raises:
            ValueError: the stored HTML is not that of a letter.
        """
        parts = _PARTS.search(version.html)
        if parts is None:
            raise ValueError(f"version {version.pk} is not the HTML of a letter")
        return cls(**{name: mark_safe(html) for name, html in parts.groupdict().items()})
