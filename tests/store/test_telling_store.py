"""Two that tell stand around one store: what the outer one decided upon still stands when both have spoken, or it decides anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest

from fhir_server.store.change import Commit, Write
from fhir_server.store.store import Store
from fhir_server.telling_store import Telling, TellingStore, Upcoming
from tests.store.conftest import written


class Silent:
    """Looks at stays and says nothing."""

    types: Collection[str] = ("Encounter",)
    deletions: Collection[str] = ()

    async def telling(self, upcoming: Sequence[Upcoming], commit: Commit) -> Telling:
        return Telling()


class Overtaken(Silent):
    """Writes a notice with each stay; the first time, somebody else writes something meanwhile."""

    def __init__(self, store: Store, rival: Write):
        self.store, self.rival, self.seen = store, rival, list[list[int]]()

    async def telling(self, upcoming: Sequence[Upcoming], commit: Commit) -> Telling:
        stands = await self.store.read("Communication", "n")
        self.seen.append([one.version for one in upcoming])
        if len(self.seen) == 1:
            await self.store.commit(Commit([self.rival]))
        notice = written("Communication", "n", status="preparation")
        return Telling(writes=(replace(notice, basis=stands.version if stands else 0),))


@pytest.mark.parametrize(("type_name", "versions"), [("Encounter", [[1], [2]]), ("Communication", [[1], [1]])])
def test_the_outer_one_is_asked_again_where_it_was_overtaken(type_name: str, versions: list[list[int]], store: Store, run: Any) -> None:
    rival = written(type_name, {"Encounter": "e", "Communication": "n"}[type_name], status="unknown")
    teller = Overtaken(store, rival)
    whole = TellingStore(TellingStore(store, Silent()), teller)
    run(whole.commit(Commit([written("Encounter", "e", status="finished")])))
    assert teller.seen == versions
