"""What staff may mark up in a text: paragraphs, bold, italics, bullets, numbers and links. All else stands as typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from invitations.danish import no_break

# A line must not end inside these: what reads a PDF aloud or copies from it takes a hyphen at a line's end for a division.
_LONGEST_UNBROKEN = 60
_LINK = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}]|[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.\w{2,}")
_HYPHENATED = re.compile(
    r"[\w.]*\w-(?:\u00a0?(?:og|eller|samt)\u00a0?|[\w-]+)[^\s<]*|(?<!\w)-\w[^\s<]*", re.UNICODE
)
_BEFORE_AND = re.compile(r"(\w-) (og|eller|samt) ")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def escape_markdown(text: str) -> str:
    """`text` such that Markdown takes every character of it literally (CommonMark 2.4, backslash escapes)."""
    return _PUNCTUATION.sub(r"\\\1", text)


def _unbroken(html: SafeString, length: int) -> SafeString:
    return format_html('<span class="nowrap">{}</span>', html) if length <= _LONGEST_UNBROKEN else html


def _hyphens(text: str) -> SafeString:
    """`text` with its hyphenated words kept on one line."""
    parts = []
    end = 0
    for match in _HYPHENATED.finditer(text):
        parts += [escape(text[end : match.start()]), _unbroken(escape(match[0]), len(match[0]))]
        end = match.end()
    return mark_safe("".join([*parts, escape(text[end:])]))


def inline(text: str, *, links: bool = True) -> SafeString:
    """Plain `text` as inline HTML with Danish typography: no line ends where Danish wants none, addresses are links.

    Args:
        links: whether to make links of web and mail addresses; not inside a link.
    """
    text = _BEFORE_AND.sub("\\1\u00a0\\2 ", no_break(text))
    parts = []
    end = 0
    for match in _LINK.finditer(text) if links else ():
        parts.append(_hyphens(text[end : match.start()]))
        address = match[0] if "://" in match[0] else f"mailto:{match[0]}"
        parts.append(format_html('<a href="{}">{}</a>', address, _unbroken(escape(match[0]), len(match[0]))))
        end = match.end()
    return mark_safe("".join([*parts, _hyphens(text[end:])]))


class _Renderer(RendererHTML):
    """Prints text with Danish typography. Whether it stands in a link is kept in `env`, the renderer being shared."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return inline(tokens[idx].content, links=not env.get("in_link"))

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        env["in_link"] = True
        return self.renderToken(tokens, idx, options, env)

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        env["in_link"] = False
        return self.renderToken(tokens, idx, options, env)


def _is_web_or_mail(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https", "mailto")


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False, "maxNesting": 12}, renderer_cls=_Renderer)
    parser.enable(["list", "emphasis", "link", "escape", "newline"])
    parser.validateLink = _is_web_or_mail  # type: ignore[method-assign]
    return parser


def markdown(text: str) -> SafeString:
    """`text` in our Markdown as block HTML with no other elements than p, ul, ol, li, strong, em, a, br and span.nowrap."""
    return mark_safe(_markdown().render(text).strip())
