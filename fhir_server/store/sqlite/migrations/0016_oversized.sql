-- Of a message that was larger than what is taken only the beginning is kept: how many bytes it had. NULL where the message is whole.
ALTER TABLE inbox ADD COLUMN size INTEGER;
CREATE INDEX inbox_beginnings ON inbox (sender, number) WHERE size IS NOT NULL;
