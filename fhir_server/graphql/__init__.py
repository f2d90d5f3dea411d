"""GraphQL over FHIR resources (https://hl7.org/fhir/R4/graphql.html): a query is read, bounded and answered out of a `Source`."""

from fhir_server.graphql.execution import execute
from fhir_server.graphql.fault import GraphQLFault, error_answer
from fhir_server.graphql.introspection import Introspection
from fhir_server.graphql.request import GraphQLRequest
from fhir_server.graphql.source import Edge, Found, InteractionsSource, Source

__all__ = ["Edge", "Found", "GraphQLFault", "GraphQLRequest", "InteractionsSource", "Introspection", "Source", "error_answer", "execute"]
