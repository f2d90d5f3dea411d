"""The commonest texts of primitives, known at a glance (https://hl7.org/fhir/R4/datatypes.html#primitive).

`PLAIN_TEXTS[type](text)` is true only of texts that `PRIMITIVES[type]` accepts and that nobody would wonder about: without white space
around them, of a year in the last centuries, in a Western script, with a usual scheme. All others are for `PRIMITIVES` to judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from fhir_server.model.primitive import CLOCK, MONTH, OFFSET, PATTERNS

_LETTER = r"!-~\xa1-\u024f\u2010-\u2027\u20ac"
_DATE = r"(?:18|19|20)[0-9]{2}"
_DAY = "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_MOMENT = f"T{CLOCK}{OFFSET}"


def _whole(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern).fullmatch


PLAIN_TEXTS: Mapping[str, Callable[[str], object]] = {
    "string": _whole(f"[{_LETTER}](?:[ {_LETTER}]{{0,4000}}[{_LETTER}])?"),
    "uri": _whole("http[!-~]+"),
    "url": _whole("http[!-~]+"),
    "code": _whole("[!-~]+(?: [!-~]+)*"),
    "id": _whole(PATTERNS["id"]),
    "date": _whole(f"{_DATE}(?:-{_DAY}|-{MONTH})?"),
    "dateTime": _whole(f"{_DATE}(?:-{_DAY}(?:{_MOMENT})?|-{MONTH})?"),
    "instant": _whole(f"{_DATE}-{_DAY}{_MOMENT}"),
}
