"""The container files, read as data: no docker is needed to hold what they promise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from fhir_server.settings import load_settings, require_protection

TOP = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return YAML(typ="safe").load((TOP / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    """Instructions, continued lines joined."""
    text = (TOP / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_every_port_is_published_on_the_loopback_of_the_host_only(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", ())]
    assert ports == ["127.0.0.1:2575:2575", "${HTTPS_ADDRESS:-127.0.0.1}:8443:8443"]


def test_http_is_reached_through_the_tls_proxy_that_the_server_is_told_of(compose):
    server, proxy = compose["services"]["server"], compose["services"]["proxy"]
    assert not [port for port in server["ports"] if ":8080" in port]
    assert proxy["command"][:2] == ["caddy", "reverse-proxy"]
    assert "server:8080" in proxy["command"]
    assert server["environment"]["PASSERELLE_PROXY_ADDRESSES"] == proxy["networks"]["inside"]["ipv4_address"]
    assert server["environment"]["PASSERELLE_BASE_URL"].startswith("https://")
    assert (proxy["read_only"], proxy["cap_drop"], proxy["cap_add"]) == (True, ["ALL"], ["NET_BIND_SERVICE"])


def test_the_server_accepts_what_compose_tells_it(compose, monkeypatch):
    for name, value in compose["services"]["server"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-(.*?)\}", r"\1", str(value)))
    settings = load_settings()
    require_protection(settings)
    assert (settings.authentication, settings.base_url) == ("required", "https://localhost:8443/fhir")


def test_no_service_takes_the_network_of_the_host(compose):
    assert all(service.get("network_mode") != "host" for service in compose["services"].values())


def test_the_container_can_write_its_volume_and_tmp_only_and_gains_no_rights(compose):
    server = compose["services"]["server"]
    assert server["read_only"] is True
    assert server["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in server["security_opt"]
    assert "privileged" not in server
    assert server["volumes"] == ["data:/data"]
    assert "data" in compose["volumes"]


def test_the_database_comes_with_its_profile_only_and_the_server_waits_until_it_is_healthy(compose):
    assert [name for name, service in compose["services"].items() if "profiles" not in service] == ["server", "proxy"]
    assert compose["services"]["database"]["profiles"] == ["postgresql"]
    assert compose["services"]["server"]["depends_on"]["database"] == {"condition": "service_healthy", "required": False}
    assert compose["services"]["database"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]


def test_the_database_keeps_its_data_in_a_volume_runs_as_nobody_special_and_publishes_no_port(compose):
    database = compose["services"]["database"]
    assert database["volumes"] == ["database:/var/lib/postgresql/data"]
    assert "database" in compose["volumes"]
    assert database["user"] == "postgres"
    assert database["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in database["security_opt"]
    assert "ports" not in database


def test_the_password_comes_from_a_file_only(compose):
    services = compose["services"]
    assert services["database"]["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/database_password"
    assert services["server"]["environment"]["PASSERELLE_DATABASE_PASSWORD_FILE"] == "/run/secrets/database_password"
    assert [name for name, service in services.items() if "database_password" in service.get("secrets", ())] == ["server", "database"]
    assert not [name for service in services.values() for name in service.get("environment", ()) if name.endswith("PASSWORD")]
    assert list(compose["secrets"]["database_password"]) == ["file"]


def test_compose_gives_the_server_longer_to_stop_than_it_takes_to_drain(compose):
    assert int(compose["services"]["server"]["stop_grace_period"].rstrip("s")) > 30


def test_only_compose_opens_the_network_not_the_image(dockerfile):
    assert not [line for line in dockerfile if "AUTHENTICATION" in line or "PASSERELLE_HOST" in line]


def test_the_image_runs_as_an_ordinary_user(dockerfile):
    last_stage = dockerfile[max(index for index, line in enumerate(dockerfile) if line.startswith("FROM")) :]
    users = [line for line in last_stage if line.startswith("USER")]
    assert users == ["USER 10001:10001"]
    assert last_stage.index("USER 10001:10001") < next(index for index, line in enumerate(last_stage) if line.startswith("ENTRYPOINT"))


def test_both_ask_the_server_for_its_health(compose, dockerfile):
    assert compose["services"]["server"]["healthcheck"]["test"] == ["CMD", "passerelle", "health"]
    assert any(line.startswith("HEALTHCHECK") and '"passerelle", "health"' in line for line in dockerfile)


def test_dependencies_come_from_the_lock_with_their_sums(dockerfile):
    installs = re.findall(r"pip install ([^&]*)", "\n".join(dockerfile))
    assert installs
    assert all("--require-hashes" in install or install.startswith("--no-deps") for install in installs)


def test_what_the_image_copies_is_let_through_by_dockerignore(dockerfile):
    allowed = {line[1:] for line in (TOP / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}
    copied = {name for line in dockerfile if line.startswith("COPY") and "--from" not in line for name in line.split()[1:-1]}
    assert copied == allowed
    assert not [name for name in copied if not (TOP / name).exists()]
