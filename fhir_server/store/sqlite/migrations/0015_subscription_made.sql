-- The version of the resource that began the subscription (0: before this was written down), so that one which is deleted and made anew
-- under its id is told from another.
ALTER TABLE subscription ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
