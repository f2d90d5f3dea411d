-- Resources whose contents were erased; see fhir_server/store/sqlite/migrations/0009_erasure.sql.
CREATE TABLE erasure (
    type       text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    erased     bigint NOT NULL,
    ordered_by text NOT NULL,
    PRIMARY KEY (type, id)
);
