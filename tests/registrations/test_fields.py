from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.forms import Field

from registrations.fields import EmailAddressField, LineField, ParagraphsField, PhoneField


def refusal(field: Field, text: str) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        field.clean(text)
    return list(refused.value.messages)


def test_a_line_loses_spaces_around_it_and_doubled_within() -> None:
    assert LineField(max_length=100).clean("  Bo   \u00a0 Hansen ") == "Bo Hansen"


def test_letters_are_composed_so_that_equal_names_are_equal() -> None:
    assert LineField(max_length=100).clean("A\u030age") == "Åge"


@pytest.mark.parametrize(
    "name", ["Bo 🙂", "محمد", "👩‍👩‍👧", "<script>alert(1)</script>", "{{ 7*7 }}", "O'Neill & søn"]
)
def test_a_line_takes_whatever_can_be_seen(name: str) -> None:
    assert LineField(max_length=100).clean(name) == name


@pytest.mark.parametrize(
    "name", ["Bo\nBcc: x@y.dk", "Bo\r\nX", "Bo\tX", "Bo\0", "Bo\x1b[1m", "Bo\u2028X", "Bo\u202eX", "\u0085X"]
)
def test_a_line_refuses_breaks_and_what_cannot_be_seen(name: str) -> None:
    assert refusal(LineField(max_length=100), f"A{name}B") == ["Skriv teksten på én linje uden usynlige tegn"]


def test_paragraphs_keep_their_lines_whatever_system_they_come_from() -> None:
    assert ParagraphsField(max_length=100).clean("Et\r\nto\rtre\n\tfire") == "Et\nto\ntre\n\tfire"


def test_a_line_break_counts_as_one_character() -> None:
    assert ParagraphsField(max_length=3).clean("a\r\nb") == "a\nb"


def test_a_text_that_is_too_long_is_told_how_long_it_may_be() -> None:
    assert refusal(ParagraphsField(max_length=2000), "x" * 10_000) == ["Skriv højst 2000 tegn"]


@pytest.mark.parametrize("text", ["010190-1234", "0101901234", "010190 1234", "Hun er 311299-4321."])
def test_cpr_numbers_are_refused(text: str) -> None:
    assert refusal(ParagraphsField(max_length=100), text) == ["Skriv ikke CPR-numre her"]


@pytest.mark.parametrize("text", ["3370 3370", "+4533703370", "2026-004217", "450190-1234", "12345678901234"])
def test_other_numbers_are_not_taken_for_cpr_numbers(text: str) -> None:
    assert ParagraphsField(max_length=100).clean(text) == text


@pytest.mark.parametrize("address", ["navn@kommune.dk", "for.efter+1@sub.kommune.dk", "navn@københavn.dk"])
def test_mail_addresses_are_taken(address: str) -> None:
    assert EmailAddressField().clean(f" {address} ") == address


@pytest.mark.parametrize(
    "address",
    [
        "nej",
        "a@b",
        "a b@c.dk",
        "søren@c.dk",
        '"a\x01"@c.dk',
        "a@c.dk\nb@c.dk",
        "a@c.dk,b@c.dk",
        f"{'x' * 250}@c.dk",
    ],
)
def test_other_words_are_no_mail_address_and_told_so_once(address: str) -> None:
    assert refusal(EmailAddressField(), address) == ["Indtast en e-mailadresse som navn@kommune.dk"]


@pytest.mark.parametrize(
    "number",
    ["12345678", "12 34 56 78", "+45 12345678", "0045 12 34 56 78", "+46 (0)8-123 456", "+4912345678901"],
)
def test_telephone_numbers_are_taken_as_people_write_them(number: str) -> None:
    assert PhoneField(max_length=30).clean(number) == number


@pytest.mark.parametrize("number", ["1234567", "123456789", "ring til mig", "+45", "12345678x", "١٢٣٤٥٦٧٨"])
def test_other_words_are_no_telephone_number(number: str) -> None:
    assert refusal(PhoneField(max_length=30), number) == ["Indtast et gyldigt telefonnummer"]


def test_a_telephone_number_may_be_left_out_where_it_is_not_required() -> None:
    assert PhoneField(max_length=30, required=False).clean("") == ""


def test_the_browser_cuts_nothing_off() -> None:
    fields = [ParagraphsField(max_length=10), LineField(max_length=10), EmailAddressField()]

    assert [field.widget.attrs.get("maxlength") for field in fields] == [None, None, None]
