"""What R4's own rules ask, in French: in our words, with the key and the specification's words behind them."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.phrase import RuleText, in_language, phrase, rule_texts
from fhir_server.validation.validator import Validator
from tests.validation.conftest import profile


def keys_of_r4(definitions: Definitions) -> Iterator[str]:
    for name in (*definitions.schema.resource_types, "Element", "Extension", "Quantity", "Period", "Reference", "Narrative"):
        definition = definitions.resolve(f"http://hl7.org/fhir/StructureDefinition/{name}")
        for row in definition["snapshot"]["element"] if definition else ():
            yield from (str(one["key"]) for one in row.get("constraint", ()))


def test_the_rules_that_every_resource_meets_have_their_french(definitions: Definitions) -> None:
    known = rule_texts("fr")
    asked = set(keys_of_r4(definitions))
    clinical = re.compile("(ait|att|bdl|cmp|con|cpt|dom|ele|ext|obs|org|pat|per|qrs|qty|que|rat|ref|rng|sdf|tim|txt)-")
    assert sorted(key for key in asked - known.keys() if clinical.match(key)) == []
    assert len(asked & known.keys()) > 0.8 * len(asked)


def test_french_punctuation_does_not_break_from_its_word() -> None:
    assert [said for said in rule_texts("fr").values() if re.search(r"« | [»;:?!](?:[ )]|$)", said)] == []


def test_key_and_english_words_stay() -> None:
    sentence = phrase("{human}. ({key})", human=RuleText("If present, start SHALL be first", "per-1"), key="per-1")
    assert sentence == "If present, start SHALL be first. (per-1)"
    assert in_language(sentence, "fr") == "Le début précède la fin [If present, start SHALL be first]. (per-1)"
    assert in_language(RuleText("As it is", "none-1"), "fr") == "As it is"
    copy = pickle.loads(pickle.dumps(sentence))
    assert in_language(copy, "fr") == in_language(sentence, "fr")


@pytest.mark.parametrize("key", ["dom-6", "pat-1"])
def test_a_profile_that_uses_the_key_of_an_r4_rule_keeps_its_own_words(definitions: Definitions, key: str) -> None:
    from fhir_server.definitions.stored import StoredConformance
    from fhir_server.model.json_format import encode_json

    constraint = {"key": "per-1", "severity": "error", "human": "Say when", "expression": "birthDate.exists()"}
    made = profile("Patient", [{"id": "", "constraint": [constraint]}])
    stored = StoredConformance()
    stored.put("StructureDefinition", "p", 1, encode_json(made))
    found = Validator(Definitions(definitions.packages, stored)).validate({"resourceType": "Patient", "contact": [{}]}, made["url"])
    said = [in_language(issue.diagnostics, "fr") for issue in found]
    assert "Say when. (per-1)" in said
    assert any(f"({key})" in one and "[" in one for one in said)
