-- What the index rows of each type were made from. made: JSON, parameter -> fingerprint, of what all rows hold at least;
-- goal: what they are being made from, by who writes and by the reindexing, which has come to the pk `done`. Equal when it is through.
CREATE TABLE reindexing_type (
    type TEXT PRIMARY KEY,
    made TEXT NOT NULL,
    goal TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One row. generation: raised by every change of a goal; revision: by this and by every end of a reindexing;
-- owner, until: who reindexes in the background, and until when (microseconds) nobody else does.
CREATE TABLE reindexing_control (generation INTEGER NOT NULL, revision INTEGER NOT NULL, owner TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
INSERT INTO reindexing_control VALUES (0, 0, '', 0);

-- Resources that were written with rows of another generation than the one in force: to be indexed anew.
CREATE TABLE reindexing_queue (pk INTEGER PRIMARY KEY) STRICT;
