"""Where a setting's value comes from, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fhir_server.issuers import issuers_of
from fhir_server.settings import (
    SettingsError,
    explain_settings,
    is_loopback,
    load_settings,
    require_protection,
    user_data_folder,
)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.upper().startswith("PASSERELLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


def toml(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "passerelle.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_option_wins_over_the_environment_over_the_file_over_the_default(monkeypatch, tmp_path):
    file = toml(tmp_path, "port = 1\nmllp_port = 1\nmax_count = 1")
    monkeypatch.setenv("PASSERELLE_PORT", "2")
    monkeypatch.setenv("PASSERELLE_MLLP_PORT", "2")
    loaded = explain_settings({"port": 3}, file)
    found = {name: (getattr(loaded.settings, name), loaded.origins[name]) for name in ("port", "mllp_port", "max_count", "default_count")}
    assert found == {
        "port": (3, "option --port"),
        "mllp_port": (2, "environment PASSERELLE_MLLP_PORT"),
        "max_count": (1, f"file {file}"),
        "default_count": (50, "default"),
    }


def test_the_file_is_the_one_named_by_option_then_by_the_environment_then_the_one_of_the_data_folder(monkeypatch, tmp_path):
    for number, folder in enumerate(("option", "variable", "data"), start=1):
        toml(tmp_path / folder, f"port = {number}")
    options = {"data": tmp_path / "data"}
    assert load_settings(options).port == 3
    monkeypatch.setenv("PASSERELLE_CONFIG", str(tmp_path / "variable" / "passerelle.toml"))
    assert load_settings(options).port == 2
    assert load_settings(options, tmp_path / "option" / "passerelle.toml").port == 1


def test_the_data_folder_holds_the_database_unless_one_is_named(tmp_path):
    assert load_settings({"data": tmp_path}).database_file == tmp_path / "passerelle.db"
    assert load_settings({"data": tmp_path, "database": "sqlite:////elsewhere/x.db"}).database_file == Path("/elsewhere/x.db")


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"XDG_DATA_HOME": "/x"}, "linux", "/x/passerelle"),
        ({}, "linux", "~/.local/share/passerelle"),
        ({}, "darwin", "~/Library/Application Support/passerelle"),
        ({"LOCALAPPDATA": "/local"}, "win32", "/local/passerelle"),
    ],
)
def test_the_default_data_folder_is_the_platforms(environment, platform, expected):
    assert user_data_folder(environment, platform) == Path(expected).expanduser()


@pytest.mark.parametrize(
    ("variable", "text", "name", "expected"),
    [
        ("PASSERELLE_ALLOWED_HOSTS", "a.org, b.org", "allowed_hosts", ("a.org", "b.org")),
        ("PASSERELLE_SENDER_ZONES", "A=Indian/Reunion, B=America/Cayenne", "sender_zones", {"A": "Indian/Reunion", "B": "America/Cayenne"}),
        ("PASSERELLE_STRICT_SEARCH", "yes", "strict_search", True),
        ("PASSERELLE_PORT", "", "port", 8080),
    ],
)
def test_the_environment_writes_lists_tables_and_switches_in_plain_text(monkeypatch, variable, text, name, expected):
    monkeypatch.setenv(variable, text)
    assert getattr(load_settings(), name) == expected


def test_the_file_writes_lists_and_tables_as_toml_does(tmp_path):
    file = toml(tmp_path, 'packages = ["a@1.0.0"]\n[sender_zones]\nA = "Indian/Reunion"')
    settings = load_settings(None, file)
    assert (settings.packages, settings.sender_zones) == (("a@1.0.0",), {"A": "Indian/Reunion"})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"port": 70000}, ["port", "65535", "option --port"]),
        ({"zone": "Europe/Pari"}, ["zone", "Europe/Pari", "IANA"]),
        ({"zone": "../etc/passwd"}, ["zone", "IANA"]),
        ({"sender_zones": "Indian/Reunion"}, ["sender_zones", "sender=zone"]),
        ({"database": "mysql://x"}, ["database", "sqlite:///FILE"]),
        ({"database": "postgresql://u:hush@h/n"}, ["database", "database_password_file", "option --database"]),
        ({"database": "postgresql://u@h/n?password=hush"}, ["database", "database_password_file"]),
        ({"log_format": "xml"}, ["log_format", "'json'"]),
        ({"max_body_bytes": 0}, ["max_body_bytes", "1024"]),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_name_its_fault_and_its_origin(options, words):
    with pytest.raises(SettingsError) as caught:
        load_settings(options)
    assert all(word in str(caught.value) for word in words)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prot = 1", ["prot", "no such setting", "passerelle.toml"]),
        ("port = 'x'", ["port", "integer", "passerelle.toml"]),
        ("port = 1\nport 2", ["not TOML", "line 2", "passerelle.toml"]),
    ],
)
def test_a_fault_in_the_file_is_told_with_the_file(tmp_path, text, words):
    with pytest.raises(SettingsError) as caught:
        load_settings(None, toml(tmp_path, text))
    assert all(word in str(caught.value) for word in words)


def test_a_configuration_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="does not exist"):
        load_settings(None, tmp_path / "none.toml")


def test_a_variable_that_no_setting_has_is_warned_of(monkeypatch):
    monkeypatch.setenv("PASSERELLE_PROT", "1")
    assert explain_settings().warnings == ("PASSERELLE_PROT is set in the environment, but there is no such setting.",)


def test_postgresql_is_no_file():
    settings = load_settings({"database": "postgresql://localhost/x"})
    assert settings.on_postgresql
    with pytest.raises(SettingsError, match="not on PostgreSQL"):
        _ = settings.database_file


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_loopback_addresses_are_listened_on(address):
    assert is_loopback(address)
    require_protection(load_settings({"host": address, "mllp_host": address}))


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "::", "", "192.168.1.7", "example.org", "localhost.example.org", "127.0.0.1.example.org", "::ffff:10.0.0.1"]
)
@pytest.mark.parametrize("name", ["host", "mllp_host"])
def test_any_other_address_is_refused_saying_what_to_do(name, address):
    with pytest.raises(SettingsError, match="authentication = required") as caught:
        require_protection(load_settings({name: address}))
    assert str(caught.value).startswith(name + ":")


KNOWN = {"authentication": "required", "base_url": "https://fhir.example.org/fhir"}


@pytest.mark.parametrize("name", ["host", "mllp_host"])
def test_authentication_in_the_clear_is_refused_too(name):
    with pytest.raises(SettingsError, match=r"in the clear.*proxy_addresses"):
        require_protection(load_settings({name: "0.0.0.0", **KNOWN}))


def test_with_authentication_and_a_proxy_or_tls_of_its_own_any_address_is_listened_on(tmp_path):
    require_protection(load_settings({"host": "0.0.0.0", "mllp_host": "::", "proxy_addresses": "10.0.0.2", **KNOWN}))
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    certificate.write_text("x")
    key.write_text("x")
    require_protection(load_settings({"host": "0.0.0.0", "tls_certificate": certificate, "tls_key": key, **KNOWN}))


def test_tls_of_http_is_none_for_mllp_but_one_that_is_off_needs_none(tmp_path):
    file = tmp_path / "x.pem"
    file.write_text("x")
    own = {"tls_certificate": file, "tls_key": file, "mllp_host": "0.0.0.0", **KNOWN}
    with pytest.raises(SettingsError, match="mllp_host"):
        require_protection(load_settings(own))
    require_protection(load_settings({**own, "mllp": False}))
    require_protection(load_settings({**own, "mllp_tls_certificate": file, "mllp_tls_key": file}))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tls_certificate": "/etc/hostname"}, "belong together"),
        ({"tls_certificate": "/no/such", "tls_key": "/no/such"}, "cannot be read"),
        ({"mllp_tls_key": "/etc/hostname"}, "mllp_tls_certificate and mllp_tls_key belong together"),
        ({"mllp_tls_certificate": "/no/such", "mllp_tls_key": "/no/such"}, "mllp_tls_certificate: .* cannot be read"),
        ({"mllp_client_authorities": "/etc/hostname"}, "mllp_client_authorities: .* set mllp_tls_certificate"),
        ({"host": "0.0.0.0", "authentication": "required", "proxy_addresses": "10.0.0.2"}, "base_url"),
        ({"client_certificate_header": "X-Client-Cert"}, "proxy_addresses"),
    ],
)
def test_settings_that_mean_nothing_without_others_are_refused(options, words):
    with pytest.raises(SettingsError, match=words):
        require_protection(load_settings(options))


@pytest.mark.parametrize("options", [{"proxy_addresses": "nonsense"}, {"assertion_algorithms": "HS256"}, {"assertion_algorithms": "none"}])
def test_addresses_and_algorithms_that_cannot_be_used_are_refused(options):
    with pytest.raises(SettingsError):
        load_settings(options)


def test_issuers_come_from_a_file_with_secrets_beside_it(tmp_path):
    file = tmp_path / "issuers.toml"
    file.write_text('[smart]\nissuer = "https://i.example.org"\nscope = "user/*.rs"\nintrospection_secret_file = "secret"\n')
    with pytest.raises(SettingsError, match="introspection_secret_file cannot be read"):
        issuers_of(load_settings({"issuers": file}))
    (tmp_path / "secret").write_text("hush\n")
    assert issuers_of(load_settings({"issuers": file}))["https://i.example.org"].introspection_secret == "hush"
    file.write_text("[smart]\nissuer = 1")
    with pytest.raises(SettingsError, match=r"issuers\.toml"):
        issuers_of(load_settings({"issuers": file}))
