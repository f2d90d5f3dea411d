"""The FHIR interactions without HTTP (https://hl7.org/fhir/R4/http.html): what `rest`, `operations` and the in-process endpoint share."""

from fhir_server.interactions.conformance import ConformanceFeed
from fhir_server.interactions.interactions import Interactions
from fhir_server.interactions.outcome import Outcome, SearchResult
from fhir_server.interactions.reindexing import Reindexing
from fhir_server.interactions.searching import Searching
from fhir_server.interactions.write_validation import WriteValidation

__all__ = ["ConformanceFeed", "Interactions", "Outcome", "Reindexing", "SearchResult", "Searching", "WriteValidation"]
