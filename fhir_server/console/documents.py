"""The Markdown files of docs/ as pages. Only what was found when the folder was read can be asked for, so no path leads elsewhere."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

INDEX = "index"
SUFFIX = ".md"
_ROLES = {
    f"{part}_open": {"role": role}
    for part, role in {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "th": "columnheader", "td": "cell"}.items()
}
"""A narrow screen shows the cells of a row under each other; the roles keep it a table for those who hear it."""


@dataclass(frozen=True, slots=True)
class Document:
    """`name` is the path in the folder without `.md`; `links` are the names of documents and folders it leads to, in order."""

    name: str
    title: str
    html: str
    links: tuple[str, ...]

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.name)


class Documents:
    """A folder of Markdown files; read and rendered once, when first asked."""

    def __init__(self, folder: Traversable | None):
        self._folder = folder

    def page(self, name: str) -> Document | None:
        """The document of that name; the empty name is the index."""
        return self._rendered.get(name or INDEX)

    def folder(self, name: str) -> list[Document]:
        """The documents of a folder below, by name; none where there is no such folder."""
        return [one for one in self._rendered.values() if name and one.folder == name]

    @cached_property
    def contents(self) -> list[Document]:
        """Every document of the folder itself, in the order in which the index names them."""
        index = self.page(INDEX)
        order = [INDEX, *(index.links if index else ())]
        own = [one for one in self._rendered.values() if not one.folder]
        return sorted(own, key=lambda one: (order.index(one.name) if one.name in order else len(order), one.name))

    @cached_property
    def folders(self) -> list[str]:
        """`decisions`"""
        return sorted({one.folder for one in self._rendered.values()} - {""})

    @cached_property
    def _rendered(self) -> dict[str, Document]:
        sources = dict(sorted(_sources(self._folder))) if self._folder else {}
        return {name: rendered(name, source) for name, source in sources.items()}


def documents_folder() -> Traversable | None:
    """docs/ as the wheel carries it, else that of the checkout; None where there is neither."""
    checkout = Path(__file__).parents[2]
    packaged = files("fhir_server.console") / "docs"
    if packaged.is_dir():
        return packaged
    return checkout / "docs" if (checkout / "pyproject.toml").is_file() and (checkout / "docs").is_dir() else None


def rendered(name: str, source: str) -> Document:
    """Markdown as HTML: HTML in it is shown, not obeyed; headings can be linked to; nothing carries a style attribute."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(source)
    links: list[str] = []
    for token in _flat(tokens):
        if token.type == "link_open":
            _lead_to_page(token, name, links)
        token.attrs.pop("style", None)
        token.attrs |= _ROLES.get(token.type, {})
    _name_headings(tokens)
    html = markdown.renderer.render(tokens, markdown.options, {})
    return Document(name, _title(tokens) or name, html, tuple(links))


def _sources(folder: Traversable, prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(SUFFIX):
            found.append((prefix + entry.name.removesuffix(SUFFIX), entry.read_text(encoding="utf-8")))
    return found


def _flat(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in (token, *(token.children or ()))]


def _lead_to_page(token: Token, name: str, links: list[str]) -> None:
    """A link to `other.md` leads to its page; one out of the folder (a file of the repository) leads nowhere here."""
    target = urlsplit(str(token.attrs.get("href", "")))
    if target.scheme or target.netloc:
        token.attrs["rel"] = "noreferrer"
    elif target.path:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(target.path)))
        _lead_inside(token, target, path, links)


def _lead_inside(token: Token, target: SplitResult, path: str, links: list[str]) -> None:
    if path.startswith(("..", "/")):
        del token.attrs["href"]
        return
    links.append(path.removesuffix(SUFFIX))
    token.attrs["href"] = target._replace(path=target.path.removesuffix(SUFFIX)).geturl()


def _name_headings(tokens: list[Token]) -> None:
    """An id for each heading as GitHub makes it, so that `page.md#a-heading` works in both places."""
    seen: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            slug = re.sub(r"[^\w\- ]", "", _text(inline).lower()).replace(" ", "-")
            count = seen[slug] = seen.get(slug, -1) + 1
            opening.attrs["id"] = f"{slug}-{count}" if count else slug


def _title(tokens: list[Token]) -> str | None:
    pairs = pairwise(tokens)
    return next((_text(inline) for opening, inline in pairs if opening.type == "heading_open"), None)


def _text(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())
