"""Every parser, for itself, on texts that look like what it reads and on any others: an answer or a refusal, never a fault of ours.

A hundred texts each in `make test`; ten minutes each in `make soak`. PASSERELLE_FUZZ_SECONDS says otherwise.
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from adapters.hl7v2.fault import MessageFault
from adapters.hl7v2.message import Message
from adapters.hl7v2.mllp import FrameDecoder
from adapters.hl7v2.timestamp import timestamp
from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.package import files_of_archive, read_manifest
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.expression import compile_expression
from fhir_server.graphql.request import GraphQLRequest, read_request
from fhir_server.interactions.conditional import pairs_of
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import decode_json, decode_resource, encode_json
from fhir_server.model.references import parse_canonical, parse_reference
from fhir_server.model.temporal import parse_temporal
from fhir_server.model.xml_faults import decode_faulty_xml
from fhir_server.model.xml_format import decode_xml
from fhir_server.patch import patch_of_body
from fhir_server.patch.patch import patch_of_entry
from fhir_server.rest.byte_range import asked_range
from fhir_server.rest.media_type import accepted_format, asked_format, body_format, weighted
from fhir_server.rest.prefer import preferences
from fhir_server.search.query import parse_query
from fhir_server.security.destination import Allowed, destination
from fhir_server.security.jwk_set import read_jwk_set
from fhir_server.security.proxy_certificate import certificate_fingerprint
from fhir_server.security.refusal import Refusal
from fhir_server.security.scopes import read_scopes
from fhir_server.security.token_request import read_token_request

EXAMPLES = 100
SECONDS = float(os.environ.get("PASSERELLE_FUZZ_SECONDS", "600"))
PHASES = (Phase.generate, Phase.shrink)
ALLOWED = (FhirError, FhirPathError, MessageFault, Refusal)
"""What a parser may say of a text that it does not take."""

Parser = Callable[[Any], Any]

WORDS = {
    "json": '{}[],:"\\ \t\n resourceType Patient id extension url valueString null true 1e9 -0.0 1.50 \\u0000 \\ud800 /* é',
    "xml": "< > / = ' \" & ; # <Patient </Patient> xmlns='http://hl7.org/fhir' <id value='a'/> <text> "
        "<div <!-- --> <![CDATA[ ]]> <?xml ?> <!DOCTYPE é",
    "hl7": "MSH| ^ ~ \\ & | \r \n PID| PV1| ZBE| ADT^A01^ADT_A01 2.5 \\X0D\\ \\E\\ \\F\\ "
        "20260302093000 8859/15 UNICODE INS NIR é \x0b \x1c",
    "path": "Patient . name ( ) [ ] where first() = ~ != > < + - * / & | and or xor implies is as "
        "ofType(String) 'a' @2020 @T12 1 1.5 'mg' {} $this %x `a` // é",
    "filter": "name eq ne gt co sw ew pr sa in ss and or not ( ) [ ] . \" ' 2020 1 null true link given é",
    "graphql": "{ } ( ) : , ... on fragment query mutation $a ! [ ] @include(if: true) @first id name PatientList _count 1 \"a\" # \n é",
    "date": "2020 - 0 1 2 9 : T Z + . 24 60 02-30 é ٣ . 99999999",
    "header": "a b / ; , = \" * q=1 q=0.5 q=x application/fhir+json charset=utf-8 return=minimal "
        "handling=strict respond-async bytes= 0-1 - W/\"1\" é \t",
    "scope": "system / patient user * . c r u d s read write Patient ? category=a & | % openid fhirUser launch é",
    "url": "https:// http:// a.example @ : / ? # .. %2e %252e \\ [::1] 127.0.0.1 443 0 é . xn--",
    "search": "name = & | , $ \\ : _sort _include Patient:link _has:Observation:subject:code _filter _id "
        "_lastUpdated ge2020 exact missing true * é % +",
    "form": "grant_type=client_credentials & = scope client_assertion_type client_assertion a.b.c % + é",
}  # fmt: skip


def looking_like(kind: str) -> st.SearchStrategy[str]:
    """Words of the language in any order, with and without spaces, and texts of any kind between them."""
    words = st.sampled_from([*WORDS[kind].split(" "), " "])
    return st.lists(st.one_of(words, words, words, st.text(max_size=8)), max_size=40).map("".join)


def texts(kind: str) -> st.SearchStrategy[str]:
    return st.one_of(looking_like(kind), st.text(max_size=200))


def sources(kind: str) -> st.SearchStrategy[bytes]:
    return st.one_of(texts(kind).map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=300))


def json_values() -> st.SearchStrategy[Any]:
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(WORDS["json"].split(" ")), st.text(max_size=10))
    names = st.sampled_from(
        ["resourceType", "parameter", "name", "part", "valueCode", "op", "path", "value", "from", "keys", "kty", "n", "e", "x"]
    )
    return st.recursive(
        leaves, lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(names, inner, max_size=6)), max_leaves=30
    )


def archives() -> st.SearchStrategy[bytes]:
    """Packed and plain archives, whole and damaged."""
    names = st.one_of(st.sampled_from(["package/package.json", "package/a.json", "package/../b", "/c", "package"]), st.text(max_size=20))
    members = st.lists(st.tuples(names, sources("json")), max_size=4)
    cut = st.tuples(st.integers(0, 4000), st.binary(max_size=4))
    return st.tuples(members, st.booleans(), cut, st.booleans()).map(_archive)


def _archive(made: tuple[list[tuple[str, bytes]], bool, tuple[int, bytes], bool]) -> bytes:
    members, packed, (place, damage), damaged = made
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name.encode("utf-8", "ignore").decode())
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    content = gzip.compress(stream.getvalue()) if packed else stream.getvalue()
    return content[:place] + damage + content[place + len(damage) :] if damaged else content


def _read_archive(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tgz"
        path.write_bytes(content)
        list(files_of_archive(path))
        read_manifest(path)


def _value_error_is_fine(parser: Parser) -> Parser:
    """For parsers whose refusal is a ValueError."""

    def parse(text: Any) -> None:
        with suppress(ValueError):
            parser(text)

    return parse


def _decoded(content: bytes) -> Any:
    decoder = FrameDecoder(1000)
    return [*decoder.feed(content[: len(content) // 2]), *decoder.feed(content[len(content) // 2 :]), *decoder.end()]


def parsers(definitions: Definitions) -> dict[str, tuple[st.SearchStrategy[Any], Parser]]:
    """By name: texts to read, and what reads them."""
    schema = definitions.schema
    pairs = st.lists(st.tuples(texts("search"), texts("search")), max_size=5)
    return {
        "JSON": (sources("json"), decode_resource),
        "JSON of any kind": (sources("json"), decode_json),
        "NDJSON": (sources("json"), lambda content: [decode_json(line) for line in content.splitlines() if line.strip()]),
        "XML": (sources("xml"), lambda content: decode_xml(content, schema)),
        "faulty XML": (sources("xml"), lambda content: decode_faulty_xml(content, schema)),
        "HL7 v2": (sources("hl7"), Message.parse),
        "MLLP": (sources("hl7"), _decoded),
        "a timestamp of HL7 v2": (texts("date"), _value_error_is_fine(lambda text: timestamp(text, ZoneInfo("Europe/Paris")))),
        "a search": (pairs, lambda asked: parse_query("Patient", asked, definitions, zone=UTC, now=0)),
        "a condition": (texts("search"), lambda text: parse_query("Patient", pairs_of(text), definitions, now=0)),
        "_filter": (texts("filter"), lambda text: parse_query("Patient", [("_filter", text)], definitions, now=0)),
        "FHIRPath": (texts("path"), lambda text: compile_expression(text, schema)),
        "a JSON Patch": (st.one_of(json_values().map(encode_json), sources("json")),
            lambda content: patch_of_body("application/json-patch+json", content)),
        "an XML Patch": (sources("xml").map(lambda content: b"<diff><replace sel='/'>" + content),
            lambda content: patch_of_body("application/xml-patch+xml", content)),
        "a FHIRPath Patch": (json_values().map(lambda value: {"resourceType": "Parameters", "parameter": value}), patch_of_entry),
        "GraphQL": (texts("graphql"), lambda text: read_request(GraphQLRequest(text))),
        "a package": (archives(), _read_archive),
        "a date": (texts("date"), _value_error_is_fine(parse_temporal)),
        "a reference": (texts("url"), parse_reference),
        "a canonical URL": (texts("url"), parse_canonical),
        "a media type": (texts("header"), lambda text: (list(weighted(text)), accepted_format(text))),
        "_format": (texts("header"), asked_format),
        "Content-Type": (texts("header"), body_format),
        "Prefer": (texts("header"), preferences),
        "Range": (texts("header"), lambda text: asked_range({b"range": text.encode("latin-1", "ignore")}, 100)),
        "scopes": (texts("scope"), read_scopes),
        "a token request": (sources("form"), lambda content: read_token_request("application/x-www-form-urlencoded", content)),
        "a key set": (st.one_of(json_values().map(encode_json), sources("json")), _value_error_is_fine(read_jwk_set)),
        "a certificate of a proxy": (texts("url"), certificate_fingerprint),
        "an outgoing address": (texts("url"), destination),
        "an allowed address": (texts("url"), _value_error_is_fine(Allowed.read)),
    }  # fmt: skip


NAMES = (
    "JSON", "JSON of any kind", "NDJSON", "XML", "faulty XML", "HL7 v2", "MLLP", "a timestamp of HL7 v2", "a search",
    "a condition", "_filter", "FHIRPath", "a JSON Patch", "an XML Patch", "a FHIRPath Patch", "GraphQL", "a package", "a date",
    "a reference", "a canonical URL", "a media type", "_format", "Content-Type", "Prefer", "Range", "scopes", "a token request",
    "a key set", "a certificate of a proxy", "an outgoing address", "an allowed address",
)  # fmt: skip


def test_the_names_are_those_of_the_parsers(definitions: Definitions) -> None:
    assert tuple(parsers(definitions)) == NAMES


def fuzzed(strategy: st.SearchStrategy[Any], parser: Parser, number: int) -> None:
    """Some hundred texts; the same for the same number."""

    @seed(number)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=PHASES)
    @given(strategy)
    def is_read_or_refused(text: Any) -> None:
        with suppress(*ALLOWED):
            parser(text)

    is_read_or_refused()


@pytest.mark.parametrize("name", NAMES)
def test_any_text_is_read_or_refused(definitions: Definitions, name: str) -> None:
    fuzzed(*parsers(definitions)[name], 0)


@pytest.mark.soak
@pytest.mark.skipif(not os.environ.get("PASSERELLE_SOAK"), reason="long: make soak")
@pytest.mark.parametrize("name", NAMES)
def test_any_text_is_read_or_refused_for_long(definitions: Definitions, name: str) -> None:
    number, until = 1, time.monotonic() + SECONDS
    while time.monotonic() < until:
        fuzzed(*parsers(definitions)[name], number)
        number += 1
