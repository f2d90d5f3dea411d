-- Which subscription of an id it is; see fhir_server/store/sqlite/migrations/0015_subscription_made.sql.
ALTER TABLE subscription ADD COLUMN made bigint NOT NULL DEFAULT 0;
