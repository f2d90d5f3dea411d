"""Names as they sound, for `phonetic` (https://hl7.org/fhir/R4/patient.html#search leaves the algorithm open).

The key of a word is its consonants as French and English speakers write the same sound, without what is silent at its end; a vowel counts
only at the beginning. It finds Dupont for Dupond, Philippe for Filip, Thierry for Tierri, and some names too many: who searches
by sound looks through a list.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.rows import IndexRows
from fhir_server.search.types.string import MAX_LENGTH, StringValue, fold
from fhir_server.search.types.writer import Keys, Writer, extension_writer

URLS = frozenset(f"http://hl7.org/fhir/SearchParameter/{name}-phonetic" for name in ("individual", "Organization", "InsurancePlan"))
"""R4's parameters that are searched by sound; those that are called so by others are what they say they are."""

MAX_WORDS = 20
_WORD = re.compile(r"[^\W_]+")
END = "."
"""Behind the key of each word, so that a search for `Li` is not one for all that begins with L."""

_SOUNDS = tuple((re.compile(pattern), sound) for pattern, sound in (
    (r"^kn|^gn|^pn", "n"), (r"^wr", "r"), (r"^ps", "s"), (r"(e?au|o)l?[tdx]s?$", "o"),
    (r"(?<=..)(e|es|ent)$", ""), (r"(?<=...)[tdpsxz]+$", ""),
    (r"tio(?=n)", "si"), (r"[aeo]?ugh|igh", "i"), (r"ph", "f"), (r"th", "t"), (r"rh", "r"), (r"ch(?=[rln])", "k"), (r"sch|sh|ch", "+"),
    (r"s?c(?=[eiy])", "s"), (r"gn", "n"), (r"gu(?=[eiy])", "g0"), (r"d?g(?=[eiy])|dj|j", "j"),
    (r"ck|qu|q|c", "k"), (r"x", "ks"), (r"w", "v"), (r"z", "s"), (r"h", ""),
    (r"^[aeiouy]+", "a"), (r"(?<!^)[aeiouy0]+", ""), (r"(.)\1+", r"\1"),
))  # fmt: skip


def is_phonetic(parameter: SearchParameter) -> bool:
    """True where the parameter's values are keys of words."""
    return parameter.url in URLS


@lru_cache(maxsize=1 << 14)
def word_key(word: str) -> str:
    """The key of a folded word, with END; the word itself where it has no letters."""
    key = word
    for pattern, sound in _SOUNDS:
        key = pattern.sub(sound, key)
    return (key or word) + END


def text_keys(text: str) -> list[str]:
    """The keys of the words of a text, each with END."""
    plain = text[:MAX_LENGTH].replace("ç", "ss").replace("Ç", "ss")
    return [word_key(word) for word in _WORD.findall(fold(plain))[:MAX_WORDS]]


def _write_text(text: Any, keys: Keys, rows: IndexRows) -> None:
    """From each word to the end, so that a search finds words that follow one another."""
    following = ""
    for word in reversed(text_keys(text)):
        following = word + following
        for key in keys:
            rows.strings.append((key, following, ""))


def _write_human_name(name: Any, keys: Keys, rows: IndexRows) -> None:
    for part in (name.get("text"), name.get("family"), *name.get("given", ())):
        if part is not None:
            _write_text(part, keys, rows)


WRITERS: dict[str, Writer] = {"string": _write_text, "HumanName": _write_human_name}
WRITERS["Extension"] = extension_writer(WRITERS)


def parse_phonetic(text: str) -> StringValue:
    """ValueError with a sentence where nothing is left to search by."""
    words = text_keys(text)
    if not words:
        raise ValueError("write at least one letter or digit")
    return StringValue(text[:MAX_LENGTH], "".join(words))
