-- Resources whose contents were erased: when (microseconds since 1970-01-01 UTC) and on whose order. Their versions without content
-- that are no deletions are those that were erased.
CREATE TABLE erasure (
    type       TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    erased     INTEGER NOT NULL,
    ordered_by TEXT    NOT NULL,
    PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;
