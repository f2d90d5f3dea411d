"""The page /validate: a resource is pasted or dropped, and each finding stands below its line. It works without a script."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from urllib.parse import parse_qs

import msgspec
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from fhir_server.console.language import preferred_language
from fhir_server.console.page import Pages
from fhir_server.console.static import static_path
from fhir_server.definitions.definitions import CORE, Definitions
from fhir_server.model.issue import Issue
from fhir_server.model.phrase import translated
from fhir_server.validation.document import Document

MAX_BYTES = 4 * 2**20
"""Of the form's body, percent-encoded."""
MAX_ISSUES = 500
WHOLE_LINES = 2000
AROUND = 3
"""Of a longer text only this many lines around each finding are shown."""
LONG_LINE = 2000
SCRIPT = "validate.js"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|</?[\w:.-]+|[{\[]|[^\s,}\]]+')


class Checks(Protocol):
    """`fhir_server.validation.document.DocumentCheck`."""

    def findings(self, document: Document) -> list[Issue]: ...


class ValidationDesk:
    """What the page needs of a server: a check for the profiles chosen, and the profiles that there are to choose from."""

    def __init__(self, definitions: Definitions, check: Callable[[Sequence[str]], Checks]):
        self._definitions = definitions
        self._check = check

    @cached_property
    def profiles(self) -> list[tuple[str, str]]:
        """(canonical URL, title) of the profiles on resources in the packages beside R4 itself."""
        packages = [package for package in self._definitions.packages if package.manifest.name != CORE[0]]
        found = (one for package in packages for one in package.all("StructureDefinition") if _is_profile(one))
        return sorted((one["url"], str(one.get("title") or one.get("name"))) for one in found)

    def findings(self, text: str, profile: str) -> list[Issue]:
        """All findings about a text, against a profile too where one is named."""
        return self._check([profile] if profile else []).findings(Document("", text.encode("utf-8", "replace")))


def _is_profile(definition: dict[str, object]) -> bool:
    on_resource = definition.get("kind") == "resource" and definition.get("derivation") == "constraint"
    return on_resource and isinstance(definition.get("url"), str)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text: before, within and after what a finding points at; `number` 0 stands for lines left out."""

    number: int
    before: str
    marked: str = ""
    after: str = ""
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the page shows: the findings, the lines they stand at, and those that stand nowhere."""

    issues: list[Issue]
    lines: list[Line]
    elsewhere: list[Issue]
    reformatted: bool
    left_out: int

    @property
    def errors(self) -> int:
        return sum(issue.is_error for issue in self.issues)

    @property
    def warnings(self) -> int:
        return sum(issue.severity == "warning" for issue in self.issues)


def verdict(desk: ValidationDesk, text: str, profile: str, language: str) -> Verdict:
    """The text checked; one that stands on a single long line is laid out first, so that a line says something."""
    laid_out = _laid_out(text)
    issues = translated(desk.findings(laid_out, profile), language)
    shown = sorted(issues, key=lambda issue: (not issue.is_error, issue.line or 0))[:MAX_ISSUES]
    lines = list(_lines(laid_out.split("\n"), shown))
    elsewhere = [issue for issue in shown if not issue.line]
    return Verdict(shown, lines, elsewhere, laid_out is not text, len(issues) - len(shown))


def _laid_out(text: str) -> str:
    if len(text) < 200 or "\n" in text.strip() or not text.lstrip().startswith("{"):
        return text
    try:
        return msgspec.json.format(text, indent=2)
    except (msgspec.DecodeError, RecursionError):
        return text


def _lines(text: Sequence[str], issues: Iterable[Issue]) -> Iterable[Line]:
    by_line: dict[int, list[Issue]] = {}
    for issue in issues:
        if issue.line:
            by_line.setdefault(min(issue.line, len(text)), []).append(issue)
    last = 0
    for number in _shown_numbers(len(text), by_line):
        if number != last + 1:
            yield Line(0, "…")
        yield _line(number, text[number - 1], tuple(by_line.get(number, ())))
        last = number


def _shown_numbers(count: int, wanted: Iterable[int]) -> Iterable[int]:
    if count <= WHOLE_LINES:
        return range(1, count + 1)
    near = {number for one in wanted for number in range(one - AROUND, one + AROUND + 1)}
    return sorted(number for number in near if 1 <= number <= count)


def _line(number: int, text: str, issues: tuple[Issue, ...]) -> Line:
    if len(text) > LONG_LINE:
        return Line(number, text[:LONG_LINE] + "…", issues=issues)
    column = next((issue.column for issue in issues if issue.column), None)
    found = _TOKEN.match(text, column - 1) if column else None
    if found is None:
        return Line(number, text, issues=issues)
    return Line(number, text[: found.start()], found[0], text[found.end() :], issues)


def validation_page(pages: Pages, desk: ValidationDesk) -> Callable[[Request], Response]:
    """GET: the empty form."""

    def handle(request: Request) -> Response:
        return _page(pages, request, desk, "", request.query_params.get("profile", "")[:1000])

    return handle


def validation_answer(pages: Pages, desk: ValidationDesk) -> Callable[[Request], Awaitable[Response]]:
    """POST of the form: the same page with the verdict."""

    async def handle(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return await run_sync(lambda: _page(pages, request, desk, "", "", status=413))
        text, profile = _fields(body)
        language = preferred_language(request.headers.get("accept-language", ""))
        found = await run_sync(verdict, desk, text, profile, language) if text.strip() else None
        return await run_sync(lambda: _page(pages, request, desk, text, profile, found))

    return handle


async def _body(request: Request) -> bytes | None:
    """None where it is too large."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            return None
    return bytes(body)


def _fields(body: bytes) -> tuple[str, str]:
    """Resource and profile; browsers send line ends as CR LF."""
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    text, profile = (fields.get(name, [""])[0] for name in ("resource", "profile"))
    return text.replace("\r\n", "\n"), profile.strip()[:1000]


def _page(
    pages: Pages, request: Request, desk: ValidationDesk, text: str, profile: str, found: Verdict | None = None, status: int = 200
) -> Response:
    response = pages.page(
        request, "validate.html", status, section="validate", text=text, profile=profile, profiles=desk.profiles, found=found,
        script=static_path(SCRIPT), too_large=status == 413, megabytes=MAX_BYTES // 2**20,
    )  # fmt: skip
    response.headers["content-security-policy"] = POLICY
    return response
