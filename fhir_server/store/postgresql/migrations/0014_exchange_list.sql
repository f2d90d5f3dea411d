-- What a list of messages asks for, the newest first: by sender, by the sender's number or the key, since a moment.
CREATE INDEX inbox_sender ON inbox (sender, number);
CREATE INDEX inbox_key ON inbox (key, number);
CREATE INDEX inbox_received ON inbox (received, number);
CREATE INDEX outbox_key ON outbox (key, number);
CREATE INDEX outbox_created ON outbox (created, number);
