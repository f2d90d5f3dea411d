"""The drill on PostgreSQL: a dump taken while others write, restored into a new database, is whole and goes on where it stopped."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fhir_server.store.change import Commit
from fhir_server.store.checking import check
from fhir_server.store.opening import open_store
from fhir_server.store.postgresql import PostgresqlStore
from tests.postgresql_cluster import Cluster
from tests.store.conftest import written

needs_client = pytest.mark.skipif(shutil.which("pg_restore") is None, reason="pg_restore is not installed (Debian: postgresql-client)")


@needs_client
def test_a_dump_taken_under_load_is_restored_whole(
    postgresql_store: PostgresqlStore, postgresql_cluster: Cluster, run: Any, tmp_path: Path
) -> None:
    dump = tmp_path / "copy.dump"

    async def load() -> None:
        pairs = [[written("Patient", f"{number}-a"), written("Patient", f"{number}-b")] for number in range(300)]
        writes = asyncio.gather(*(postgresql_store.commit(Commit(list(pair))) for pair in pairs))
        await asyncio.sleep(0.02)
        await postgresql_store.backup(dump)
        await writes

    run(load())
    name = postgresql_cluster.make()
    url = postgresql_cluster.url(name)
    subprocess.run(["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={url}", str(dump)], check=True, capture_output=True)
    run(restored_is_whole(url))
    postgresql_cluster.drop(name)


async def restored_is_whole(url: str) -> None:
    report = await check(url)
    assert report.is_well, report
    assert report.counts["resources"] % 2 == 0
    store = await open_store(url)
    count = report.counts["versions"]
    (result,) = await store.commit(Commit([written("Patient", "afterwards")]))
    assert result.stored is not None
    assert result.stored.seq == count + 1
    await store.close()
