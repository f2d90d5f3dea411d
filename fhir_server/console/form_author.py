"""Who fills in a form, as the page shows it. What counts is what the server makes of the answers when they are stored
(`fhir_server.interactions.authorship`): a browser is not believed.
"""

from __future__ import annotations

from typing import Any

from fhir_server.interactions.authorship import authorship_of
from fhir_server.security.caller import NOBODY, Caller


def author_given(caller: Caller) -> dict[str, Any]:
    """`author` where the caller is a person of the record, and whether to ask (`asksAuthor`): not those who may not save anyway."""
    if (author := authorship_of(caller).author) is None:
        return {"asksAuthor": caller != NOBODY}
    return {"asksAuthor": False, "author": {"reference": author, "display": caller.name or caller.subject}}
