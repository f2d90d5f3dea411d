-- What access is decided by (fhir_server.search.sight): whom a resource belongs to and from whom it is hidden,
-- and who is let in by what. What is stored already gets its rows when it is indexed anew.
CREATE TABLE index_mark (pk INTEGER NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (pk, mark)) STRICT, WITHOUT ROWID;
CREATE INDEX index_mark_search ON index_mark (mark, pk);

CREATE TABLE index_grant (pk INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL, person TEXT NOT NULL, target TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY (pk, kind, actor, person, target, since, until)) STRICT, WITHOUT ROWID;
CREATE INDEX index_grant_actor ON index_grant (actor, kind);
CREATE INDEX index_grant_target ON index_grant (target, kind) WHERE target <> '';
