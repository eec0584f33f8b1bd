-- Beside the journal: issued statements, bank transfers, and the servicing calendar.

-- A statement as it was sent; its figures are frozen and stand even when a later correction differs.
CREATE TABLE core.statements (
    line_id      text NOT NULL,
    number       integer NOT NULL CHECK (number > 0),
    statement_id text NOT NULL,
    customer_id  text NOT NULL,
    cycle_start  date NOT NULL,
    cycle_end    date NOT NULL CHECK (cycle_end >= cycle_start),
    due_on       date,
    figures      jsonb NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (line_id, number),
    UNIQUE (line_id, statement_id),
    FOREIGN KEY (line_id, customer_id) REFERENCES core.lines (line_id, customer_id)
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.statements FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.statements EXECUTE FUNCTION core.forbid();

-- Money between the customer's bank and ours. An unknown outcome is asked about, never sent again: one
-- transfer per thing that it moves.
CREATE TABLE core.transfers (
    line_id         text NOT NULL,
    transfer_id     text NOT NULL,
    customer_id     text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('payment', 'draw', 'refund')),
    reference_id    text NOT NULL,
    bank_account_id text NOT NULL REFERENCES core.bank_accounts,
    amount_cents    bigint NOT NULL CHECK (amount_cents > 0),
    effective_on    date NOT NULL,
    state           text NOT NULL CHECK (state IN ('created', 'submitted', 'settled', 'returned', 'cancelled')),
    return_code     text CHECK (return_code ~ '^R[0-9]{2}$'),
    submitted_on    date,
    settled_on      date,
    returned_on     date,
    cancelled_on    date,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (line_id, transfer_id),
    UNIQUE (line_id, kind, reference_id),
    FOREIGN KEY (line_id, customer_id) REFERENCES core.lines (line_id, customer_id),
    CHECK ((state = 'returned') = (return_code IS NOT NULL))
);
CREATE INDEX transfers_by_state ON core.transfers (state, effective_on);

CREATE FUNCTION core.check_transfer() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'created' THEN
            RAISE EXCEPTION 'transfer % begins as %', NEW.transfer_id, NEW.state USING ERRCODE = 'CL006';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.line_id, NEW.transfer_id, NEW.customer_id, NEW.kind, NEW.reference_id, NEW.amount_cents)
        IS DISTINCT FROM
       (OLD.line_id, OLD.transfer_id, OLD.customer_id, OLD.kind, OLD.reference_id, OLD.amount_cents)
       OR (OLD.state, NEW.state) NOT IN (
            ('created', 'created'), ('created', 'submitted'), ('created', 'cancelled'),
            ('submitted', 'settled'), ('submitted', 'returned'), ('settled', 'returned'))
       OR (NEW.state <> 'created'
           AND (NEW.effective_on, NEW.bank_account_id) IS DISTINCT FROM (OLD.effective_on, OLD.bank_account_id))
    THEN
        RAISE EXCEPTION 'transfer % cannot go from % to % so', OLD.transfer_id, OLD.state, NEW.state
            USING ERRCODE = 'CL006';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER lawful_step BEFORE INSERT OR UPDATE ON core.transfers
    FOR EACH ROW EXECUTE FUNCTION core.check_transfer();
CREATE TRIGGER no_delete BEFORE DELETE ON core.transfers FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.transfers EXECUTE FUNCTION core.forbid();

ALTER TABLE core.statements ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.transfers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON core.statements USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.transfers USING (core.sees(customer_id));
GRANT SELECT, INSERT ON core.statements TO cashline_app, cashline_batch;
GRANT SELECT, INSERT, UPDATE ON core.transfers TO cashline_app, cashline_batch;

-- How many days the servicing date is ahead of the wall clock. One row; time does not run backwards.
CREATE TABLE core.servicing_clock (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    offset_days integer NOT NULL CHECK (offset_days >= 0)
);
INSERT INTO core.servicing_clock (offset_days) VALUES (0);

CREATE TABLE core.business_days (
    business_date date PRIMARY KEY,
    started_at    timestamptz NOT NULL DEFAULT now(),
    done_at       timestamptz,
    report        jsonb
);

-- The root over all lines at the end of a business date.
CREATE TABLE core.daily_roots (
    business_date date PRIMARY KEY,
    lines         bigint NOT NULL,
    root          bytea NOT NULL,
    recorded_at   timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.daily_roots
    FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.daily_roots EXECUTE FUNCTION core.forbid();

GRANT SELECT ON core.servicing_clock, core.business_days, core.daily_roots TO cashline_app;
GRANT SELECT, UPDATE ON core.servicing_clock TO cashline_batch;
GRANT SELECT, INSERT, UPDATE ON core.business_days TO cashline_batch;
GRANT SELECT, INSERT ON core.daily_roots TO cashline_batch;
