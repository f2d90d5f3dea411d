"""docs/python-client.md: its Python runs, in order, against a server of its own, and prints what the comments beside it say."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.process import passerelle
from fhir_server import client

DOCUMENT = (Path(__file__).parents[2] / "docs" / "python-client.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python( export)?\n(.*?)```", DOCUMENT, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("docs")
    with passerelle(folder / "data", folder / "server.log") as process:
        yield f"http://127.0.0.1:{process.port}/fhir"


def told(code: str) -> list[str]:
    return re.findall(r"# -> (.*)$", code, re.MULTILINE)


async def execute(code: str, names: dict[str, Any]) -> None:
    """As `python -m asyncio` does: await at the top is allowed."""
    compiled = compile(code, "docs/python-client.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(compiled, names)
    if inspect.isawaitable(result):
        await result


async def in_order(blocks: list[str], base_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for code in blocks:
        await execute(code.replace("http://127.0.0.1:8080/fhir", base_url), names)
        assert capsys.readouterr().out.splitlines() == told(code), code


def test_the_examples_run_and_print_what_they_say(base_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(in_order([code for mark, code in BLOCKS if not mark], base_url, capsys))


def test_the_example_of_an_export_runs(base_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    if not asyncio.run(exports(base_url)):
        pytest.skip("this server declares no $export")
    first, last = BLOCKS[0][1], BLOCKS[-1][1]
    made = [{"resourceType": "Patient"}, {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"display": "A"}}]
    writing = "".join(f"await client.create({one!r})\n" for one in made)
    exporting = next(code for mark, code in BLOCKS if mark)
    asyncio.run(in_order([first, writing, exporting, last], base_url, capsys))


async def exports(base_url: str) -> bool:
    async with client.FhirClient(base_url) as asking:
        statement = await asking.capabilities()
    return "export" in {one["name"] for one in statement["rest"][0].get("operation", [])}


def test_every_exception_is_in_the_table() -> None:
    rows = {name for row in re.findall(r"^\| (`\w+`.*?) \|", DOCUMENT, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    exceptions = {
        name for name in client.__all__ if isinstance(getattr(client, name), type) and issubclass(getattr(client, name), Exception)
    }
    assert rows == exceptions - {"FhirClientError"}
