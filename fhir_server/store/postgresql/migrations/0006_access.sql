-- What access is decided by; see fhir_server/store/sqlite/migrations/0006_access.sql.
CREATE TABLE index_mark (pk bigint NOT NULL, mark text COLLATE "C" NOT NULL);
CREATE INDEX index_mark_of ON index_mark (pk, mark);
CREATE INDEX index_mark_search ON index_mark (mark, pk);

CREATE TABLE index_grant (pk bigint NOT NULL, kind text COLLATE "C" NOT NULL, actor text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL, target text COLLATE "C" NOT NULL, since bigint NOT NULL, until bigint NOT NULL);
CREATE INDEX index_grant_of ON index_grant (pk);
CREATE INDEX index_grant_actor ON index_grant (actor, kind);
CREATE INDEX index_grant_target ON index_grant (target, kind) WHERE target <> '';
