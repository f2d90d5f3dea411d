"""The store on PostgreSQL 15 or later: several server processes on one database, writes one after the other by one lock.

Each process has one writer, which takes all commits that wait, and a few connections that read. Everything costly is done before the lock.
"""

from fhir_server.store.postgresql.store import PostgresqlStore

__all__ = ["PostgresqlStore"]
