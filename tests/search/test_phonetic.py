"""Names as they sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.search.types.phonetic import parse_phonetic, text_keys


@pytest.mark.parametrize("names", [
    "Dupont Dupond Dupon", "Renault Renaud Reno Raynaud", "Philippe Filip Phillip", "Thierry Tierri Thiery", "François Fransois Franssoi",
    "Catherine Katherine Kathryn Katrine", "Christian Kristian", "Guillaume Guilaume", "Gérard Jerard Gerrard", "Émile Emil Aymile",
    "Hélène Elene Helen", "Lefèvre Lefaivre", "Stephen Stefen", "Moreau Moraud Moro", "Chloé Kloe", "Wagner Vagner", "Zoé Soe",
    "Matthieu Mathieu Matieu", "Jacques Jaques", "Knox Nox",
])  # fmt: skip
def test_names_that_sound_alike_have_one_key(names):
    assert len({text_keys(name)[0] for name in names.split()}) == 1


@pytest.mark.parametrize("names", ["Martin Durand", "Dupont Dubois", "Bernard Renard", "Petit Robert", "Li Legrand", "Marie Mathieu"])
def test_names_that_do_not_sound_alike_have_others(names):
    first, second = (text_keys(name)[0] for name in names.split())
    assert not first.startswith(second)
    assert not second.startswith(first)


@given(st.text(max_size=40))
def test_case_and_accents_make_no_difference_and_a_key_is_never_empty(text):
    assert all(len(key) > 1 for key in text_keys(text))
    assert text_keys(text) == text_keys(text + " ")


def test_a_text_without_letters_says_what_to_write():
    with pytest.raises(ValueError, match="letter or digit"):
        parse_phonetic(" - ")
