"""Index extraction in one thread: microseconds a resource and rows a resource, by resource type.

    .venv/bin/python benchmarks/search_extraction.py FOLDER [BUNDLES]

FOLDER holds Bundles as .json.bz2 (such as synthea-r4); the first BUNDLES of them are read (default 10). The floor beside it is what
decoding the same resources from JSON costs.
"""

from __future__ import annotations

import bz2
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fhir_server.definitions.definitions import load_definitions
from fhir_server.model.json_format import decode_json, encode_json
from fhir_server.search.extract import IndexExtractor
from fhir_server.search.rows import IndexRows


def resources_of(folder: Path, bundles: int) -> list[dict[str, Any]]:
    files = sorted(folder.glob("*.json.bz2"), key=lambda path: path.stat().st_size)[-bundles:]
    return [entry["resource"] for path in files for entry in decode_json(bz2.decompress(path.read_bytes()))["entry"]]


def count(rows: IndexRows) -> int:
    return sum(len(getattr(rows, name)) for name in IndexRows.__slots__)


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    resources = resources_of(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10)
    extractor = IndexExtractor(load_definitions(), ZoneInfo("Europe/Paris"))
    for type_name in {resource["resourceType"] for resource in resources}:
        extractor.extract({"resourceType": type_name})
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for resource in resources:
        groups[resource["resourceType"]].append(resource)
    print(f"{'type':28}{'resources':>10}{'µs each':>10}{'rows each':>10}{'decode µs':>10}")
    total = decoding = 0.0
    for type_name, group in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        begin = time.perf_counter()
        rows = [extractor.extract(resource) for resource in group]
        spent = time.perf_counter() - begin
        texts = [encode_json(resource) for resource in group]
        begin = time.perf_counter()
        for text in texts:
            decode_json(text)
        decoded = time.perf_counter() - begin
        total, decoding = total + spent, decoding + decoded
        each = 1e6 / len(group)
        print(f"{type_name:28}{len(group):10}{spent * each:10.1f}{sum(map(count, rows)) / len(group):10.1f}{decoded * each:10.1f}")
    each = 1e6 / len(resources)
    print(f"{'all':28}{len(resources):10}{total * each:10.1f}{'':10}{decoding * each:10.1f}")


if __name__ == "__main__":
    main()
