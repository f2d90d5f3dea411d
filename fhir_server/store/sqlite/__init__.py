"""The embedded store: one SQLite file in WAL mode, one writer thread with group commit, readers in parallel.

The writer's work is shaped for Python: sqlite3 lets go of the interpreter lock at every step, so rows go in by
statements of many rows, and the insert runs beside the Python code of other requests instead of fighting it for the lock.
"""

from fhir_server.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
