"""`passerelle send hl7` against a listener in the clear and one that asks for certificates."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.hl7v2.listener import hl7v2_listener
from adapters.hl7v2.tls import server_context
from fhir_server.commands.send import command
from fhir_server.model.issue import FhirError
from tests.certificates import Authority
from tests.hl7v2.conftest import MESSAGES
from tests.memory_endpoint import MemoryEndpoint

ADMISSION = MESSAGES / "a01_admission.er7"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("authority"))
    made.certified("listener")
    made.certified("sender")
    return made


def sent(authority: Authority, *options: str, encrypted: bool, file: Path = ADMISSION, by_environment: bool = False) -> Result:
    folder, endpoint = authority.file.parent, MemoryEndpoint()
    tls = server_context(folder / "listener.pem", folder / "listener.key", authority.file) if encrypted else None

    async def run() -> Result:
        async with hl7v2_listener(endpoint, endpoint.inbox, port=0, tls=tls) as server:
            port = [] if by_environment else ["--mllp-port", str(server.port)]
            runner = CliRunner(env={"PASSERELLE_MLLP_PORT": str(server.port)})
            return await asyncio.to_thread(runner.invoke, command, ["hl7", str(file), *port, "--patience", "20", *options])

    return asyncio.run(run())


def test_a_message_is_sent_in_the_clear(authority: Authority) -> None:
    done = sent(authority, encrypted=False)
    assert (done.exit_code, "MSA|AA|M0001" in done.stdout) == (0, True)


def test_the_port_is_the_one_that_the_servers_setting_names(authority: Authority) -> None:
    assert sent(authority, encrypted=False, by_environment=True).exit_code == 0


def test_a_message_is_sent_over_tls_with_certificates_of_both_sides(authority: Authority) -> None:
    folder = authority.file.parent
    shown = ["--authorities", str(authority.file), "--certificate", str(folder / "sender.pem"), "--key", str(folder / "sender.key")]
    done = sent(authority, *shown, encrypted=True)
    assert (done.exit_code, "MSA|AA|M0001" in done.stdout) == (0, True)


def test_a_listener_that_is_not_trusted_gets_nothing(authority: Authority) -> None:
    done = sent(authority, "--tls", encrypted=True)
    assert isinstance(done.exception, FhirError)
    assert "No MLLP connection" in str(done.exception)


def test_a_refusal_is_status_1(authority: Authority, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.er7"
    wrong.write_bytes(ADMISSION.read_bytes().replace(b"|19400517|", b"|19401317|"))
    done = sent(authority, encrypted=False, file=wrong)
    assert (done.exit_code, "MSA|AE|" in done.stdout) == (1, True)


def test_a_message_that_asks_for_no_answer_is_said_to_be_sent(authority: Authority, tmp_path: Path) -> None:
    silent = tmp_path / "silent.er7"
    silent.write_bytes(ADMISSION.read_bytes().replace(b"2.5^FRA^2.11|||||FRA", b"2.5^FRA^2.11|||NE|NE|FRA"))
    done = sent(authority, encrypted=False, file=silent)
    assert (done.exit_code, "asks for no answer" in done.stdout) == (0, True)
