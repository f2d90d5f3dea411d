"""Where a setting's value comes from, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fhir_server.settings import SettingsError, explain_settings, is_loopback, load_settings, require_loopback, user_data_folder


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
    require_loopback(load_settings({"host": address, "mllp_host": address}))


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "::", "", "192.168.1.7", "example.org", "localhost.example.org", "127.0.0.1.example.org", "::ffff:10.0.0.1"]
)
@pytest.mark.parametrize("name", ["host", "mllp_host"])
def test_any_other_address_is_refused_saying_what_to_do(name, address):
    settings = load_settings({name: address})
    with pytest.raises(SettingsError, match="allow_unauthenticated_network") as caught:
        require_loopback(settings)
    assert str(caught.value).startswith(name + ":")


def test_any_address_is_accepted_under_the_explicit_setting():
    require_loopback(load_settings({"host": "0.0.0.0", "allow_unauthenticated_network": True}))
