-- Tokens that bind a socket to subscriptions; see fhir_server/store/sqlite/migrations/0013_socket_tokens.sql.
CREATE TABLE subscription_token (
    digest bytea  PRIMARY KEY,
    bound  bytea  NOT NULL,
    ends   bigint NOT NULL
);
CREATE INDEX subscription_token_ends ON subscription_token (ends);
