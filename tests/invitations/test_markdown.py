from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations.markdown import escape_markdown, inline, markdown

SPACE = "\u00a0"


def html(text: str) -> str:
    """The HTML on one line, with the no-break spaces shown."""
    return markdown(text).replace("\n", "").replace(SPACE, "_")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Et afsnit.\n\nEt til.", "<p>Et afsnit.</p><p>Et til.</p>"),
        ("**Fed** og *kursiv*", "<p><strong>Fed</strong> og <em>kursiv</em></p>"),
        ("__Fed__ og _kursiv_", "<p><strong>Fed</strong> og <em>kursiv</em></p>"),
        ("- Et\n- To", "<ul><li>Et</li><li>To</li></ul>"),
        ("Tekst:\n\n* Et\n* To", "<p>Tekst:</p><ul><li>Et</li><li>To</li></ul>"),
        ("1. Et\n2. To", "<ol><li>Et</li><li>To</li></ol>"),
        ("3. Tre\n4. Fire", '<ol start="3"><li>Tre</li><li>Fire</li></ol>'),
        ("- Et\n  1. a\n  2. b\n- To", "<ul><li>Et<ol><li>a</li><li>b</li></ol></li><li>To</li></ul>"),
        ("Linje\\\nnæste", "<p>Linje<br>næste</p>"),
        ("Linje  \nnæste", "<p>Linje<br>næste</p>"),
        (r"\*ikke kursiv\*", "<p>*ikke kursiv*</p>"),
        ("[KL](https://www.kl.dk)", '<p><a href="https://www.kl.dk">KL</a></p>'),
        ("[www.kl.dk](www.kl.dk)", '<p><a href="https://www.kl.dk">www.kl.dk</a></p>'),
        ("[skriv](mailto:moeder@kl.dk)", '<p><a href="mailto:moeder@kl.dk">skriv</a></p>'),
        ('[KL](https://www.kl.dk "Titel")', '<p><a href="https://www.kl.dk">KL</a></p>'),
        ("", ""),
    ],
)
def test_what_can_be_marked_up(text: str, expected: str) -> None:
    assert html(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Overskrift", "<p># Overskrift</p>"),
        ("> Citat", "<p>&gt; Citat</p>"),
        ("`kode`", "<p>`kode`</p>"),
        ("---", "<p>---</p>"),
        ("    indrykket", "<p>indrykket</p>"),
        ("~~streg~~", "<p>~~streg~~</p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        ("<b>&amp;</b>", "<p>&lt;b&gt;&amp;amp;&lt;/b&gt;</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[klik](javascript:alert(1))", "<p>[klik](javascript:alert(1))</p>"),
        ("[fil](file:///etc/passwd)", "<p>[fil](file:///etc/passwd)</p>"),
        ("[her](/intern)", "<p>[her](/intern)</p>"),
        ("http://[ og så", "<p>http://[ og så</p>"),
    ],
)
def test_all_else_stands_as_it_was_typed(text: str, expected: str) -> None:
    assert html(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "28. marts mødes vi.",
        "1. maj holder vi fri.",
        "10. januar er et møde.",
        "5. klasse er med.",
        "2. september\nog tekst",
    ],
)
def test_a_date_or_an_ordinal_begins_no_list(text: str) -> None:
    assert html(text).startswith(f"<p>{text[:2]}")


def test_an_item_may_begin_with_a_date() -> None:
    assert html("- 28. marts\n- 4. april") == "<ul><li>28._marts</li><li>4._april</li></ul>"


@pytest.mark.parametrize("marker", ["- ", "1. "])
def test_no_text_is_lost_however_deep_it_is_nested(marker: str) -> None:
    nested = markdown(marker * 200 + "dybt")

    assert nested.count("<li>") == 9
    assert f"<li>{marker * 191}dybt</li>" in nested


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kl. 17.00 den 28. marts 2019", "kl._17.00 den 28._marts 2019"),
        ("v/ borgmester Bo", "v/_borgmester Bo"),
        ("2300 København S", "2300_København_S"),
        ("./. Vedhæftet", "./._Vedhæftet"),
        ("0-6-årsområdet", '<span class="nowrap">0-6-årsområdet</span>'),
        ("børne- og ungeområdet", '<span class="nowrap">børne-_og</span> ungeområdet'),
        ("KL's 'værdier'", "KL&#x27;s &#x27;værdier&#x27;"),
        (
            "Skriv til moeder@kl.dk.",
            'Skriv til <a href="mailto:moeder@kl.dk"><span class="nowrap">moeder@kl.dk</span></a>.',
        ),
        (
            "Se https://tilmeld.kl.dk/a_b?c=1&d=2.",
            'Se <a href="https://tilmeld.kl.dk/a_b?c=1&amp;d=2">'
            '<span class="nowrap">https://tilmeld.kl.dk/a_b?c=1&amp;d=2</span></a>.',
        ),
    ],
)
def test_danish_typography_inside_a_line(text: str, expected: str) -> None:
    assert inline(text).replace(SPACE, "_") == expected


def test_an_address_that_is_too_long_for_a_line_may_break() -> None:
    address = "https://tilmeld.kl.dk/" + "x" * 60

    assert inline(address) == f'<a href="{address}">{address}</a>'


def test_an_address_in_the_text_of_a_link_is_no_second_link() -> None:
    assert html("[moeder@kl.dk](https://www.kl.dk)") == '<p><a href="https://www.kl.dk">moeder@kl.dk</a></p>'


def test_after_a_link_addresses_are_links_again() -> None:
    assert html("[a](https://a.dk) b@c.dk").count("<a ") == 2


@given(st.text(st.characters(exclude_categories=["C"]), max_size=60))
def test_escaped_text_is_taken_literally(text: str) -> None:
    words = " ".join(text.split())

    rendered = markdown(f"**x{escape_markdown(words)}x**")

    assert rendered == f"<p><strong>{inline(f'x{words}x')}</strong></p>"


@given(st.text(alphabet="ab1 -*_[]()<>&\"'\\.\n:/@#`!kl28marts", max_size=200))
def test_whatever_is_typed_only_known_elements_come_out(text: str) -> None:
    rendered = markdown(text)

    elements = set(re.findall(r"</?([a-zA-Z]+)", rendered))
    attributes = set(re.findall(r"<[a-z]+ ([a-z]+)=", rendered))
    assert elements <= {"p", "ul", "ol", "li", "strong", "em", "a", "br", "span"}
    assert attributes <= {"href", "class", "start"}


@given(st.text(alphabet="abc 123.)-*+\n", max_size=120))
def test_no_word_is_lost(text: str) -> None:
    words = re.findall("[abc]+", text)

    shown = re.sub("<[^>]*>", " ", markdown(text))

    assert re.findall("[abc]+", shown) == words


@pytest.mark.parametrize(
    "part", ["a", ".", "a.", "a-", "-a", "http://", ".http://.", "a@", "a@b.", "_a", "1"]
)
def test_a_word_without_end_is_read_once(part: str) -> None:
    """A pattern that started anew within the word would take half an hour here, or more."""
    text = part * (200_000 // len(part))

    shown = re.sub("<[^>]*>", "", inline(text))

    assert shown == text
