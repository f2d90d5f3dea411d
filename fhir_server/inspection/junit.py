"""Verdicts as JUnit XML, which every CI server shows: a document is a test case, an invalid one has failed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree

from fhir_server.inspection.inspection import Verdict
from fhir_server.inspection.text import lines

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(verdicts: Sequence[Verdict], seconds: float) -> str:
    """The XML text."""
    by_name = [(name, list(same)) for name, same in groupby(verdicts, lambda verdict: verdict.name)]
    failed = sum(not all(verdict.is_valid for verdict in same) for _, same in by_name)
    counts = {"tests": str(len(by_name)), "failures": str(failed), "errors": "0", "time": f"{seconds:.3f}"}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "passerelle validate", **counts})
    for name, same in by_name:
        _case(suite, name, same)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=False)


def _case(suite: ElementTree.Element, name: str, verdicts: Sequence[Verdict]) -> None:
    case = ElementTree.SubElement(suite, "testcase", {"classname": "passerelle.validate", "name": _clean(name), "file": _clean(name)})
    told = [(line, issue) for verdict in verdicts for line, issue in zip(lines(verdict), verdict.issues, strict=True)]
    errors = [line for line, issue in told if issue.is_error]
    others = [line for line, issue in told if not issue.is_error]
    if errors:
        ElementTree.SubElement(case, "failure", {"message": _clean(errors[0]), "type": "invalid"}).text = _clean("\n".join(errors))
    if others:
        ElementTree.SubElement(case, "system-out").text = _clean("\n".join(others))


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
