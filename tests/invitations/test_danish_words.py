from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations.danish import capitalise, join_words, no_break


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        ([], ""),
        (["Herning Kommune"], "Herning Kommune"),
        (["Region Midtjylland", "Region Nordjylland"], "Region Midtjylland og Region Nordjylland"),
        (["Herning", "Ikast-Brande", "KL"], "Herning, Ikast-Brande og KL"),
        (["a", "b", "c", "d"], "a, b, c og d"),
    ],
)
def test_words_are_joined_by_commas_and_og(words: list[str], joined: str) -> None:
    assert join_words(words) == joined


@pytest.mark.parametrize(
    ("text", "capitalised"),
    [
        ("mandag den 14. juni", "Mandag den 14. juni"),
        ("kl. 17.00", "Kl. 17.00"),
        ("øvrige kommuner i Region Sjælland", "Øvrige kommuner i Region Sjælland"),
        ("", ""),
    ],
)
def test_only_the_first_letter_is_raised(text: str, capitalised: str) -> None:
    assert capitalise(text) == capitalised


@pytest.mark.parametrize(
    "marked",
    [
        "Mødet begynder kl.~17.00.",
        "KL.~17.00 Velkommen",
        "Mandag den 14.~juni kl.~13.30-15.00",
        "Den 28.~marts 2019 besøger udvalget Herning.",
        "den 20. og 21.~april 2021",
        "den 2.~september 2020 Holstebro",
        "Velkommen v/~borgmester Jørgen Gaarde",
        "Velkommen, v.~Thomas Gyldal Petersen",
        "./.~Vedhæftet er eksempler.",
        "Side~1~af~2",
        "Postboks 3370, 2300~København~S",
        "Torvet 5, 7400~Herning",
        "2300~København~S.",
        "9200~Aalborg~SV, kl.~16-18",
        "2630~Taastrup v/~stationen",
    ],
)
def test_a_line_does_not_end_inside_what_belongs_together(marked: str) -> None:
    plain = marked.replace("~", " ")

    assert no_break(plain) == marked.replace("~", "\u00a0")


@pytest.mark.parametrize(
    "text",
    [
        "inkl. 17 bilag",
        "i september 2020 Holstebro",
        "Tema 1: Kvalitet",
        "I alt 1200 kroner",
        "Vi ses den 28. Velkommen",
        "ring 3370 3370",
        "kl.\n17.00",
        "side om side",
        "vedr. v. 2. punkt",
    ],
)
def test_other_spaces_stay_as_they_were(text: str) -> None:
    assert no_break(text) == text


pieces = st.sampled_from(
    [
        *(
            "kl.",
            "Kl.",
            "17.00",
            "28.",
            "marts",
            "2019",
            "v/",
            "v.",
            "Thomas",
            "./.",
            "Side",
            "side",
            "1",
            "af",
        ),
        *("2", "2300", "København", "S", "SV", " ", "\u00a0", ",", "\n", "æ"),
    ]
)


@given(st.lists(pieces).map(" ".join) | st.lists(pieces).map("".join))
def test_ties_replace_nothing_but_spaces_and_are_made_once(text: str) -> None:
    tied = no_break(text)

    assert tied.replace("\u00a0", " ") == text.replace("\u00a0", " ")
    assert no_break(tied) == tied
