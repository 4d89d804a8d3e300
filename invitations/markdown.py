"""What staff may mark up in a text: paragraphs, bold, italics, bullets, numbers and links.

All else stands as it was typed. What it costs grows with the length of the text only: no pattern here starts
anew within the word that it has just read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.common import normalize_url
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, list_block
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from invitations.danish import MONTHS, no_break

# A line must not end inside these: what reads a PDF aloud takes a hyphen at the end of a line for a division.
_LONGEST_UNBROKEN = 60
_LINK = re.compile(
    r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}]"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.\w{2,}"
)
_HYPHENATED = re.compile(r"(?<![\w.])[\w.]*\w-(?:\u00a0\w|[\w-])[^\s<]*|(?<!\w)-\w[^\s<]*")
# `børne- og`: what the hyphen stands for is said by the next word.
_AFTER_HYPHEN = re.compile(r"(?<=\w-) (?=\w)")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")

_NUMBERED = re.compile(rf"(?P<number>\d{{1,9}})[.)]\s+(?P<month>(?:{'|'.join(MONTHS)})\b)?")
# Each list counts twice, itself and its item. What is marked up deeper stands as it was typed.
_DEEPEST_LIST = 16


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
    """Plain `text` as inline HTML: no line ends where Danish wants none, and addresses are links.

    Args:
        links: whether to make links of web and mail addresses; not inside a link.
    """
    text = _AFTER_HYPHEN.sub("\u00a0", no_break(text))
    parts = []
    end = 0
    for match in _LINK.finditer(text) if links else ():
        address = match[0] if "://" in match[0] else f"mailto:{match[0]}"
        if not _is_web_or_mail(address):
            continue
        parts.append(_hyphens(text[end : match.start()]))
        parts.append(format_html('<a href="{}">{}</a>', address, _unbroken(escape(match[0]), len(match[0]))))
        end = match.end()
    return mark_safe("".join([*parts, _hyphens(text[end:])]))


class _Renderer(RendererHTML):
    """Prints text with Danish typography. Whether it stands in a link is kept in `env`, as all share us."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return inline(tokens[idx].content, links=not env.get("in_link"))

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        env["in_link"] = True
        return format_html('<a href="{}">', tokens[idx].attrs["href"])

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        env["in_link"] = False
        return self.renderToken(tokens, idx, options, env)


def _is_web_or_mail(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https", "mailto")
    except ValueError:
        return False


def _normalised(url: str) -> str:
    return normalize_url.normalizeLink(f"https://{url}" if url.startswith("www.") else url)


def _is_list(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """CommonMark's lists, but a date or an ordinal begins none: `28. marts mødes vi`, `5. klasse er med`."""
    start = state.bMarks[line] + state.tShift[line]
    numbered = _NUMBERED.match(state.src, start, state.eMarks[line])
    is_next_item = silent and state.sCount[line] < state.blkIndent
    if numbered and not is_next_item:
        number = int(numbered["number"])
        goes_on = re.compile(rf"^[ \t]*{number + 1}[.)]\s", re.MULTILINE).search(state.src, numbered.end())
        if numbered["month"] or (number != 1 and not goes_on):
            return False
    return state.level <= _DEEPEST_LIST and list_block(state, line, end, silent)


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False, "maxNesting": 100}, renderer_cls=_Renderer)
    parser.enable(["list", "emphasis", "link", "escape", "newline"])
    parser.block.ruler.at("list", _is_list, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.validateLink = _is_web_or_mail  # type: ignore[method-assign]
    parser.normalizeLink = _normalised  # type: ignore[method-assign]
    return parser


def markdown(text: str) -> SafeString:
    """`text` in our Markdown as block HTML: p, ul, ol, li, strong, em, a, br, span.nowrap, and no others."""
    html: str = _markdown().render(text)
    return mark_safe(html.strip())
