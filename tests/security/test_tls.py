"""TLS of its own: the server speaks it, and nothing else, on its port."""

from __future__ import annotations

import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.patience import PATIENCE
from tests.ports import free_port


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate of 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pkcs8 = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption()))
    return files


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("tls")
    (chain, key), port = certificate(folder), free_port()
    command = [
        sys.executable, "-m", "fhir_server", "serve", "--data", str(folder / "data"), "--port", str(port), "--no-mllp",
        "--authentication", "required", "--tls-certificate", str(chain), "--tls-key", str(key),
    ]  # fmt: skip
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        end = time.monotonic() + PATIENCE
        while b'"event":"ready"' not in (folder / "log").read_bytes().replace(b": ", b":"):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.05)
        yield f"127.0.0.1:{port}", chain
        process.terminate()


def test_it_answers_over_tls_and_names_itself_so(served: tuple[str, Path]) -> None:
    place, chain = served
    with httpx.Client(verify=ssl.create_default_context(cafile=str(chain))) as client:
        told = client.get(f"https://{place}/.well-known/smart-configuration").json()
        assert told["token_endpoint"] == f"https://{place}/auth/token"
        assert client.get(f"https://{place}/fhir/Patient").status_code == 401


def test_it_answers_nothing_in_the_clear(served: tuple[str, Path]) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://{served[0]}/health/live")
