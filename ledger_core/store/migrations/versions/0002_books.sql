-- The books: lines, their events, entries and postings. line_id leads every key, so that the schema distributes
-- by line. customer_id rides along for row-level security. Nothing here is ever updated or deleted, apart from
-- the heads (lines, line_projection, ledger_balances, plans, rates), which core.append alone keeps under the
-- lock of the line: they need no foreign key, and leave room on their pages for the next version.

CREATE TABLE core.lines (
    line_id         text PRIMARY KEY,
    customer_id     text NOT NULL,
    product_id      text NOT NULL,
    product_version integer NOT NULL CHECK (product_version > 0),
    status          text NOT NULL,
    version         bigint NOT NULL CHECK (version >= 0),
    last_seq        bigint NOT NULL CHECK (last_seq >= 0),
    limit_cents     bigint NOT NULL CHECK (limit_cents >= 0),
    opened_on       date NOT NULL,
    chain_hash      bytea NOT NULL,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE (line_id, customer_id)
) WITH (fillfactor = 70);
CREATE INDEX lines_of_customer ON core.lines (customer_id);

-- What lists and the nightly work select by; the truth is the replay of the events.
CREATE TABLE core.line_projection (
    line_id         text PRIMARY KEY,
    customer_id     text NOT NULL,
    version         bigint NOT NULL,
    status          text NOT NULL,
    limit_cents     bigint NOT NULL CHECK (limit_cents >= 0),
    principal_cents bigint NOT NULL,
    held_cents      bigint NOT NULL CHECK (held_cents >= 0),
    owed_cents      bigint NOT NULL,
    rate_bp         integer NOT NULL CHECK (rate_bp >= 0),
    disputed_cents  bigint NOT NULL CHECK (disputed_cents >= 0),
    next_close_on   date,
    due_on          date,
    days_past_due   integer NOT NULL CHECK (days_past_due >= 0),
    locked          boolean NOT NULL,
    plan_id         text
) WITH (fillfactor = 70);
CREATE INDEX line_projection_of_customer ON core.line_projection (customer_id);
CREATE INDEX line_projection_by_close ON core.line_projection (next_close_on);
CREATE INDEX line_projection_by_due ON core.line_projection (due_on);

CREATE TABLE core.events (
    line_id      text NOT NULL,
    seq          bigint NOT NULL CHECK (seq > 0),
    event_id     text NOT NULL,
    customer_id  text NOT NULL,
    line_version bigint NOT NULL,
    type         text NOT NULL,
    version      integer NOT NULL CHECK (version > 0),
    effective_on date NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    payload      jsonb NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
    CONSTRAINT events_whole_numbers CHECK (NOT payload @? '$.** ? (@.type() == "number" && @ != @.floor())'),
    PRIMARY KEY (line_id, seq),
    UNIQUE (line_id, event_id),
    FOREIGN KEY (line_id, customer_id) REFERENCES core.lines (line_id, customer_id)
);

CREATE TABLE core.entries (
    line_id      text NOT NULL,
    entry_id     text NOT NULL,
    customer_id  text NOT NULL,
    line_version bigint NOT NULL,
    position     integer NOT NULL,
    kind         text NOT NULL,
    stage        text NOT NULL CHECK (stage IN ('pending', 'posted', 'void')),
    effective_on date NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    event_id     text,
    reason       text NOT NULL,
    PRIMARY KEY (line_id, entry_id),
    FOREIGN KEY (line_id, customer_id) REFERENCES core.lines (line_id, customer_id),
    FOREIGN KEY (line_id, event_id) REFERENCES core.events (line_id, event_id)
);

CREATE TABLE core.postings (
    line_id      text NOT NULL,
    entry_id     text NOT NULL,
    position     integer NOT NULL,
    customer_id  text NOT NULL,
    account      text NOT NULL,
    side         text NOT NULL CHECK (side IN ('debit', 'credit')),
    amount_cents bigint NOT NULL CHECK (amount_cents > 0),
    PRIMARY KEY (line_id, entry_id, position),
    FOREIGN KEY (line_id, entry_id) REFERENCES core.entries (line_id, entry_id)
);

-- Totals per ledger account of a line. A void entry lands in the pending stage, where it undoes a hold.
CREATE TABLE core.ledger_balances (
    line_id      text NOT NULL,
    account      text NOT NULL,
    stage        text NOT NULL CHECK (stage IN ('pending', 'posted')),
    customer_id  text NOT NULL,
    debit_cents  bigint NOT NULL CHECK (debit_cents >= 0),
    credit_cents bigint NOT NULL CHECK (credit_cents >= 0),
    PRIMARY KEY (line_id, account, stage)
) WITH (fillfactor = 70);

-- One link per append: sha256 of the link before and of the canonical content written with it.
CREATE TABLE core.chain_links (
    line_id     text NOT NULL,
    version     bigint NOT NULL CHECK (version > 0),
    customer_id text NOT NULL,
    prev_hash   bytea NOT NULL,
    hash        bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (line_id, version)
);

-- A key, the hash of its input, and the answer it got. Kept 13 months.
CREATE TABLE core.idempotency_keys (
    line_id     text NOT NULL,
    key         text NOT NULL,
    customer_id text NOT NULL,
    input_hash  text NOT NULL,
    result      jsonb NOT NULL,
    version     bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (line_id, key)
);
CREATE INDEX idempotency_keys_by_age ON core.idempotency_keys (recorded_at);

CREATE TABLE core.plans (
    line_id     text NOT NULL,
    plan_id     text NOT NULL,
    customer_id text NOT NULL,
    started_on  date NOT NULL,
    ended_on    date,
    PRIMARY KEY (line_id, plan_id),
    FOREIGN KEY (line_id, customer_id) REFERENCES core.lines (line_id, customer_id)
);
CREATE UNIQUE INDEX plans_one_active ON core.plans (line_id) WHERE ended_on IS NULL;

-- The rate from a day on, until the next row of the line begins: segments cannot overlap.
CREATE TABLE core.rates (
    line_id     text NOT NULL,
    from_on     date NOT NULL,
    customer_id text NOT NULL,
    apr_bp      integer NOT NULL CHECK (apr_bp BETWEEN 0 AND 3600),
    seq         bigint NOT NULL,
    PRIMARY KEY (line_id, from_on),
    FOREIGN KEY (line_id, customer_id) REFERENCES core.lines (line_id, customer_id)
);

-- Facts on their way out: at least once, in order within a line.
CREATE TABLE core.outbox (
    line_id      text NOT NULL,
    version      bigint NOT NULL,
    position     integer NOT NULL,
    customer_id  text NOT NULL,
    topic        text NOT NULL,
    payload      jsonb NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    delivered_at timestamptz,
    PRIMARY KEY (line_id, version, position)
);
CREATE INDEX outbox_waiting ON core.outbox (line_id, version, position) WHERE delivered_at IS NULL;

CREATE TABLE core.inbox (
    consumer    text NOT NULL,
    message_id  text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, message_id)
);

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.events FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.events EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.entries FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.entries EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.postings FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.postings EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.chain_links
    FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.chain_links EXECUTE FUNCTION core.forbid();

-- An entry has two or more postings, and its debits equal its credits: held at commit. Rows this identity
-- cannot see count as missing, so that the check fails closed.
CREATE FUNCTION core.check_balanced() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
DECLARE
    v_count integer;
    v_difference numeric;
BEGIN
    SELECT count(*), sum(CASE side WHEN 'debit' THEN amount_cents ELSE -amount_cents END)
      INTO v_count, v_difference
      FROM core.postings
     WHERE line_id = NEW.line_id AND entry_id = NEW.entry_id;
    IF v_count < 2 OR v_difference <> 0 THEN
        RAISE EXCEPTION 'entry % is not balanced: % postings, debits less credits %',
            NEW.entry_id, v_count, v_difference USING ERRCODE = 'CL005';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON core.entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION core.check_balanced();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON core.postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION core.check_balanced();

ALTER TABLE core.lines ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.line_projection ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.postings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.ledger_balances ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.chain_links ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.idempotency_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.plans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.rates ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.outbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON core.lines USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.line_projection USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.events USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.entries USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.postings USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.ledger_balances USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.chain_links USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.idempotency_keys USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.plans USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.rates USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.outbox USING (core.sees(customer_id));

GRANT SELECT ON core.lines, core.line_projection, core.events, core.entries, core.postings,
    core.ledger_balances, core.chain_links, core.idempotency_keys, core.plans, core.rates, core.outbox
    TO cashline_app, cashline_batch;
GRANT UPDATE (delivered_at) ON core.outbox TO cashline_app, cashline_batch;
GRANT SELECT, INSERT ON core.inbox TO cashline_app, cashline_batch;
