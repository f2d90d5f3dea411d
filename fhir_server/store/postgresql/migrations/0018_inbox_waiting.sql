-- What a sender sent and nobody has processed: looked for before each of its messages, however many of other senders wait.
CREATE INDEX inbox_waiting ON inbox (sender, channel, number) WHERE status = 'received' AND attempts = 0;
