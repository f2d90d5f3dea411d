"""A patch that cannot be read or does not apply: which operation, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fhir_server.model.issue import Category, FhirError, fault

MAX_OPERATIONS = 1000
"""A patch of more operations is refused: an update says the same in less."""


class DoesNotApply(Exception):
    """Raised where an operation cannot be carried out; its text is a sentence without the operation's number."""


@contextmanager
def operation(position: int, place: str | None = None) -> Iterator[None]:
    """Turns DoesNotApply into a FhirError INVALID that names the operation by its index (from 0), and by `place` where it has one."""
    try:
        yield
    except DoesNotApply as reason:
        raise fault(Category.INVALID, "processing", f"Operation {position} of the patch: {reason}", place) from None
    except RecursionError:
        sentence = f"Operation {position} of the patch nests the resource too deep."
        raise fault(Category.INVALID, "too-costly", sentence, place) from None


def malformed(sentence: str, expression: str | None = None) -> FhirError:
    """A patch that cannot be read at all."""
    return fault(Category.MALFORMED, "structure", sentence, expression)


def counted(number: int) -> None:
    """TOO_LARGE where a patch has more than MAX_OPERATIONS."""
    if number > MAX_OPERATIONS:
        sentence = f"The patch has {number} operations; at most {MAX_OPERATIONS} are carried out. Send an update instead."
        raise fault(Category.TOO_LARGE, "too-costly", sentence)
