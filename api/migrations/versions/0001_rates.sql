-- Counters live a minute: unlogged, since losing them in a crash costs nothing.
CREATE UNLOGGED TABLE shared.rates (
    key    text PRIMARY KEY,
    minute bigint NOT NULL,
    used   integer NOT NULL CHECK (used > 0)
);

GRANT USAGE ON SCHEMA shared TO cashline_app, cashline_batch;
GRANT SELECT, INSERT, UPDATE, DELETE ON shared.rates TO cashline_app, cashline_batch;
