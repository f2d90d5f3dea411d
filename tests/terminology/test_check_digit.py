"""Codes whose last digit says whether they were mistyped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.terminology.check_digit import is_loinc_code, is_snomed_id
from fhir_server.terminology.grammar import GRAMMARS


@pytest.mark.parametrize("code", ["73211009", "404684003", "138875005", "900000000000207008", "74400008"])
def test_an_id_of_snomed_ct_ends_in_its_check_digit(code: str) -> None:
    assert is_snomed_id(code)


@pytest.mark.parametrize("code", ["8480-6", "8867-4", "29463-7", "85354-9", "2339-0"])
def test_a_code_of_loinc_ends_in_its_check_digit(code: str) -> None:
    assert is_loinc_code(code)


@given(st.from_regex(r"[1-9][0-9]{4,16}", fullmatch=True))
def test_one_digit_of_ten_makes_it_right(digits: str) -> None:
    assert sum(is_snomed_id(digits + last) for last in "0123456789") == 1
    assert sum(is_loinc_code(f"{digits}-{last}") for last in "0123456789") == 1


@given(st.from_regex(r"[1-9][0-9]{5,12}", fullmatch=True), st.data())
def test_a_mistyped_digit_of_snomed_ct_is_noticed(digits: str, data: st.DataObject) -> None:
    right = next(digits + last for last in "0123456789" if is_snomed_id(digits + last))
    place = data.draw(st.integers(0, len(right) - 1))
    other = data.draw(st.sampled_from(sorted(set("0123456789") - {right[place]})))
    assert not is_snomed_id(right[:place] + other + right[place + 1 :])


@pytest.mark.parametrize(
    ("system", "code", "verdict"),
    [
        ("http://snomed.info/sct", "73211009", "unknown"),
        ("http://snomed.info/sct", "73211008", "no"),
        ("http://snomed.info/sct", "1", "no"),
        ("http://snomed.info/sct", "73211009:363698007=72098002", "unknown"),
        ("http://loinc.org", "8480-6", "unknown"),
        ("http://loinc.org", "8480-7", "no"),
        ("http://loinc.org", "LA32-8", "unknown"),
    ],
)
def test_a_wrong_check_digit_is_no_code(system: str, code: str, verdict: str) -> None:
    assert GRAMMARS[system].answer(code).verdict == verdict
