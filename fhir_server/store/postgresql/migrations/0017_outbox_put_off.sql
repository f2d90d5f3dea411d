-- What was given out before and waits again: it alone can hold up what is behind it in its lane.
CREATE INDEX outbox_put_off ON outbox (destination, lane, number) WHERE status = 'waiting' AND attempts > 0;
