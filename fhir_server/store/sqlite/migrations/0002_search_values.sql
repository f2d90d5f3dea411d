-- Quantities in base units (dimension '' where the unit is no UCUM code; base_low and base_high are then low and high),
-- positions as points on the unit sphere, and the components of composite parameters, joined on pk and element.
-- What is stored already has to be indexed anew to be found by these.
ALTER TABLE index_quantity ADD COLUMN dimension TEXT NOT NULL DEFAULT '';
ALTER TABLE index_quantity ADD COLUMN base_low REAL NOT NULL DEFAULT 0;
ALTER TABLE index_quantity ADD COLUMN base_high REAL NOT NULL DEFAULT 0;
UPDATE index_quantity SET base_low = low, base_high = high;
CREATE INDEX index_quantity_base ON index_quantity (key, dimension, base_low, base_high, pk);

CREATE TABLE index_position (pk INTEGER NOT NULL, key INTEGER NOT NULL, x REAL NOT NULL, y REAL NOT NULL, z REAL NOT NULL,
    PRIMARY KEY (pk, key, x, y, z)) STRICT, WITHOUT ROWID;
CREATE INDEX index_position_search ON index_position (key, z, pk);

-- A search enters by a token, reference, URI or string of the composite, then looks at the other components of the same element.
CREATE TABLE index_component_string (pk INTEGER NOT NULL, key INTEGER NOT NULL, element INTEGER NOT NULL,
    value TEXT NOT NULL, exact TEXT NOT NULL,
    PRIMARY KEY (pk, key, element, value, exact)) STRICT, WITHOUT ROWID;
CREATE INDEX index_component_string_search ON index_component_string (key, value, pk);

CREATE TABLE index_component_token (pk INTEGER NOT NULL, key INTEGER NOT NULL, element INTEGER NOT NULL,
    code TEXT NOT NULL, system TEXT NOT NULL,
    PRIMARY KEY (pk, key, element, code, system)) STRICT, WITHOUT ROWID;
CREATE INDEX index_component_token_search ON index_component_token (key, code, pk, system, element);

CREATE TABLE index_component_reference (pk INTEGER NOT NULL, key INTEGER NOT NULL, element INTEGER NOT NULL,
    id TEXT NOT NULL, type TEXT NOT NULL, version TEXT NOT NULL,
    PRIMARY KEY (pk, key, element, id, type, version)) STRICT, WITHOUT ROWID;
CREATE INDEX index_component_reference_search ON index_component_reference (key, id, pk, type);

CREATE TABLE index_component_date (pk INTEGER NOT NULL, key INTEGER NOT NULL, element INTEGER NOT NULL,
    low INTEGER NOT NULL, high INTEGER NOT NULL,
    PRIMARY KEY (pk, key, element, low, high)) STRICT, WITHOUT ROWID;

CREATE TABLE index_component_number (pk INTEGER NOT NULL, key INTEGER NOT NULL, element INTEGER NOT NULL,
    low REAL NOT NULL, high REAL NOT NULL,
    PRIMARY KEY (pk, key, element, low, high)) STRICT, WITHOUT ROWID;

CREATE TABLE index_component_quantity (pk INTEGER NOT NULL, key INTEGER NOT NULL, element INTEGER NOT NULL,
    low REAL NOT NULL, high REAL NOT NULL, system TEXT NOT NULL, code TEXT NOT NULL, unit TEXT NOT NULL,
    dimension TEXT NOT NULL, base_low REAL NOT NULL, base_high REAL NOT NULL,
    PRIMARY KEY (pk, key, element, low, high, system, code, unit)) STRICT, WITHOUT ROWID;

CREATE TABLE index_component_uri (pk INTEGER NOT NULL, key INTEGER NOT NULL, element INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (pk, key, element, value)) STRICT, WITHOUT ROWID;
CREATE INDEX index_component_uri_search ON index_component_uri (key, value, pk);
