"""Where a NIR says that somebody was born: a département, overseas included, or a country by its INSEE code behind 99.

Departments are those of INSEE's official geographic code; 99 for births abroad, and 91 to 96 for Algeria, Morocco and Tunisia before
their independence, are told by Service-Public (https://www.service-public.fr/particuliers/vosdroits/F33078).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from fhir_server.identifiers.part import Part
from fhir_server.model.phrase import phrase


@cache
def departments() -> dict[str, str]:
    """Code -> name, which is the same in every language."""
    loaded: dict[str, str] = json.loads((files("fhir_server.identifiers") / "departments.json").read_text(encoding="utf-8"))
    return loaded


def birth_place(code: str) -> Iterator[Part]:
    """The parts of the five characters that a NIR has for the place."""
    if code[:2] == "99":
        yield Part(phrase("country of birth"), code, phrase("abroad; 99 and the country's three digits at INSEE"))
        return
    length = 3 if code[:2] in ("97", "98") else 2
    department, commune = code[:length], code[length:]
    yield Part(phrase("department of birth"), department, _meaning(department))
    yield Part(phrase("commune of birth"), commune, phrase("INSEE code {code}", code=code))


def _meaning(department: str) -> str:
    name = departments().get(department, "")
    if department in ("91", "92", "93", "94"):
        return phrase("{department}, or Algeria before its independence", department=name)
    if department == "95":
        return phrase("{department}, or Morocco before its independence", department=name)
    return phrase("Tunisia before its independence") if department == "96" else name or phrase("not known")
