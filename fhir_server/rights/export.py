"""All about one person in a folder, for the person: NDJSON (https://hl7.org/fhir/R4/nd-json.html) for programs, a page to read.

current/TYPE.ndjson     what stands now                 versions/TYPE.ndjson    every version, erased ones excepted
named/TYPE.ndjson       who and what it names           access-history.ndjson   who saw or changed what, as AuditEvents
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from fhir_server.audit.access_history import accesses
from fhir_server.audit.event import audit_event
from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import decode_resource, encode_json
from fhir_server.rights.dossier import Dossier, versions
from fhir_server.search.sight.marks import NO_PERSON
from fhir_server.store.audit import AuditRecord
from fhir_server.store.stored import Stored, instant

_REFERENCE = re.compile(rb'"reference":"(?:[^"]*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})["/]')
_PAGE = 500


class PersonExport:
    """Into a folder that is empty or not there yet. `base` is this server's own URL, as AuditEvents name it."""

    def __init__(self, interactions: Interactions, found: Dossier, folder: Path, base: str):
        self._interactions, self._found, self._folder, self._base = interactions, found, folder, base
        self.counts: Counter[str] = Counter()
        self._named: set[tuple[str, str]] = set()

    async def run(self) -> Counter[str]:
        """How many lines each file has."""
        if self._folder.exists() and any(self._folder.iterdir()):
            raise fault(Category.CONFLICT, "conflict", f"{self._folder} is not empty; name another folder.")
        self._folder.mkdir(parents=True, exist_ok=True)
        for held in self._found.held:
            async for stored in versions(self._interactions, held.type, held.id):
                if stored.version in held.own:
                    self._write(stored, held.ends and stored.version == max(held.own))
        for key in sorted(self._named - {(held.type, held.id) for held in self._found.held}):
            await self._write_named(*key)
        told = [record async for record in self._accesses()]
        self._page(told)
        return self.counts

    def _write(self, stored: Stored, is_current: bool) -> None:
        content = stored.content or b"null"
        self._line(f"versions/{stored.type}.ndjson", content)
        if is_current:
            self._line(f"current/{stored.type}.ndjson", content)
            self._named.update((type_.decode(), id_.decode()) for type_, id_ in _REFERENCE.findall(content))

    async def _write_named(self, type_name: str, id_: str) -> None:
        """Who and what is named, but no other person's data."""
        if type_name not in self._interactions.schema.resource_types:
            return
        try:
            stored = await self._interactions.read(type_name, id_)
        except FhirError:
            return
        marks = self._interactions.marks_of(decode_resource(stored.content or b"null"), id_)
        if all(mark.startswith(NO_PERSON) for mark in marks):
            self._line(f"named/{type_name}.ndjson", stored.content or b"null")

    async def _accesses(self) -> AsyncIterator[AuditRecord]:
        after = None
        while True:
            page = await self._interactions.store.audit.of_person(self._found.patient, _PAGE, after)
            for record in page.records:
                self._line("access-history.ndjson", encode_json(audit_event(record, self._base)))
                yield record
            if (after := page.next) is None:
                return

    def _line(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(exist_ok=True)
        with path.open("ab") as stream:
            stream.write(content + b"\n")
        self.counts[name] += 1

    def _page(self, told: list[AuditRecord]) -> None:
        (self._folder / "index.html").write_text(_html(self._found, self.counts, told), encoding="utf-8")


_TEXTS = {
    "fr": ("Ce qui est conservé sur vous", "Fichier", "Lignes", "Qui a consulté ou modifié quoi", "Quand (UTC)", "Qui", "Quoi", "Pourquoi",
        "Ressources qui concernent aussi d’autres personnes, et ne sont donc pas remises"),
    "en": ("What is kept about you", "File", "Lines", "Who saw or changed what", "When (UTC)", "Who", "What", "Why",
        "Resources that concern others too, and are therefore not handed over"),
}  # fmt: skip


def _html(found: Dossier, counts: Counter[str], told: list[AuditRecord]) -> str:
    parts = [part for language in _TEXTS for part in _section(language, found, counts, told)]
    head = '<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return f"{head}<title>{_TEXTS['fr'][0]} · {_TEXTS['en'][0]}</title></head><body>{''.join(parts)}</body></html>\n"


def _section(language: str, found: Dossier, counts: Counter[str], told: list[AuditRecord]) -> Iterator[str]:
    title, file, lines, history, when, who, what, why, others = _TEXTS[language]
    yield f'<section lang="{language}"><h1>{title}</h1><p>Patient/{html.escape(found.patient)}</p>'
    files = [(f'<a href="{name}">{name}</a>', str(number)) for name, number in sorted(counts.items())]
    yield _table((file, lines), files)
    yield f"<h2>{history}</h2>"
    rows = [(instant(one.when), one.who, f"{one.did} · {', '.join(one.what)}", one.why) for one in accesses(told, language)]
    yield _table((when, who, what, why), [tuple(html.escape(cell) for cell in row) for row in rows])
    if shared := [f"{one.type}/{one.id}" for one in found.shared]:
        yield f"<h2>{others}</h2><p>{html.escape(', '.join(shared))}</p>"
    yield "</section>"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
