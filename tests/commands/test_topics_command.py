"""`passerelle topics`: ours are listed in both languages, those of a folder are checked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE

TOP = Path(__file__).parents[2]
OURS = TOP / "fhir_server" / "subscriptions" / "topics" / "discharge-received.json"


def topics(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fhir_server", "topics", *arguments]
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_every_topic_is_listed_with_its_filters(tmp_path: Path) -> None:
    done = topics("--data", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("https://passerelle.care/fhir/SubscriptionTopic/") == len(list(OURS.parent.glob("*.json")))
    assert "Discharge received" in done.stdout
    assert "Encounter?patient.identifier=" in done.stdout


def test_in_french(tmp_path: Path) -> None:
    assert "Sortie d’hôpital reçue" in topics("--lang", "fr", "--data", str(tmp_path)).stdout


def test_a_folder_of_ones_own_is_listed_or_refused_with_the_place(tmp_path: Path) -> None:
    own = json.loads(OURS.read_text(encoding="utf-8")) | {"url": "https://gp.example/SubscriptionTopic/mine"}
    (tmp_path / "mine.json").write_text(json.dumps(own))
    assert "https://gp.example/SubscriptionTopic/mine" in topics(str(tmp_path), "--data", str(tmp_path / "data")).stdout
    (tmp_path / "passerelle.toml").write_text(f"subscription_topics = '{tmp_path}'\n")
    assert "https://gp.example/SubscriptionTopic/mine" in topics("--data", str(tmp_path)).stdout, "those of the setting"
    own["resourceTrigger"][0]["fhirPathCriteria"] = "%current.stauts = 'finished'"
    (tmp_path / "mine.json").write_text(json.dumps(own))
    done = topics(str(tmp_path), "--data", str(tmp_path / "data"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "mine.json: SubscriptionTopic.resourceTrigger[0].fhirPathCriteria: Encounter has no element stauts. (column 10)" in done.stderr
