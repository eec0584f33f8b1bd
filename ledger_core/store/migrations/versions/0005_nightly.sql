-- What the nightly work writes beside the journal: interest per line, day and bucket in micro-cents, as the books
-- knew it that night; the corrections that later facts made to it; and how far each line was reconciled.

CREATE TABLE core.accruals (
    line_id         text NOT NULL,
    accrued_on      date NOT NULL,
    bucket          text NOT NULL CHECK (bucket IN ('standard', 'protected', 'disputed', 'disputed_protected')),
    customer_id     text NOT NULL,
    principal_cents bigint NOT NULL CHECK (principal_cents > 0),
    rate_bp         integer NOT NULL CHECK (rate_bp > 0),
    microcents      bigint NOT NULL CHECK (microcents >= 0),
    PRIMARY KEY (line_id, accrued_on, bucket),
    FOREIGN KEY (line_id, customer_id) REFERENCES core.lines (line_id, customer_id)
);
CREATE INDEX accruals_by_day ON core.accruals (accrued_on);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.accruals FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.accruals EXECUTE FUNCTION core.forbid();

-- The difference of two replays of the days accrued before: with what was known at the last check, and with all.
CREATE TABLE core.accrual_corrections (
    line_id      text NOT NULL,
    version      bigint NOT NULL,
    corrected_on date NOT NULL,
    customer_id  text NOT NULL,
    microcents   bigint NOT NULL CHECK (microcents <> 0),
    PRIMARY KEY (line_id, version),
    FOREIGN KEY (line_id, customer_id) REFERENCES core.lines (line_id, customer_id)
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.accrual_corrections
    FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.accrual_corrections EXECUTE FUNCTION core.forbid();

-- The version and last event of a line that its last reconciliation saw.
CREATE TABLE core.accrual_checks (
    line_id     text PRIMARY KEY,
    customer_id text NOT NULL,
    version     bigint NOT NULL,
    last_seq    bigint NOT NULL,
    checked_on  date NOT NULL,
    FOREIGN KEY (line_id, customer_id) REFERENCES core.lines (line_id, customer_id)
);

ALTER TABLE core.accruals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.accrual_corrections ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.accrual_checks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON core.accruals USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.accrual_corrections USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.accrual_checks USING (core.sees(customer_id));
GRANT SELECT ON core.accruals, core.accrual_corrections TO cashline_app;
GRANT SELECT, INSERT ON core.accruals, core.accrual_corrections TO cashline_batch;
GRANT SELECT, INSERT, UPDATE ON core.accrual_checks TO cashline_batch;

-- The demo book: the day it ends, and the last day that has been lived through. One row, in embedded mode only.
CREATE TABLE core.demo_book (
    only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    anchor        date NOT NULL,
    lived_through date NOT NULL
);
GRANT SELECT ON core.demo_book TO cashline_app;
GRANT SELECT, INSERT, UPDATE ON core.demo_book TO cashline_batch;
