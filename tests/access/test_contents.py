"""Contents that are kept as Binary are seen with the documents that name them, and hidden with them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.conftest import Server
from tests.access.people import GP, HOSPITAL, care_team, patient, person

CONTENT = {"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": "eA=="}
ABOUT = {"securityContext": {"reference": "Patient/p"}}


def document(id_: str, *labels: str) -> dict[str, Any]:
    labelled = {"securityLabel": [{"coding": [{"code": one}]} for one in labels]} if labels else {}
    content = [{"attachment": {"url": "Binary/b"}}]
    subject = {"reference": "Patient/p"}
    return {"resourceType": "DocumentReference", "id": id_, "status": "current", "subject": subject, "content": content, **labelled}


@pytest.mark.parametrize(
    ("documents", "context", "sees"),
    [
        ((document("d"),), {}, True),
        ((document("d"),), ABOUT, True),
        ((), ABOUT, True),
        ((), {}, False),
        ((document("d", "MASQUE_PS"),), {}, False),
        ((document("d", "MASQUE_PS"),), ABOUT, False),
        ((document("d", "MASQUE_PS"), document("e")), ABOUT, True),
    ],
    ids=["in a document", "and about the person", "about the person", "of nobody", "masked", "masked, about the person", "in another too"],
)  # fmt: skip
def test_a_content_is_hidden_with_its_document(
    server: Server, documents: tuple[dict[str, Any], ...], context: dict[str, Any], sees: bool
) -> None:
    server.store(patient("p"), care_team("t", "p", "Practitioner/gp"), CONTENT | context, *documents)
    assert (server.get(GP, "/Binary/b").status_code == 200) is sees
    assert server.found(GP, "/Binary") == ({"Binary/b"} if sees else set())
    assert server.get(HOSPITAL, "/Binary/b").status_code == 200


def test_what_is_hidden_from_the_person_hides_its_content_from_them(server: Server) -> None:
    server.store(patient("p"), CONTENT | ABOUT, document("d", "INVISIBLE_PATIENT"))
    assert server.get(person("p"), "/Binary/b").status_code == 404
