"""Every setting of Passerelle: what it is for, and its default."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from fhir_server.identifiers.grades import Grade
from fhir_server.settings.data_folder import user_data_folder
from fhir_server.settings.error import SettingsError
from fhir_server.settings.kinds import (
    Addresses,
    Algorithms,
    DatabaseUrl,
    IdentifierGrades,
    LanguageBySender,
    Names,
    Networks,
    Port,
    TimeByRule,
    WriteMode,
    WriteModes,
    Zone,
    ZoneBySender,
)

PREFIX = "PASSERELLE_"
"""Begins the environment variable of each setting."""

MEBIBYTE = 2**20


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
    database: DatabaseUrl = ""
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

    retention: TimeByRule = Field(default_factory=dict)
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
