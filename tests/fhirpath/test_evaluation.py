"""What expressions give, arranged like the chapters of http://hl7.org/fhirpath/N1 and https://hl7.org/fhir/R4/fhirpath.html."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import Context, FhirPathError, Node, compile_expression
from fhir_server.model.json_format import Resource
from tests.fhirpath.conftest import Evaluate

NOON = datetime(2026, 3, 1, 12, 0, 5, 250_000, timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Patient.name.family", ["Durand"]), ("name.given", ["Marie", "Jeanne", "Mimi", None]), ("Patient.name[1].given[0]", ["Mimi"]),
        ("name[7]", []), ("Practitioner.name", []), ("Resource.id", ["p1"]), ("DomainResource.active", [True]), ("name.nothing", []),
        ("deceased", [False]), ("deceasedBoolean", []), ("birthDate", ["1948-03-21"]), ("contained.name", ["Cabinet"]),
        ("birthDate.extension.value", ["1948-03-21T04:05:00+01:00"]), ("name.given.extension('http://example.org/why').value", ["unknown"]),
    ],
)  # fmt: skip
def test_paths_follow_the_elements_of_the_types(evaluate: Evaluate, patient: Resource, source: str, expected: list[Any]) -> None:
    assert evaluate(source, patient) == expected


@pytest.mark.parametrize(
    ("source", "location", "type_name"),
    [
        ("Patient.name.given.where($this = 'Jeanne')", "Patient.name[0].given[1]", "string"), ("deceased", "Patient.deceased", "boolean"),
        ("contained.name", "Patient.contained[0].name", "string"), ("birthDate.extension", "Patient.birthDate.extension[0]", "Extension"),
        ("telecom.last()", "Patient.telecom[1]", "ContactPoint"), ("Patient", "Patient", "Patient"), ("id", "Patient.id", "id"),
        ("1 + 1", "System.Integer", "System.Integer"),
    ],
)  # fmt: skip
def test_a_node_knows_where_it_is_and_its_type(
    definitions: Definitions, patient: Resource, source: str, location: str, type_name: str
) -> None:
    (node,) = compile_expression(source, definitions.schema).evaluate(patient)
    assert (node.location, node.type) == (location, type_name)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("name.empty()", False), ("photo.empty()", True), ("name.exists(use = 'usual')", True), ("name.all(use.exists())", True),
        ("photo.all(false)", True), ("name.given.count()", 4), ("telecom.system.distinct().count()", 2), ("(1 | 1 | 2).isDistinct()", True),
        ("(true | false).anyTrue()", True), ("(true | false).allTrue()", False), ("1.subsetOf(1 | 2)", True),
        ("(1 | 2).supersetOf(3)", False),
    ],
)  # fmt: skip
def test_existence(evaluate: Evaluate, patient: Resource, source: str, expected: object) -> None:
    assert evaluate(source, patient) == [expected]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("telecom.where(system = 'phone').value", ["0102030405"]), ("name.select(given.first())", ["Marie", "Mimi"]),
        ("(1|2|3).select($index)", [0, 1, 2]),
        ("(1|2|3|4).where($this > 2)", [3, 4]), ("1.repeat(iif($this < 4, $this + 1, {}))", [2, 3, 4]), ("(1|2|3).tail()", [2, 3]),
        ("(1|2|3).skip(1).take(1)", [2]), ("(1|2|3).intersect(2|5)", [2]), ("(1|2|3).exclude(2)", [1, 3]), ("1.combine(1)", [1, 1]),
        ("(1|2).union(2|3)", [1, 2, 3]), ("(1|2|3).aggregate($total + $this, 0)", [6]), ("iif(false, 1 / 'x')", []),
        ("(3|1|2).sort()", [1, 2, 3]),
        ("('b'|'a').sort(-$this)", ["b", "a"]),
    ],
)  # fmt: skip
def test_filtering_subsetting_combining(evaluate: Evaluate, patient: Resource, source: str, expected: list[Any]) -> None:
    assert evaluate(source, patient) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("'12'.toInteger()", [12]), ("'12.5'.toInteger()", []), ("'yes'.toBoolean()", [True]), ("2.toBoolean()", []),
        ("1.toDecimal()", [Decimal(1)]),
        ("'2020-02'.toDate()", ["2020-02"]), ("'2020-02-30'.convertsToDate()", [False]), ("'10:30'.toTime()", ["10:30"]),
        ("'5 days'.toQuantity()", ["5 days"]), ("'5 d'.toQuantity()", []), ("(1000 'mg').toQuantity('g')", ["1 'g'"]),
        ("1.50.toString()", ["1.50"]),
        ("'x'.convertsToInteger()", [False]), ("{}.convertsToInteger()", []), ("@2020-01-02T10:00:00Z.toDate()", ["2020-01-02"]),
    ],
)  # fmt: skip
def test_conversion(evaluate: Evaluate, source: str, expected: list[Any]) -> None:
    assert evaluate(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("'abc'.indexOf('c')", [2]), ("'abcab'.lastIndexOf('ab')", [3]), ("'abc'.substring(1)", ["bc"]), ("'abc'.substring(3)", []),
        ("'abc'.startsWith('ab')", [True]),
        ("'abc'.matches('^a.c$')", [True]), ("'xabcx'.matches('abc')", [True]), ("'xabcx'.matchesFull('abc')", [False]),
        ("'a-b'.replaceMatches('(\\\\w)-(\\\\w)', '$2-$1')", ["b-a"]), ("'é'.upper()", ["É"]), ("'a,b'.split(',')", ["a", "b"]),
        ("('a'|'b').join('-')", ["a-b"]),
        ("' a '.trim()", ["a"]), ("'été'.encode('base64').decode('base64')", ["été"]), ("'zz'.decode('hex')", []),
        ("'<a>'.escape('html').unescape('html')", ["<a>"]),
        ("'a' & {}", ["a"]), ("'a' + {}", []), ("'ab'.toChars()", ["a", "b"]),
    ],
)  # fmt: skip
def test_strings(evaluate: Evaluate, source: str, expected: list[Any]) -> None:
    assert evaluate(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("7 / 2", [Decimal("3.5")]), ("7 div 2", [3]), ("-7 div 2", [-3]), ("7 mod 2", [1]), ("1 / 0", []), ("1 div 0", []),
        ("2147483647 + 1", []),
        ("2.power(10)", [1024]), ("(-1).sqrt()", []), ("0.ln()", []), ("2.5.round()", [Decimal(3)]), ("(-2.5).truncate()", [-2]),
        ("2.0 'cm' * 3 'm'", ["0.06 'm2'"]), ("1 'g' + 500 'mg'", ["1.5 'g'"]), ("1 'g' + 1 'm'", []), ("(-3 'mg').abs()", ["3 'mg'"]),
        ("10.power(100000000)", []), ("1.587.lowBoundary()", [Decimal("1.58650000")]), ("1.precision()", [0]),
    ],
)  # fmt: skip
def test_numbers_and_quantities(evaluate: Evaluate, source: str, expected: list[Any]) -> None:
    assert evaluate(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 = 1.0", [True]), ("1 = '1'", [False]), ("{} = 1", []), ("{} ~ {}", [True]), ("'A b' ~ 'a  B'", [True]),
        ("'a' != 'b'", [True]), ("(1|2) = (2|1)", [False]),
        ("(1|2) ~ (2|1)", [True]), ("1.10 ~ 1.1", [True]), ("1 'kg' = 1000 'g'", [True]), ("1 'kg' > 999 'g'", [True]),
        ("1 'kg' = 1 'm'", [False]),
        ("1 'kg' < 1 'm'", []), ("1 year = 12 months", [True]), ("1 year = 1 'a'", []), ("1 week = 7 'd'", [True]),
        ("5 'mmol/L' = 5000 'umol/L'", [True]),
        ("37 'Cel' = 37 'Cel'", [True]), ("1 'nonsense' = 1 'nonsense'", [True]), ("1 'nonsense' = 1 'g'", []), ("2 in (1|2)", [True]),
        ("(1|2) contains 3", [False]),
    ],
)  # fmt: skip
def test_equality_equivalence_and_order(evaluate: Evaluate, source: str, expected: list[Any]) -> None:
    assert evaluate(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("@2020 = @2020-01", []), ("@2020 < @2021-01", [True]), ("@2020-01-01T10:00:00Z = @2020-01-01T11:00:00+01:00", [True]),
        ("@2020-01-01T10:00:00Z < @2020-01-03T10:00:00", [True]), ("@2020-01-01T10:00:00Z < @2020-01-01T12:00:00", []),
        ("@T10:00 < @T11:00", [True]),
        ("@2020-01-31 + 1 month", ["2020-02-29"]), ("@2020-02-29 + 1 year", ["2021-02-28"]), ("@2020-03-01 - 1 day", ["2020-02-29"]),
        ("@2014 + 24 months", ["2016"]),
        ("@2014-01 + 45 days", ["2014-02"]), ("@T23:30 + 1 hour", ["00:30"]), ("@9999-12-31 + 1 day", []),
        ("@2020-01-01T00:00:00Z + 1.5 'h'", ["2020-01-01T01:00:00Z"]),
        ("@2020-01-01T00:00:00Z + 0.5 seconds", ["2020-01-01T00:00:00.500Z"]), ("@2020 = @T10:00", [False]),
    ],
)  # fmt: skip
def test_dates_and_times(evaluate: Evaluate, source: str, expected: list[Any]) -> None:
    assert evaluate(source) == expected


def test_the_clock_is_the_one_that_was_given(evaluate: Evaluate) -> None:
    context = Context(now=NOON)
    assert evaluate("now()", context=context) == ["2026-03-01T12:00:05.250+01:00"]
    assert evaluate("today()", context=context) == ["2026-03-01"]
    assert evaluate("timeOfDay()", context=context) == ["12:00:05.250"]


LOGIC = {"and": [True, False, None, False, False, False, None, False, None], "or": [True, True, True, True, False, None, True, None, None]}


@pytest.mark.parametrize("operator", LOGIC)
def test_logic_has_three_values(evaluate: Evaluate, operator: str) -> None:
    values = ("true", "false", "{}")
    found = [(evaluate(f"{left} {operator} {right}") or [None])[0] for left in values for right in values]
    assert found == LOGIC[operator]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Patient is Patient", [True]), ("Patient is DomainResource", [True]), ("Patient is FHIR.Observation", [False]),
        ("active is boolean", [True]),
        ("active is System.Boolean", [False]), ("true is Boolean", [True]), ("id is string", [True]), ("id as string", []),
        ("id as id", ["p1"]),
        ("contained.ofType(Organization).id", ["org"]), ("contained.ofType(Patient)", []), ("1.type().name", ["Integer"]),
        ("name.first().type().namespace", ["FHIR"]),
    ],
)  # fmt: skip
def test_types(evaluate: Evaluate, patient: Resource, source: str, expected: list[Any]) -> None:
    assert evaluate(source, patient) == expected


def test_as_on_several_items_is_an_error_unless_types_are_read_leniently(evaluate: Evaluate, patient: Resource) -> None:
    with pytest.raises(FhirPathError, match="One item"):
        evaluate("name.given as string", patient)
    assert evaluate("name.given as string", patient, Context(lenient=True)) == ["Marie", "Jeanne", "Mimi", None]


@pytest.mark.parametrize(
    "source",
    [
        "'a' + 1", "1 < 'a'", "-'a'", "(1|2).toString()", "(1|2) & 'a'", "name.single()", "name.startsWith('a')", "%nowhere",
        "name and true", "@2020 + 1 'mo'",
    ],
)  # fmt: skip
def test_what_cannot_be_evaluated_is_an_error(evaluate: Evaluate, patient: Resource, source: str) -> None:
    with pytest.raises(FhirPathError):
        evaluate(source, patient)


def test_the_surroundings_are_found_above_the_node(definitions: Definitions, patient: Resource) -> None:
    (organization,) = compile_expression("contained", definitions.schema).evaluate(patient)
    for source, expected in {"%resource.id": "org", "%rootResource.id": "p1", "%context.name": "Cabinet"}.items():
        assert [node.value for node in compile_expression(source, definitions.schema).evaluate(organization)] == [expected]


def test_names_of_the_environment_come_from_the_context(evaluate: Evaluate) -> None:
    context = Context(variables={"limit": 3, "many": [1, 2], "who": {"resourceType": "Patient", "id": "x"}})
    assert evaluate("%limit + %many.count()", context=context) == [5]
    assert evaluate("%who.id", context=context) == ["x"]
    assert evaluate("%sct | %`ext-a`") == ["http://snomed.info/sct", "http://hl7.org/fhir/StructureDefinition/a"]


def test_resolve_finds_contained_resources_and_asks_the_context_for_others(evaluate: Evaluate, patient: Resource) -> None:
    asked: list[str] = []

    def resolve(reference: str) -> Resource | None:
        asked.append(reference)
        return {"resourceType": "Practitioner", "id": "9", "gender": "female"}

    assert evaluate("generalPractitioner.resolve().id", patient, Context(resolve=resolve)) == ["9", "org"]
    assert asked == ["Practitioner/9"]


def test_an_unresolved_reference_may_count_as_what_it_says_it_is(evaluate: Evaluate, patient: Resource) -> None:
    source = "generalPractitioner.where(resolve() is Practitioner).reference"
    assert evaluate(source, patient) == []
    assert evaluate(source, patient, Context(stub_references=True)) == ["Practitioner/9"]


def test_value_sets_profiles_and_subsumption_are_asked_of_the_context(evaluate: Evaluate, patient: Resource) -> None:
    context = Context(
        member_of=lambda node, url: (node.value, url) == ("official", "http://x/vs"),
        conforms_to=lambda node, url: url == "http://x/p" or None,
        subsumes=lambda one, two: one.value < two.value,
    )
    assert evaluate("name.first().use.memberOf('http://x/vs')", patient, context) == [True]
    assert evaluate("conformsTo('http://x/p')", patient, context) == [True]
    assert evaluate("conformsTo('http://hl7.org/fhir/StructureDefinition/Person')", patient, context) == [False]
    assert evaluate("'a'.subsumes('b') and 'b'.subsumedBy('a')", patient, context) == [True]
    assert evaluate("name.first().use.memberOf('http://x/vs')", patient) == []
    with pytest.raises(FhirPathError, match="not known"):
        evaluate("conformsTo('http://nowhere')", patient)


def test_a_primitive_without_a_value_has_none(evaluate: Evaluate, patient: Resource) -> None:
    assert evaluate("name.last().given.select(hasValue())", patient) == [True, False]
    assert evaluate("name.last().given.last().getValue()", patient) == []
    assert evaluate("name.last().given.last() = 'Mimi'", patient) == []


@pytest.mark.parametrize(
    ("div", "good"),
    [
        ('<div xmlns="http://www.w3.org/1999/xhtml"><p class="x">Bonjour &amp; <b>merci</b></p></div>', True),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><img src="a.png" alt="a"/></div>', True),
        ('<div xmlns="http://www.w3.org/1999/xhtml"> <p/> </div>', False),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>', False),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x()">y</p></div>', False),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><a href=" JavaScript:x()">y</a></div>', False),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><form>y</form></div>', False),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><p>y</div>', False),
        ('<div xmlns="http://example.org">y</div>', False),
        ('<!DOCTYPE x [<!ENTITY a "b">]><div>&a;</div>', False),
        ("plain", False),
    ],
)
def test_html_checks_keep_narratives_to_what_fhir_allows(evaluate: Evaluate, div: str, good: bool) -> None:
    assert evaluate("text.`div`.htmlChecks()", {"resourceType": "Patient", "text": {"status": "generated", "div": div}}) == [good]


@pytest.mark.parametrize(
    ("markup", "good"),
    [
        ("Bonjour", True),
        ("<i>Bonjour</i> et <b>merci</b>&nbsp;!", True),
        ("<p>Bonjour</p><p>merci</p>", True),
        ('<div xmlns="http://www.w3.org/1999/xhtml">Bonjour</div>', True),
        ("<img src='#photo'/>", True),
        ("<img src='#photo'>", False),
        ("<b>Bonjour", False),
        ("1 < 2", False),
        ("<script>x</script>", False),
        ("<p onclick='x()'>y</p>", False),
        ("Bonjour</div><script>x</script><div>", False),
        ('<div xmlns="http://example.org">y</div>', False),
        ("<!DOCTYPE x><p>y</p>", False),
    ],
)
def test_html_checks_take_a_string_for_what_stands_in_a_narrative(evaluate: Evaluate, markup: str, good: bool) -> None:
    assert evaluate("name.text.htmlChecks()", {"resourceType": "Patient", "name": [{"text": markup}]}) == [good]


def test_trace_shows_and_changes_nothing(evaluate: Evaluate, patient: Resource) -> None:
    seen: list[tuple[str, list[object]]] = []
    context = Context(trace=lambda name, nodes: seen.append((name, [node.value for node in nodes])))
    assert evaluate("name.trace('names', family).count()", patient, context) == [2]
    assert seen == [("names", ["Durand"])]


@pytest.mark.parametrize(
    ("source", "holds"),
    [("active", True), ("active = false", False), ("photo.url = 'x'", True), ("name.first().family", True), ("photo.exists()", False)],
)
def test_an_invariant_fails_only_where_it_is_false(definitions: Definitions, patient: Resource, source: str, holds: bool) -> None:
    assert compile_expression(source, definitions.schema).test(patient) is holds


@pytest.mark.parametrize(
    "source",
    [
        "1.repeat($this + 1)", "'a'.repeat($this & 'a')", "'a'.repeat($this + $this)",
        "descendants().select(%resource.descendants()).select(%resource.descendants())",
        "'a'.matches('(a+)+$')", "'a'.matches('(')",
    ],
)  # fmt: skip
def test_a_bomb_ends_with_an_error(evaluate: Evaluate, source: str) -> None:
    resource = {"resourceType": "Patient", "name": [{"given": ["x"] * 300}]}
    with pytest.raises(FhirPathError):
        evaluate(source, resource, Context(max_steps=50_000))


BROKEN = [{"name": "x"}, {"name": ["x", None, 3]}, {"name": [[]]}, {"birthDate": {"a": 1}}, {"birthDate": ["a"]}, {"contained": [{}, 1]}]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_resource_unlike_its_schema_is_no_crash(definitions: Definitions, broken: dict[str, Any]) -> None:
    resource = {"resourceType": "Patient", **broken}
    for source in ("Patient.name.given", "birthDate", "descendants()", "contained.id", "name.where(use = 'a').given | birthDate"):
        expression = compile_expression(source, definitions.schema)
        assert isinstance(expression.evaluate(resource), list)
        assert isinstance(expression.values(resource), list)


numbers = st.integers(-1000, 1000) | st.decimals(-1000, 1000, places=3)


@given(numbers, numbers)
def test_one_and_only_one_of_less_equal_greater_holds(definitions: Definitions, one: object, two: object) -> None:
    context = Context(variables={"a": one, "b": two})
    found = [compile_expression(f"%a {sign} %b", definitions.schema).evaluate({}, context)[0].value for sign in ("<", "=", ">")]
    assert found.count(True) == 1


@given(st.lists(st.integers(0, 5) | st.sampled_from(["a", "b"])))
def test_distinct_is_what_a_set_keeps_in_order(definitions: Definitions, items: list[Any]) -> None:
    found = compile_expression("%x.distinct()", definitions.schema).evaluate({}, Context(variables={"x": items}))
    assert [node.value for node in found] == list(dict.fromkeys(items))


def test_a_node_may_be_the_root(definitions: Definitions, observation: Resource) -> None:
    component = Node(observation["component"][0], "Observation.component")
    assert [node.value for node in compile_expression("value.as(Quantity).unit", definitions.schema).evaluate(component)] == ["g"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("(1 | 2 | 3).sum()", [6]),
        ("(1 | 2.5).sum()", [Decimal("3.5")]),
        ("(3 | 1 | 2).min()", [1]),
        ("(3 | 1 | 2).max()", [3]),
        ("(1 | 2).avg()", [Decimal("1.5")]),
        ("{}.sum()", []),
        ("{}.avg()", []),
        ("(1 'kg' | 2 'kg').sum() = 3 'kg'", [True]),
        ("'a'.weight()", []),
    ],
)
def test_what_scores_are_made_with(evaluate: Evaluate, patient: Resource, source: str, expected: list[Any]) -> None:
    assert evaluate(source, patient) == expected


@pytest.mark.parametrize("source", ["('a' | 'b').sum()", "(true).max()", "(1 'kg' | 2 'g').sum()", "(1 | 'a').avg()"])
def test_only_numbers_and_quantities_of_one_unit_are_summed(evaluate: Evaluate, patient: Resource, source: str) -> None:
    with pytest.raises(FhirPathError, match="quantities of one unit"):
        evaluate(source, patient)
