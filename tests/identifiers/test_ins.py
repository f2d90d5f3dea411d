"""INS-NIR and INS-NIA: the key, Corsica, what the parts say (https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.identifiers.ins import INS_NIA, INS_NIR, INS_NIR_DEMO, INS_NIR_TEST
from fhir_server.identifiers.nir import has_right_key, key

DEPARTMENTS = st.sampled_from(["01", "13", "2A", "2B", "75", "97", "99"])
NUMBERS = st.builds(
    lambda sex, year, month, department, rest: f"{sex}{year:02d}{month:02d}{department}{rest:06d}",
    st.sampled_from("12"), st.integers(0, 99), st.integers(1, 12), DEPARTMENTS, st.integers(0, 999_999),
)  # fmt: skip


def ids(faults: object) -> list[str]:
    return [fault.message_id for fault in faults]  # type: ignore[attr-defined]


@given(NUMBERS)
def test_a_number_with_its_key_is_sound_and_with_no_other(number: str) -> None:
    assert [other for other in range(100) if has_right_key(f"{number}{other:02d}")] == [int(key(number))]
    assert INS_NIR.check(number + key(number)) == ()


@given(NUMBERS, st.data())
def test_every_change_of_a_single_character_is_found(number: str, data: st.DataObject) -> None:
    whole = number + key(number)
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([one for one in "0123456789AB" if one != whole[place]]))
    assert INS_NIR.check(whole[:place] + other + whole[place + 1 :])


@given(NUMBERS, st.data())
def test_every_swap_of_two_neighbouring_digits_is_found(number: str, data: st.DataObject) -> None:
    whole = number + key(number)
    place = data.draw(st.integers(0, 11))
    swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
    assert swapped == whole or INS_NIR.check(swapped)


@given(NUMBERS)
def test_the_parts_joined_are_the_value(number: str) -> None:
    whole = number + key(number)
    assert "".join(part.text for part in INS_NIR.parse(whole)) == whole


@pytest.mark.parametrize(("letters", "digits"), [("2A", "19"), ("2B", "18")])
def test_corsica_counts_as_19_and_18_and_keeps_its_letters(letters: str, digits: str) -> None:
    right = 97 - int(f"18002{digits}001001") % 97
    assert INS_NIR.check(f"18002{letters}001001{right:02d}") == ()
    assert ids(INS_NIR.check(f"18002{letters.lower()}001001{right:02d}")) == ["identifier-form"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("2790351215189", ["female", "", "Marne", "INSEE code 51215"]),
        ("1800597411001", ["male", "", "La Réunion", "INSEE code 97411"]),
        ("180052A004001", ["male", "", "Corse-du-Sud", "INSEE code 2A004"]),
        ("1553292012001", ["male", "civil status incomplete", "Hauts-de-Seine, or Algeria before its independence", "INSEE code 92012"]),
    ],
)
def test_the_parts_are_explained(number: str, said: list[str]) -> None:
    parts = {part.name: part.meaning for part in INS_NIR.parse(number + key(number))}
    names = ("sex", "month of birth", "department of birth", "commune of birth")
    assert [parts[name] for name in names] == said


def test_a_birth_abroad_has_a_country() -> None:
    number = "2850799350042"
    place = INS_NIR.parse(number + key(number))[3]
    assert (place.name, place.text) == ("country of birth", "99350")


@pytest.mark.parametrize(("number", "wrong"), [("3790351215189", "sex"), ("2794551215189", "month"), ("2790300215189", "department")])
def test_parts_that_no_nir_has_are_told_even_with_the_right_key(number: str, wrong: str) -> None:
    (fault,) = INS_NIR.check(number + key(number))
    assert fault.message_id == "identifier-part"
    assert wrong in fault.sentence


def test_an_nia_may_begin_with_7_and_a_nir_may_not() -> None:
    whole = "7790399350042" + key("7790399350042")
    assert (INS_NIA.check(whole), ids(INS_NIR.check(whole))) == ((), ["identifier-part"])


def test_test_and_demonstration_identities_are_checked_alike_under_their_own_oid() -> None:
    assert [kind.systems[0].rpartition(".")[2] for kind in (INS_NIR, INS_NIA, INS_NIR_TEST, INS_NIR_DEMO)] == ["8", "9", "10", "11"]
    assert [kind.check("279035121518989") for kind in (INS_NIR, INS_NIR_TEST, INS_NIR_DEMO)] == [(), (), ()]


def test_spaces_are_told_as_such() -> None:
    (fault,) = INS_NIR.check("2 79 03 51 215 189 89")
    assert "nothing between" in fault.sentence


def test_it_is_explained_in_french() -> None:
    said = INS_NIR.explain("279035121518988", "fr").replace("\u00a0", " ").replace("\u202f", " ")
    assert said.startswith("INS-NIR, l’identité de santé par le NIR : sexe 2 (féminin), année de naissance 79")
    assert said.endswith("La clé devrait être 89 et non 88, ou un autre caractère est faux : comparez avec l’original.")
