-- Quantities in base units (dimension '' where the unit is no UCUM code; base_low and base_high are then low and high),
-- positions as points on the unit sphere, and the components of composite parameters, joined on pk and element.
-- What is stored already has to be indexed anew to be found by these.
ALTER TABLE index_quantity ADD COLUMN dimension text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE index_quantity ADD COLUMN base_low double precision NOT NULL DEFAULT 0;
ALTER TABLE index_quantity ADD COLUMN base_high double precision NOT NULL DEFAULT 0;
UPDATE index_quantity SET base_low = low, base_high = high;
CREATE INDEX index_quantity_base ON index_quantity (key, dimension, base_low, base_high, pk);

CREATE TABLE index_position (pk bigint NOT NULL, key bigint NOT NULL, x double precision NOT NULL, y double precision NOT NULL, z double precision NOT NULL);
CREATE INDEX index_position_of ON index_position (pk, key);
CREATE INDEX index_position_search ON index_position (key, z, pk);

-- A search enters by a token, reference, URI or string of the composite, then looks at the other components of the same element.
CREATE TABLE index_component_string (pk bigint NOT NULL, key bigint NOT NULL, element bigint NOT NULL,
    value text COLLATE "C" NOT NULL, exact text COLLATE "C" NOT NULL);
CREATE INDEX index_component_string_of ON index_component_string (pk, key, element);
CREATE INDEX index_component_string_search ON index_component_string (key, value, pk);

CREATE TABLE index_component_token (pk bigint NOT NULL, key bigint NOT NULL, element bigint NOT NULL,
    code text COLLATE "C" NOT NULL, system text COLLATE "C" NOT NULL);
CREATE INDEX index_component_token_of ON index_component_token (pk, key, element);
CREATE INDEX index_component_token_search ON index_component_token (key, code, pk, system, element);

CREATE TABLE index_component_reference (pk bigint NOT NULL, key bigint NOT NULL, element bigint NOT NULL,
    id text COLLATE "C" NOT NULL, type text COLLATE "C" NOT NULL, version text COLLATE "C" NOT NULL);
CREATE INDEX index_component_reference_of ON index_component_reference (pk, key, element);
CREATE INDEX index_component_reference_search ON index_component_reference (key, id, pk, type);

CREATE TABLE index_component_date (pk bigint NOT NULL, key bigint NOT NULL, element bigint NOT NULL,
    low bigint NOT NULL, high bigint NOT NULL);
CREATE INDEX index_component_date_of ON index_component_date (pk, key, element);

CREATE TABLE index_component_number (pk bigint NOT NULL, key bigint NOT NULL, element bigint NOT NULL,
    low double precision NOT NULL, high double precision NOT NULL);
CREATE INDEX index_component_number_of ON index_component_number (pk, key, element);

CREATE TABLE index_component_quantity (pk bigint NOT NULL, key bigint NOT NULL, element bigint NOT NULL,
    low double precision NOT NULL, high double precision NOT NULL, system text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL, unit text COLLATE "C" NOT NULL,
    dimension text COLLATE "C" NOT NULL, base_low double precision NOT NULL, base_high double precision NOT NULL);
CREATE INDEX index_component_quantity_of ON index_component_quantity (pk, key, element);

CREATE TABLE index_component_uri (pk bigint NOT NULL, key bigint NOT NULL, element bigint NOT NULL, value text COLLATE "C" NOT NULL);
CREATE INDEX index_component_uri_of ON index_component_uri (pk, key, element);
CREATE INDEX index_component_uri_search ON index_component_uri (key, value, pk);
