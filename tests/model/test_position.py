"""Where an expression stands in the text."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.model.issue import Issue
from fhir_server.model.json_format import line_and_column, lines_and_columns
from fhir_server.model.position import locate_json, locate_xml, places_in_json, steps, with_places
from tests.calls import calls

JSON = """{"resourceType": "Bundle",
 "entry": [
  {"resource": {"resourceType": "Patient",
    "name": [{"family": "\\"é{"},
             {"given": ["a",
                        "b"]}],
    "birthDate": "2000",
    "_birthDate": {"extension": [{"url": "u",
      "valueQuantity": {"value": 1}}]}}}]}""".encode()

XML = b"""<?xml version="1.0"?>
<Bundle xmlns="http://hl7.org/fhir">
  <entry>
    <resource><Patient>
      <name><family value="x"/></name>
      <name><given value="a"/>
        <given value="b"/></name>
      <birthDate value="2000">
        <extension url="u"><valueQuantity>
          <value value="1"/></valueQuantity></extension>
      </birthDate></Patient></resource>
  </entry>
</Bundle>"""

PATIENT = "Bundle.entry[0].resource"


@pytest.mark.parametrize(
    ("expression", "in_json", "in_xml"),
    [
        ("Bundle", (1, 1), (2, 1)),
        (PATIENT, (3, 4), (4, 5)),
        (f"{PATIENT}.name[0]", (4, 14), (5, 7)),
        (f"{PATIENT}.name[1].given[1]", (6, 25), (7, 9)),
        (f"{PATIENT}.birthDate", (7, 5), (8, 7)),
        (f"{PATIENT}.birthDate.extension[0].value.ofType(Quantity).value", (9, 25), (10, 11)),
        (f"{PATIENT}.name[1].family", (5, 14), (6, 7)),
        (f"{PATIENT}.name[7].family", (4, 5), (5, 7)),
        ("Bundle.nothing", (1, 1), (2, 1)),
    ],
)
def test_an_expression_is_found_or_else_what_is_above_it(expression: str, in_json: tuple[int, int], in_xml: tuple[int, int]) -> None:
    assert locate_json(JSON, expression) == in_json
    assert locate_xml(XML, expression) == in_xml


def test_a_choice_is_found_by_its_name_in_the_text() -> None:
    assert steps("Observation.value.ofType(Quantity).code") == ["valueQuantity", "code"]


def test_what_is_no_plain_path_stops_at_the_last_plain_step() -> None:
    assert steps("Patient.name.where(use = 'official').family") == ["name"]


def test_issues_get_their_places_in_one_pass() -> None:
    issues = [Issue("error", "value", "a", "Bundle.entry[0]"), Issue("error", "value", "b"), Issue("error", "value", "c", "Bundle", 9, 9)]
    assert [(one.line, one.column) for one in with_places(issues, JSON)] == [(3, 3), (None, None), (9, 9)]
    assert [(one.line, one.column) for one in with_places(issues, XML, xml=True)] == [(3, 3), (None, None), (9, 9)]


def test_a_property_that_fhir_has_not_keeps_its_line_and_is_named_by_its_owner() -> None:
    source = b'{"resourceType": "Patient",\n "colour": "red"}'
    (placed,) = with_places([Issue("error", "structure", "a", "Patient.colour", message_id="unknown-element")], source)
    assert (placed.expression, placed.line, placed.column) == ("Patient", 2, 2)


class Counted(bytes):
    """A text that counts how much of it is cut out."""

    cut = 0

    def __getitem__(self, part: Any) -> Any:
        found = super().__getitem__(part)
        self.cut += len(found) if isinstance(found, bytes) else 0
        return found


@pytest.mark.parametrize("separator", [b",", b",\n"], ids=["one line", "a line each"])
def test_many_places_are_told_in_one_pass(separator: bytes) -> None:
    """Each by itself would read the text before it again."""
    source = Counted(b'{"resourceType": "Patient", "name": [' + separator.join([b'{"family": "\xc3\xa9"}'] * 2000) + b"]}")
    places = places_in_json(source, [f"Patient.name[{one}].family" for one in range(2000)])
    assert places["Patient.name[1999].family"] == line_and_column(source, source.rindex(b'"family"'))
    assert len(set(places.values())) == 2000
    assert source.cut < 3 * len(source)


def test_lines_and_columns_of_many_are_those_of_each() -> None:
    source = "a\n\né€b\r\n\n𝄞c\n".encode()
    offsets = [at for at in range(len(source) + 2) if at >= len(source) or source[at] & 0xC0 != 0x80]
    assert lines_and_columns(source, reversed(offsets)) == {at: line_and_column(source, at) for at in offsets}


def work_of(entries: int) -> tuple[int, int]:
    """Calls, and characters cut out, for one place behind so many entries."""
    source = Counted(b'{"resourceType":"Bundle","entry":[' + b",".join([b'{"resource":{"a":["\\\\\\"",1,{}]}}'] * entries) + b"]}")
    return calls(lambda: locate_json(source, f"Bundle.entry[{entries - 1}].resource.a[2]")), source.cut


def test_work_grows_with_the_text_only() -> None:
    (calls_of_few, cut_of_few), (calls_of_many, cut_of_many) = work_of(600), work_of(6_000)
    assert calls_of_many < 11 * calls_of_few
    assert cut_of_many < 11 * cut_of_few
