"""Every setting of Passerelle: what it is for, its default, and where its value came from.

A value is taken from the first place that gives one: an option of the command, an environment variable (`PASSERELLE_PORT`), the
TOML file (`--config`, else `PASSERELLE_CONFIG`, else `passerelle.toml` in the data folder), the default.
"""

from __future__ import annotations

import ipaddress
import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from fhir_server.identifiers.grades import Grade
from fhir_server.identifiers.kinds import KINDS as IDENTIFIER_KINDS
from fhir_server.model.issue import Category, FhirError, Issue
from fhir_server.security.algorithm import KINDS
from fhir_server.security.destination import Allowed

PREFIX = "PASSERELLE_"
CONFIG_VARIABLE = PREFIX + "CONFIG"
NOT_SETTINGS = frozenset(PREFIX + name for name in ("CONFIG", "TEST_DATA", "SOAK", "FUZZ", "KILLS", "RENEW_GOLDEN"))
"""Variables that the command line and the tests read."""
FILE_NAME = "passerelle.toml"
MEBIBYTE = 2**20
SHORTEST_KEY = 32


class SettingsError(FhirError):
    """A setting that cannot be used. Its text names the setting, what is wrong, where the value came from and what to do."""

    def __init__(self, text: str):
        super().__init__(Category.INVALID, [Issue("error", "invalid", line) for line in text.splitlines()])


def user_data_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """`$XDG_DATA_HOME/passerelle`, else the platform's folder for the data of a user's programs."""
    if base := environment.get("XDG_DATA_HOME"):
        return Path(base) / "passerelle"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "passerelle"
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "passerelle"
    return Path.home() / ".local" / "share" / "passerelle"


def _listed(value: Any) -> Any:
    """A list out of `a, b, c`, as environment variables and options write it."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _paired(key: str, value: str) -> Callable[[Any], Any]:
    """Makes a table out of `a=x, b=y`; the names say in the error what belongs on either side."""

    def read(given: Any) -> Any:
        if not isinstance(given, str):
            return given
        pairs = [part.partition("=") for part in _listed(given)]
        if any(not equals for _, equals, _ in pairs):
            raise ValueError(f"write it as {key}={value}, other={value}")
        return {name.strip(): text.strip() for name, _, text in pairs}

    return read


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone of the IANA list (Europe/Paris, Indian/Reunion...)") from None
    return name


def _database_url(url: str) -> str:
    if url and not url.startswith(("sqlite:///", "postgresql://")):
        raise ValueError("write it as sqlite:///FILE or postgresql://USER@HOST/NAME")
    return url


def _allowing(entries: tuple[str, ...]) -> tuple[str, ...]:
    for entry in entries:
        Allowed.read(entry)
    return entries


def _networks(entries: tuple[str, ...]) -> tuple[str, ...]:
    for entry in entries:
        ipaddress.ip_network(entry)
    return entries


def _algorithms(names: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := set(names) - KINDS.keys():
        raise ValueError(f"{', '.join(sorted(unknown))} cannot be allowed; choose among {', '.join(KINDS)}")
    return names


def _known_kinds(grades: dict[str, Grade]) -> dict[str, Grade]:
    if unknown := grades.keys() - IDENTIFIER_KINDS.keys():
        raise ValueError(f"{', '.join(sorted(unknown))} is no kind of identifier; choose among {', '.join(IDENTIFIER_KINDS)}")
    return grades


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Addresses = Annotated[Names, AfterValidator(_allowing)]
Networks = Annotated[Names, AfterValidator(_networks)]
Algorithms = Annotated[Names, AfterValidator(_algorithms)]
Zone = Annotated[str, AfterValidator(_zone)]
ZoneBySender = Annotated[dict[str, Zone], NoDecode, BeforeValidator(_paired("sender", "zone"))]
LanguageBySender = Annotated[dict[str, Literal["fr", "en"]], NoDecode, BeforeValidator(_paired("sender", "language"))]
WriteMode = Literal["off", "warn", "refuse"]
WriteModes = Annotated[dict[str, WriteMode], NoDecode, BeforeValidator(_paired("type", "mode"))]
IdentifierGrades = Annotated[dict[str, Grade], NoDecode, BeforeValidator(_paired("kind", "grade")), AfterValidator(_known_kinds)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """The settings of one process; made by `load_settings`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """Address that HTTP listens on. Another than loopback needs authentication = required, and tls_certificate or proxy_addresses."""
    port: Port = 8080
    """Port of HTTP; 0 takes any free one."""
    workers: PositiveInt = 1
    """Processes that serve, sharing the port; more than one needs PostgreSQL."""
    mllp: bool = True
    """Listen for HL7 v2 messages by MLLP."""
    mllp_host: str = "127.0.0.1"
    """Address that MLLP listens on. Another than loopback needs authentication = required, and mllp_tls_certificate or proxy_addresses."""
    mllp_port: Port = 2575
    """Port of MLLP; 0 takes any free one."""
    mllp_tls_certificate: Path | None = None
    """File with the certificate chain (PEM) by which MLLP is served over TLS, together with mllp_tls_key."""
    mllp_tls_key: Path | None = None
    """File with the private key (PEM) of mllp_tls_certificate."""
    mllp_client_authorities: Path | None = None
    """File with the authorities (PEM) whose certificates MLLP senders must show; a certificate that is registered (`passerelle clients add
    --certificate`) tells which sender it is. None is asked for when unset."""
    mllp_idle_seconds: Annotated[float, Field(gt=0)] = 600.0
    """Silence after which an MLLP connection is closed."""
    mllp_connections: PositiveInt = 200
    """Most MLLP connections; more are closed at once."""
    hl7v2_max_bytes: Annotated[int, Field(ge=1024)] = 16 * MEBIBYTE
    """Largest HL7 v2 message in bytes; a larger one is refused before it is held in memory."""
    hl7v2_folder: Path | None = None
    """Folder that is watched for files and batches of HL7 v2 messages (docs/hospital.md); none when unset."""
    hl7v2_folder_client: str = ""
    """Id of the registered client that the files of hl7v2_folder come from; needed where callers are authenticated."""
    authentication: Literal["off", "required"] = "off"
    """off: everyone on this machine may do everything; required: callers show who they are (docs/security.md)."""
    tls_certificate: Path | None = None
    """File with the certificate chain (PEM) by which HTTP is served over TLS, together with tls_key."""
    tls_key: Path | None = None
    """File with the private key (PEM) of tls_certificate."""
    proxy_addresses: Networks = ()
    """Addresses or networks of the proxies in front of this server that do TLS for it. X-Forwarded-Proto, X-Forwarded-For and
    client_certificate_header are believed from these only."""
    client_certificate_header: str = ""
    """Header in which such a proxy tells of the certificate that a client showed to it: its SHA-256, or itself as PEM, percent-encoded, or
    base64. Off when empty."""
    assertion_algorithms: Algorithms = ("RS384", "ES384")
    """Algorithms that clients may sign their assertions with; ES256 and RS256 can be added, nothing symmetric can."""
    issuers: Path | None = None
    """TOML file of the authorisation servers outside whose tokens count here, such as Pro Santé Connect (docs/security.md)."""
    base_url: str | None = None
    """The FHIR base URL as callers see it (https://fhir.example.org/fhir), for links and locations.
    Taken from each request when unset."""

    data: Path = Field(default_factory=user_data_folder)
    """Folder of the SQLite file and of whatever else is kept. The default is the platform's user data folder."""
    database: Annotated[str, AfterValidator(_database_url)] = ""
    """sqlite:///FILE or postgresql://USER@HOST/NAME (PostgreSQL 15 or later). The default is passerelle.db in the data folder."""

    database_password_file: Path | None = None
    """File with the password of the PostgreSQL database, so that it stands in no URL, option or variable."""

    strict_search: bool = False
    """Answer 400 to a search with an unknown parameter, as `Prefer: handling=strict` does for one request."""
    default_count: PositiveInt = 50
    """Entries on a page of search results when _count is not given."""
    max_count: PositiveInt = 1000
    """Most entries on a page, whatever _count asks for."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 64 * MEBIBYTE
    """Largest request body in bytes; a larger one is refused before it is held in memory."""

    receive_seconds: Annotated[float, Field(gt=0)] = 30.0
    """How long a client may take to send the head of a request, to go on with a body, and to take a part of its answer."""
    max_connections: PositiveInt = 1000
    """Most HTTP connections of one process; more are answered 503."""
    max_sockets: PositiveInt = 200
    """Most sockets of Subscriptions that are open in one process; each is one of its connections too."""
    max_sockets_per_client: PositiveInt = 10
    """The same for one client."""
    requests_per_minute: Annotated[int, Field(ge=0)] = 0
    """Requests that one caller, or one address where callers are not known, may make in a minute, in each process; 0: any number."""

    compress: bool = True
    """Pack answers of 8 KiB and more by Brotli or gzip where the client takes it. Off where a proxy in front does it."""
    cors_origins: Names = ()
    """Origins whose pages may ask this server from a browser (https://app.example.org), or `*` for all; none by default."""
    import_sources: Addresses = ()
    """What the URLs that `$import` fetches may begin with (https://data.example.org/exports); none by default."""
    max_import_bytes: Annotated[int, Field(ge=1024)] = 1024 * MEBIBYTE
    """Largest source of an `$import` in bytes, unpacked."""
    job_hours: Annotated[float, Field(gt=0)] = 24.0
    """How long the answer to an asynchronous request and the files of an export are kept, in hours."""

    validate_on_write: WriteMode = "off"
    """What validation says of each create and update: off: not asked; warn: told to who prefers an OperationOutcome; refuse: 422 for an
    error. The structure is always checked."""
    validate_on_write_of: WriteModes = Field(default_factory=dict)
    """The same for single resource types and profiles (by canonical URL): `CarePlan=refuse, https://example.org/StructureDefinition/plan=warn`;
    in TOML a table. A profile that the resource claims comes before its type."""

    identifier_checks: Grade = "warning"
    """How bad validation finds an identifier of a known kind whose form, key or a part is wrong (docs/identifiers.md): off, warning or
    error. What is received must be read all the same; error, with validate_on_write = refuse, keeps it out."""
    identifier_checks_of: IdentifierGrades = Field(default_factory=dict)
    """The same for single kinds: `rpps=off, ins-nir=error`; in TOML a table."""

    referential_integrity: Literal["off", "warn", "enforce"] = "off"
    """What is made of a reference to a resource that is not on this server, and of the deletion of one that is referred to: off: nothing;
    warn: told to who prefers an OperationOutcome; enforce: 422 and 409."""
    conditional_delete: Literal["single", "multiple"] = "single"
    """Whether a conditional delete may take away several resources (up to 1,000), or is refused where its search finds several."""

    break_glass_hours: Annotated[float, Field(ge=0)] = 4.0
    """How long emergency access to a person's record lasts ($break-glass), in hours; 0 allows none."""
    audit: Literal["auto", "on", "off"] = "auto"
    """Whether each interaction leaves an entry in the audit trail; auto: where callers are authenticated."""
    audit_key_file: Path | None = None
    """File with a secret of 32 characters or more that the chain of the audit trail is made with: who can write the database but does not
    know it cannot make a chain that verifies."""
    audit_days: Annotated[int, Field(ge=0)] = 0
    """Days after which entries of the audit trail are let go, leaving a checkpoint that the chain is verified from; 0 keeps them."""

    retention: Annotated[dict[str, str], NoDecode, BeforeValidator(_paired("rule", "time"))] = Field(default_factory=dict)
    """How long contents are kept, for `passerelle person retention`: `Communication=2y` after the last change, `Patient.deceased=10y` and
    `EpisodeOfCare.end=20y` all about a person after the event; in TOML a table."""

    destinations: Path | None = None
    """TOML file of the partners that messages are sent to (docs/exchange.md)."""
    deliver: Literal["auto", "on", "off"] = "auto"
    """Whether the server itself delivers messages to others; auto: on SQLite, while on PostgreSQL `passerelle worker` does."""
    metrics_port: Port | None = None
    """Port at which `passerelle worker` tells its health and metrics by HTTP to this machine; 0 takes any free one, none when unset."""
    delivered_days: Annotated[int, Field(ge=0)] = 30
    """Days after which messages that were delivered are let go; 0 keeps them. Dead letters stay until `passerelle exchange purge`."""
    processed_days: Annotated[int, Field(ge=0)] = 0
    """Days after which messages that came in and were processed are let go, with the memory that tells their repeats; 0 keeps them."""

    subscription_event_days: Annotated[int, Field(ge=0)] = 30
    """Days for which the events of Subscriptions can be asked for again ($events); 0 keeps them (docs/subscriptions.md)."""
    subscription_topics: Path | None = None
    """Folder of topics of your own (docs/topics.md), beside ours; read again when a file of it changes."""
    subscriptions_per_client: Annotated[int, Field(ge=0)] = 1000
    """How many Subscriptions that are served a client has at most; 0: any number. Each costs every change of its type something."""

    zone: Zone = "Europe/Paris"
    """Time zone of date searches, and of messages, where they give no offset."""
    sender_zones: ZoneBySender = Field(default_factory=dict)
    """Time zones of single HL7 v2 senders by their MSH-3: `REUNION=Indian/Reunion, CAYENNE=America/Cayenne`; in TOML a table."""
    sender_languages: LanguageBySender = Field(default_factory=dict)
    """Language (`fr`, `en`) of what single HL7 v2 senders are answered, by their MSH-3: `DPI=fr, LAB=en`; else MSH-19 or MSH-17 says it."""
    sites: Path | None = None
    """Folder of what single HL7 v2 senders mean otherwise, on top of the maps (docs/mapping.md); read again when a file of it changes."""

    packages: Names = ()
    """FHIR packages to load besides those added by `passerelle packages add`, as NAME@VERSION."""
    package_registry: str = "https://packages.fhir.org"
    """Registry that FHIR packages are fetched from."""
    allowed_hosts: Addresses = ("packages.fhir.org",)
    """Hosts that Passerelle may connect to of its own accord, by https: HOST, HOST:PORT or https://HOST/PATH; http://HOST allows http.
    Any other is refused."""
    allowed_networks: Networks = ()
    """Networks inside, such as 10.1.0.0/16, where the hosts of allowed_hosts and import_sources may lie. By default only public addresses
    are connected to, and those that a setting names themselves."""

    log_format: Literal["auto", "json", "console"] = "auto"
    """json: one object a line; console: readable; auto: console on a terminal, json elsewhere."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe level that is logged."""
    drain_seconds: Annotated[float, Field(ge=0)] = 30.0
    """After SIGTERM, how long running requests and messages may take to finish."""

    @model_validator(mode="before")
    @classmethod
    def _database_in_data_folder(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not values.get("database"):
            folder = Path(values.get("data") or user_data_folder()).expanduser()
            values["database"] = f"sqlite:///{folder.absolute() / 'passerelle.db'}"
        if values.get("data"):
            values["data"] = Path(values["data"]).expanduser()
        return values

    @property
    def on_postgresql(self) -> bool:
        """True where the database is PostgreSQL."""
        return self.database.startswith("postgresql://")

    @property
    def audits(self) -> bool:
        """True where interactions leave entries in the audit trail."""
        return self.audit == "on" or (self.audit == "auto" and self.authentication == "required")

    @property
    def database_file(self) -> Path:
        """The SQLite file. Raises SettingsError when the database is another one."""
        if not self.database.startswith("sqlite:///"):
            raise SettingsError("database: this works on a file of SQLite (sqlite:///FILE), not on PostgreSQL.")
        return Path(self.database.removeprefix("sqlite:///"))

    @classmethod
    def settings_customise_sources(cls, *_: Any, **named: Any) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options and the TOML file come in by `load_settings`; no .env file and no secrets folder are read."""
        return named["init_settings"], named["env_settings"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, where each came from (`option`, an environment variable, a file, `default`), and what looks like a slip."""

    settings: Settings
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def load_settings(options: Mapping[str, Any] | None = None, config: Path | None = None) -> Settings:
    """The settings that `options` (by name; None means not given), the environment and the TOML file give. Raises SettingsError."""
    return explain_settings(options, config).settings


def explain_settings(options: Mapping[str, Any] | None = None, config: Path | None = None) -> Loaded:
    """As `load_settings`, with where each value came from."""
    given = {name: value for name, value in (options or {}).items() if value is not None}
    _require_no_secret(given)
    file = _config_file(given, config)
    in_file = read_toml(file) if file else {}
    origins = {name: _origin(name, given, in_file, file) for name in Settings.model_fields}
    below_environment = {name: value for name, value in in_file.items() if _variable(name) is None}
    try:
        settings = Settings(**(below_environment | given))
    except ValidationError as error:
        raise SettingsError(_sentences(error, origins, file)) from None
    return Loaded(settings, origins, tuple(_unknown_variables()))


def _require_no_secret(given: Mapping[str, Any]) -> None:
    """Every user of the machine sees the options of a command (`ps`), and a shell keeps them."""
    if holds_password(str(given.get("database") or "")):
        raise SettingsError(
            "database: an option shows its password to every user of this machine. Leave it out of the URL and name its file by "
            f"database_password_file, or give the URL by {PREFIX}DATABASE (from option --database)."
        )


def holds_password(url: str) -> bool:
    """True where a database URL holds a password, in front of the host or behind the question mark."""
    parts = urlsplit(url)
    return bool(parts.password) or any(name.startswith("password") for name, _ in parse_qsl(parts.query))


def provide_password(settings: Settings) -> None:
    """Let this process's connections to PostgreSQL, and `pg_dump`, have the password of its file. Raises SettingsError."""
    if settings.database_password_file is None or not settings.on_postgresql:
        return
    try:
        password = settings.database_password_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"database_password_file: {settings.database_password_file} cannot be read: {error.strerror}.") from None
    if password:
        os.environ["PGPASSWORD"] = password


def audit_key(settings: Settings) -> bytes | None:
    """What the audit trail is chained with, out of its file. Raises SettingsError."""
    if settings.audit_key_file is None:
        return None
    try:
        key = settings.audit_key_file.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"audit_key_file: {settings.audit_key_file} cannot be read: {error.strerror}.") from None
    if len(key) < SHORTEST_KEY:
        sentence = f"{settings.audit_key_file} holds {len(key)} bytes; {SHORTEST_KEY} are needed (openssl rand -hex 32)."
        raise SettingsError(f"audit_key_file: {sentence}")
    return key


def require_protection(settings: Settings) -> None:
    """Refuse to be reached from the network by callers that nobody knows, or in the clear. Raises SettingsError saying what to do."""
    is_encrypted = bool(settings.proxy_addresses or settings.tls_certificate)
    _require_protected("host", settings.host, settings, is_encrypted)
    if settings.mllp:
        is_encrypted = bool(settings.proxy_addresses or settings.mllp_tls_certificate)
        _require_protected("mllp_host", settings.mllp_host, settings, is_encrypted)
    for wrong in _contradictions(settings):
        raise SettingsError(wrong)


def _require_protected(name: str, address: str, settings: Settings, is_encrypted: bool) -> None:
    if is_loopback(address):
        return
    reached = f"{name}: {address or 'every address'} can be reached from the network"
    if settings.authentication == "off":
        raise SettingsError(f"{reached}, and callers are not authenticated. Use 127.0.0.1, or set authentication = required.")
    if not is_encrypted:
        own = "tls_certificate and tls_key" if name == "host" else "mllp_tls_certificate and mllp_tls_key"
        raise SettingsError(f"{reached} in the clear. Use 127.0.0.1, or set {own}, or proxy_addresses to the proxy in front that does TLS.")


def _contradictions(settings: Settings) -> Iterator[str]:
    """Settings that mean nothing without others."""
    for prefix in ("", "mllp_"):
        if (getattr(settings, f"{prefix}tls_certificate") is None) != (getattr(settings, f"{prefix}tls_key") is None):
            yield f"{prefix}tls_certificate and {prefix}tls_key belong together; set both or neither."
    if settings.mllp_client_authorities is not None and settings.mllp_tls_certificate is None:
        yield "mllp_client_authorities: certificates are shown over TLS only; set mllp_tls_certificate and mllp_tls_key."
    for name in ("tls_certificate", "tls_key", "mllp_tls_certificate", "mllp_tls_key", "mllp_client_authorities"):
        if (file := getattr(settings, name)) is not None and not os.access(file, os.R_OK):
            yield f"{name}: {file} is not there or cannot be read."
    if settings.authentication == "required" and not settings.base_url and not is_loopback(settings.host):
        yield "base_url: tokens are bound to the address that callers use, so authentication = required needs it (https://HOST/fhir)."
    if settings.client_certificate_header and not settings.proxy_addresses:
        yield "client_certificate_header: anyone could send that header; set proxy_addresses to the proxies that it is believed from."


def is_loopback(address: str) -> bool:
    """True for 127.0.0.0/8, ::1 and `localhost`; any other name could mean anything."""
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _config_file(given: Mapping[str, Any], config: Path | None) -> Path | None:
    named = config or os.environ.get(CONFIG_VARIABLE)
    if named:
        if not Path(named).is_file():
            raise SettingsError(f"The configuration file {named} does not exist.")
        return Path(named)
    data = Path(given.get("data") or os.environ.get(PREFIX + "DATA") or user_data_folder()).expanduser()
    return data / FILE_NAME if (data / FILE_NAME).is_file() else None


def read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not TOML: {error}.") from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None


def _variable(name: str) -> str | None:
    """The environment variable that gives a setting, if one does; upper and lower case are the same to pydantic-settings."""
    wanted = (PREFIX + name).upper()
    return next((key for key, value in os.environ.items() if key.upper() == wanted and value), None)


def _origin(name: str, given: Mapping[str, Any], in_file: Mapping[str, Any], file: Path | None) -> str:
    if name in given:
        return "option --" + name.replace("_", "-")
    if variable := _variable(name):
        return f"environment {variable}"
    return f"file {file}" if name in in_file else "default"


def _sentences(error: ValidationError, origins: Mapping[str, str], file: Path | None) -> str:
    return "\n".join(_sentence(str(one["loc"][0]) if one["loc"] else "", one["type"], one["msg"], origins, file) for one in error.errors())


def _sentence(name: str, kind: str, message: str, origins: Mapping[str, str], file: Path | None) -> str:
    if kind == "extra_forbidden":
        return f"{name}: there is no such setting (from {origins.get(name) or f'file {file}'}); `passerelle config check` lists them."
    return f"{name}: {message.removeprefix('Value error, ')} (from {origins.get(name, 'the settings')})."


def _unknown_variables() -> list[str]:
    known = {(PREFIX + name).upper() for name in Settings.model_fields} | NOT_SETTINGS
    unknown = sorted(key for key in os.environ if key.upper().startswith(PREFIX) and key.upper() not in known)
    return [f"{key} is set in the environment, but there is no such setting." for key in unknown]
