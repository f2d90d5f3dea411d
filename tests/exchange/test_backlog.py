"""A server that starts with messages left over: who sends is answered at once, and each sender's order is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.endpoint import FhirEndpoint, Settlement
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.client import send
from adapters.hl7v2.listener import hl7v2_listener
from fhir_server.assembly import put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.hospital import StoreInbox
from fhir_server.settings import Settings
from fhir_server.store.opening import open_store

Read = Callable[..., bytes]
PATIENCE = 60
ENHANCED = (b"2.5^FRA^2.11|||||FRA", b"2.5^FRA^2.11|||AL|NE|FRA")
SENDER = "DPI-EXEMPLE|CHU-EXEMPLE"


class Held:
    """An endpoint whose transactions wait until they may go on; `settled`: the messages, in the order in which they were applied."""

    def __init__(self, endpoint: FhirEndpoint):
        self._endpoint, self.may_go_on, self.settled = endpoint, asyncio.Event(), list[int]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._endpoint, name)

    async def transaction(self, bundle: dict[str, Any], settles: Settlement | None = None, **along: Any) -> dict[str, Any]:
        await self.may_go_on.wait()
        response = await self._endpoint.transaction(bundle, settles, **along)
        self.settled.append(settles.number if settles else 0)
        return response


def test_the_port_opens_before_what_was_left_over_is_done_and_the_order_is_kept(
    tmp_path: Path, database_url: str, definitions: Definitions, message: Read
) -> None:
    async def scene() -> None:
        store = await open_store(database_url)
        held: Any = Held(put_together(definitions, store, Settings(data=tmp_path)).endpoint)
        left = message("a01_admission", ENHANCED)
        await store.inbox.receive("hl7v2", SENDER, "M0001", left, 1)
        async with hl7v2_listener(held, StoreInbox(store.inbox), port=0) as server:
            raw = message("a03_sortie_domicile", ENHANCED)
            assert acknowledgement_code(await send(raw, port=server.port)) == "CA"
            assert {row.status for row in await store.inbox.find()} == {"received"}
            held.may_go_on.set()
            async with asyncio.timeout(PATIENCE):
                while await store.inbox.find("received"):  # noqa: ASYNC110 - the server works them off itself
                    await asyncio.sleep(0.01)
        assert held.settled == [row.number for row in await store.inbox.find("processed")]
        (stay,) = await held.search("Encounter", [])
        assert stay["status"] == "finished"
        await store.close()

    asyncio.run(scene())
