"""A search by an identifier is read once for each form; what comes out must be what reading it anew would give."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fhir_server.model.issue import FhirError
from fhir_server.search.query import parse_query
from fhir_server.search.query_form import QueryForms

texts = st.text(alphabet=st.sampled_from("ab1:/|,$\\ é\0"), max_size=8)
BESIDE = [(), (("_count", "1000"), ("_total", "none")), (("_count", "2"),), (("status", "final"),), (("x", "y"),)]


def outcome(read):
    """The query, with what is not compared, or the refusal."""
    try:
        query = read()
    except FhirError as error:
        return error.category, [issue.diagnostics for issue in error.issues]
    return query, query.parameters, query.incomplete


@pytest.fixture(scope="module")
def forms(definitions):
    return QueryForms(definitions, lambda type_name, pairs: parse_query(type_name, pairs, definitions))


@given(
    type_name=st.sampled_from(["Patient", "Encounter", "Binary", "Nothing", ""]),
    name=st.sampled_from(["identifier", "identifier:not", "_id"]),
    value=texts,
    beside=st.sampled_from(BESIDE),
)
@example(type_name="Patient", name="identifier", value="urn:oid:1.2|1", beside=())
@example(type_name="Encounter", name="identifier", value="urn:oid:1.2|1", beside=BESIDE[1])
@example(type_name="Patient", name="identifier", value="\0system|\0number", beside=())
@example(type_name="Patient", name="identifier", value="urn:a|1,urn:a|2", beside=())
@example(type_name="Patient", name="identifier", value="urn:a|1,urn:b|2,urn:a|1", beside=BESIDE[1])
@example(type_name="Patient", name="identifier", value="urn:a|1,2", beside=())
@example(type_name="Patient", name="identifier", value="urn:a|1,", beside=())
@example(type_name="Patient", name="identifier", value=",".join(f"urn:a|{number}" for number in range(12)), beside=())
@example(type_name="Patient", name="identifier", value="urn:a|1\\,2", beside=())
def test_a_form_says_what_reading_anew_would(forms, definitions, type_name, name, value, beside):
    pairs = [(name, value), *beside]
    assert outcome(lambda: forms.query(type_name, pairs)) == outcome(lambda: parse_query(type_name, pairs, definitions))


def test_a_form_is_read_once_and_anew_when_the_parameter_is_another(definitions):
    read = []

    class Changing:
        schema = definitions.schema
        parameters = definitions.search_parameters("Patient")

        def search_parameters(self, _type_name):
            return self.parameters

        def __getattr__(self, name):
            return getattr(definitions, name)

    changing = Changing()
    forms = QueryForms(changing, lambda type_name, pairs: read.append(pairs) or parse_query(type_name, pairs, changing))
    for value in ("urn:a|1", "urn:a|2", "urn:a|3,urn:b|4"):
        forms.query("Patient", [("identifier", value)])
    assert len(read) == 1
    text = definitions.search_parameters("Patient")["family"]
    changing.parameters = {**changing.parameters, "identifier": text}
    assert forms.query("Patient", [("identifier", "urn:a|1")]).clauses[0].parameter is text
