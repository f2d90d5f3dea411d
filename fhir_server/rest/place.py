"""Line and column, in the body as it was sent, of what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from anyio.to_thread import run_sync

from fhir_server.model.issue import Issue
from fhir_server.model.position import with_places
from fhir_server.rest.request import Sent

INLINE_BYTES = 32 * 1024
"""In a larger body places are looked for in a thread."""


async def placed(issues: Sequence[Issue], sent: Sent, below: str | None = None) -> list[Issue]:
    """The issues with their places; `below` is where in the body their resource stands (`Parameters.parameter[0].resource`)."""
    if len(sent.source) <= INLINE_BYTES:
        return _placed(issues, sent, below)
    return await run_sync(_placed, issues, sent, below)


def _placed(issues: Sequence[Issue], sent: Sent, below: str | None) -> list[Issue]:
    if below is None:
        return with_places(issues, sent.source, sent.is_xml)
    moved = with_places([replace(issue, expression=_moved(issue.expression, below)) for issue in issues], sent.source, sent.is_xml)
    return [replace(found, expression=issue.expression) for found, issue in zip(moved, issues, strict=True)]


def _moved(expression: str | None, below: str) -> str | None:
    """`Patient.name[0]` inside the body: `Parameters.parameter[0].resource.name[0]`."""
    if expression is None:
        return None
    path = expression.partition(".")[2]
    return f"{below}.{path}" if path else below
