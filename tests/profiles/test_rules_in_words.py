"""What a rule of the guide asks is said in English and in French: by the profile, by its page and by validation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fhir_server.definitions.definitions import guide_folder
from fhir_server.model.phrase import in_language
from fhir_server.questionnaires.translation import said
from tests.profiles.test_examples import EXAMPLES, PROFILES, errors_of

ROW = re.compile(r"^\| `(pas-[a-z0-9-]+)` \| (.+) \| (.+) \|$", re.MULTILINE)
BAR = "¦"
"""Stands for a bar within a cell."""


def words(constraint: dict[str, object]) -> tuple[str, str]:
    return str(constraint["human"]), said(constraint, "human", "fr")


def rules_by_profile() -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    """The id of each StructureDefinition with what its own rules ask, by key."""
    for path in sorted(guide_folder().glob("StructureDefinition-*.json")):
        definition = json.loads(path.read_bytes())
        rows = definition["differential"]["element"]
        yield definition["id"], {one["key"]: words(one) for row in rows for one in row.get("constraint", ())}


RULES = dict(rules_by_profile())
WORDS = {key: pair for rules in RULES.values() for key, pair in rules.items()}


def rows_of(path: Path) -> dict[str, tuple[str, str]]:
    """The table of a page: key, English, French."""
    found = ROW.findall(path.read_text(encoding="utf-8").replace(r"\|", BAR))
    return {key: (english.replace(BAR, "|"), french.replace(BAR, "|")) for key, english, french in found}


PAGES = {path: rows_of(path) for path in (PROFILES / "pages").glob("*.md")}


def test_every_rule_is_said_in_french_too() -> None:
    assert len(WORDS) > 150
    assert [key for key, (english, french) in WORDS.items() if french == english] == []


def test_french_punctuation_does_not_break_from_its_word() -> None:
    assert [french for _, french in WORDS.values() if re.search(r"« | [»;:?!](?:[ )]|$)|\w'\w", french)] == []


def test_pages_say_what_the_rules_say() -> None:
    for path, rows in PAGES.items():
        for key, pair in rows.items():
            assert pair == WORDS[key], path.name


@pytest.mark.parametrize("profile", [one for one in RULES if (PROFILES / "pages" / f"{one.removeprefix('passerelle-')}.md").is_file()])
def test_a_page_has_every_rule_of_its_profile(profile: str) -> None:
    page = PAGES[PROFILES / "pages" / f"{profile.removeprefix('passerelle-')}.md"]
    assert sorted(RULES[profile].keys() - page.keys()) == []


def test_validation_says_it_to_who_reads_french() -> None:
    (error,) = errors_of(EXAMPLES / "passerelle-goal" / "wrong" / "refused-without-reason.json")
    assert error.diagnostics == "A goal that was given up, suspended or refused says why: add `statusReason`. (pas-goal-3)"
    french = "Un objectif abandonné, suspendu ou refusé dit pourquoi\u00a0: ajouter `statusReason`. (pas-goal-3)"
    assert in_language(error.diagnostics, "fr") == french
