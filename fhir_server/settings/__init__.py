"""Every setting: what it is for, its value and where that came from; what is refused before anything starts."""

from fhir_server.settings.data_folder import user_data_folder
from fhir_server.settings.error import SettingsError
from fhir_server.settings.loading import NOT_SETTINGS, Loaded, explain_settings, load_settings
from fhir_server.settings.protection import is_loopback, require_protection
from fhir_server.settings.secret import audit_key, holds_password, provide_password
from fhir_server.settings.settings import PREFIX, Settings
from fhir_server.settings.toml_file import read_toml

__all__ = [
    "NOT_SETTINGS",
    "PREFIX",
    "Loaded",
    "Settings",
    "SettingsError",
    "audit_key",
    "explain_settings",
    "holds_password",
    "is_loopback",
    "load_settings",
    "provide_password",
    "read_toml",
    "require_protection",
    "user_data_folder",
]
