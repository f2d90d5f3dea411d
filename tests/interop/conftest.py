"""The clients work on both stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

Database = Callable[[], list[str]]
"""The options of `passerelle serve` that name a new empty database, another one at each call."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.param == "sqlite":
        yield list
        return
    cluster = request.getfixturevalue("postgresql_cluster")
    template = request.getfixturevalue("postgresql_template")
    made: list[str] = []

    def new() -> list[str]:
        made.append(cluster.make(template))
        return ["--database", cluster.url(made[-1])]

    yield new
    for name in made:
        cluster.drop(name)
