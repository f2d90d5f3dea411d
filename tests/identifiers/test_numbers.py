"""Professionals and structures: RPPS, ADELI, FINESS, SIREN, SIRET, IdNat_PS, IdNat_Struct, and the former INS-C."""

from __future__ import annotations

import pytest

from fhir_server.identifiers.kinds import KINDS, fitting, kind_of

FINESS = "https://finess.esante.gouv.fr"
SIRENE = "https://sirene.fr"
FR_TYPES = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"


def identifier(system: str, value: str, type_code: str = "") -> dict[str, object]:
    typed = {"type": {"coding": [{"system": FR_TYPES, "code": type_code}]}} if type_code else {}
    return {"system": system, "value": value, **typed}


SOUND = [
    ("rpps", "10002422979"),
    ("adeli", "2A1234567"),
    ("adeli-rang", "75123456701"),
    ("finess-ej", "750803447"),
    ("finess-eg", "2B0005359"),
    ("siren", "732829320"),
    ("siret", "73282932000074"),
    ("siret", "35600000000048"),  # the head office of La Poste keeps to Luhn
    ("siret", "35600000012341"),  # and another of its places to its own rule only
    ("idnat-ps", "810002422979"),
    ("idnat-ps", "0751234567"),
    ("idnat-ps", "3750803447/0042"),
    ("idnat-ps", "573282932000074/A-1"),
    ("idnat-struct", "1750803447"),
    ("idnat-struct", "2732829320"),
    ("idnat-struct", "373282932000074"),
    ("idnat-struct", "410005531586003"),
    ("idnat-struct", "F58000880311022013"),
    ("ins-c", "0123456789012345678901"),
]


@pytest.mark.parametrize(("code", "value"), SOUND)
def test_what_is_sound_has_no_fault_and_parts_that_say_it_whole(code: str, value: str) -> None:
    assert KINDS[code].check(value) == ()
    assert "".join(part.text for part in KINDS[code].parse(value)) == value.replace("/", "")


WRONG = [
    ("rpps", "10002422978", "identifier-key"),
    ("rpps", "1000242297", "identifier-form"),
    ("rpps", "810002422979", "identifier-form"),  # an IdNat_PS
    ("adeli", "12345678", "identifier-form"),
    ("finess", "750803448", "identifier-key"),
    ("finess", "2C0000020", "identifier-form"),
    ("siren", "26350007609999", "identifier-form"),  # a SIRET
    ("siret", "73282932000075", "identifier-key"),
    ("siret", "35600000012342", "identifier-key"),
    ("idnat-ps", "787987897987", "identifier-part"),
    ("idnat-ps", "124789224582101", "identifier-form"),
    ("idnat-ps", "3750803447", "identifier-form"),
    ("idnat-ps", "81000242297", "identifier-form"),
    ("idnat-struct", "1120456789", "identifier-key"),
    ("idnat-struct", "101235555", "identifier-form"),
    ("ins-c", "012345678901234567890", "identifier-form"),
]


@pytest.mark.parametrize(("code", "value", "expected"), WRONG)
def test_what_is_wrong_is_told_with_what_to_do(code: str, value: str, expected: str) -> None:
    fault, *_ = KINDS[code].check(value)
    assert fault.message_id == expected
    assert any(word in fault.sentence for word in ("compare", "mend", "Write", "is not known"))
    assert value not in fault.sentence  # sentences end up in logs


@pytest.mark.parametrize("code", KINDS)
@pytest.mark.parametrize("value", ["", " ", "x", "é" * 15, "0" * 10_000, "/", "3/", "١٢٣٤٥٦٧٨٩"])
def test_nothing_breaks_a_check(code: str, value: str) -> None:
    kind = KINDS[code]
    assert kind.check(value)
    assert kind.explain(value, "fr")


PUBLISHED = {
    "acts of the prefectures of Corsica, 2024 and 2025": (
        "2A0000170 2A0000386 2A0002606 2A0000014 2B0000020 2B0005342 2B0004246 2B0000442 2B0003107 2B0003057 2B0004238 2B0000939 2B0003628"
        " 2B0003073 2B0000459 2B0001341"
    ),
    "order AFSH1506177A of 4 March 2015": (
        "2A0000154 2B0000038 2B0005359 240000059 240000372 240000687 330780495 640017638 280000662 360000079 880007299 010780062 070005566"
        " 730000247"
    ),
}


@pytest.mark.parametrize("value", " ".join(PUBLISHED.values()).split())
def test_published_finess_numbers_are_sound_those_of_corsica_too(value: str) -> None:
    assert KINDS["finess"].check(value) == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (identifier("urn:oid:1.2.250.1.213.1.4.9", "x"), "ins-nia"),
        (identifier("https://rpps.esante.gouv.fr", "x"), "rpps"),
        (identifier(FINESS, "750803447"), "finess"),
        (identifier(FINESS, "750803447", "FINEJ"), "finess-ej"),
        (identifier("http://finess.esante.gouv.fr", "750803447", "FINEG"), "finess-eg"),
        (identifier(SIRENE, "732829320"), "siren"),
        (identifier(SIRENE, "73282932000074"), "siret"),
        (identifier(SIRENE, "73282932000074", "SIREN"), "siren"),
        (identifier("urn:oid:1.2.3", "751234567", "ADELI"), "adeli"),
        (identifier("urn:oid:1.2.250.1.71.4.2.1", "x"), "idnat-ps"),
        (identifier("urn:oid:1.2.250.1.71.4.2.2", "x"), "idnat-struct"),
        (identifier("urn:oid:1.2.3", "x", "PI"), None),
        ({"value": "10002422979"}, None),
        ({"system": ["x"], "type": "x"}, None),
        ({"system": SIRENE, "type": {"coding": [None, {"code": 1}]}, "value": 3}, "siren"),
    ],
)
def test_the_kind_is_known_by_system_then_type_then_form(given: dict[str, object], expected: str | None) -> None:
    kind = kind_of(given)
    assert (kind.code if kind else None) == expected


def test_a_bare_value_is_guessed_by_its_form() -> None:
    assert {kind.code for kind in fitting("750803447")} >= {"finess", "siren", "adeli"}
    assert "rpps" in {kind.code for kind in fitting("10002422979")}
