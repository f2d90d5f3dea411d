"""HAPI's HL7 v2 client, the one of most hospital software in Java, sends by MLLP, by MLLP over mutual TLS, and by HTTP."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12

from benchmarks.process import Process
from tests.certificates import Authority, Certified
from tests.hl7v2.conftest import MESSAGES
from tests.interop.conftest import Database
from tests.interop.hapi_peer import JAVA, absent, build
from tests.interop.peer_client import READER, SECONDS, steps
from tests.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.skipif(absent() is not None, reason=str(absent()))]
SOURCE = "hapi_hl7v2/src/main/java/org/passerelle/peer/MessageSender.java"
STEPS = [name for name in steps(SOURCE, r'^\s+step\("([^"]+)"') if name != READER]
PASSWORD = "only-for-this-test"


@pytest.fixture(scope="module")
def class_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    try:
        return build(tmp_path_factory.mktemp("hapi"), "hapi_hl7v2")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"Maven cannot build the client: {error.stdout[-500:]!r}")


@contextmanager
def listener(folder: Path, *options: str) -> Iterator[Process]:
    port = free_port()
    command = [
        "-m",
        "fhir_server",
        "serve",
        "--data",
        str(folder),
        "--port",
        str(port),
        "--mllp-port",
        "0",
        "--log-format",
        "json",
        *options,
    ]
    with Process(command, port, folder.with_suffix(".log")) as process:
        yield process


def key_store(file: Path, shown: Certified, authority: Authority) -> list[str]:
    """What Java shows and trusts, as its options."""
    certificate = x509.load_pem_x509_certificate(shown.certificate.read_bytes())
    trusted = x509.load_pem_x509_certificate(authority.file.read_bytes())
    key = load_pem_private_key(shown.key.read_bytes(), None)
    encryption = BestAvailableEncryption(PASSWORD.encode())
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"sender", key, certificate, [trusted], encryption))  # type: ignore[arg-type]
    trust = file.with_suffix(".trust")
    trust.write_bytes(pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(trusted, b"authority")], encryption))
    return [
        f"-Djavax.net.ssl.{name}={value}"
        for name, value in (
            ("keyStore", file), ("keyStorePassword", PASSWORD), ("keyStoreType", "PKCS12"),
            ("trustStore", trust), ("trustStorePassword", PASSWORD), ("trustStoreType", "PKCS12"),
        )
    ]  # fmt: skip


@pytest.fixture(scope="module")
def told(class_path: str, tmp_path_factory: pytest.TempPathFactory, database: Database) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("listeners")
    authority = Authority(folder)
    own, sender = authority.certified("listener"), authority.certified("sender")
    files = (
        "--mllp-tls-certificate",
        str(own.certificate),
        "--mllp-tls-key",
        str(own.key),
        "--mllp-client-authorities",
        str(authority.file),
    )
    with listener(folder / "clear", *database()) as clear, listener(folder / "encrypted", *files) as encrypted:
        ports = [str(one) for one in (clear.announced("mllp_port"), encrypted.announced("mllp_port"), clear.port)]
        java = [
            *JAVA,
            "-Xmx512m",
            *key_store(folder / "sender.p12", sender, authority),
            "-cp",
            class_path,
            "org.passerelle.peer.MessageSender",
        ]
        command = [*java, *ports, str(MESSAGES / "a01_admission.er7")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("step", STEPS)
def test_hospital_software_can(told: dict[str, str], step: str) -> None:
    assert told[step] == "ok"
