-- What leaves for the bank in files and what comes back: account numbers, files, their entries, and the answers.

-- Where an account can be reached. Personal data: the app puts it in and cannot read it, only the batch role can.
-- Every correction is a new version, and erasing a customer deletes all of them. Files name the version that they
-- were written with.
CREATE TABLE core.account_numbers (
    bank_account_id text NOT NULL REFERENCES core.bank_accounts,
    version         integer NOT NULL CHECK (version > 0),
    customer_id     text NOT NULL REFERENCES core.customers,
    routing         text NOT NULL CHECK (routing ~ '^[0-9]{9}$'),
    account         text NOT NULL CHECK (account ~ '^[0-9A-Za-z -]{1,17}$'),
    kind            text NOT NULL CHECK (kind IN ('checking', 'savings')),
    holder          text NOT NULL,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bank_account_id, version)
);
ALTER TABLE core.account_numbers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON core.account_numbers USING (core.sees(customer_id));
GRANT INSERT ON core.account_numbers TO cashline_app;
GRANT SELECT, INSERT ON core.account_numbers TO cashline_batch;

CREATE OR REPLACE FUNCTION core.erase_customer(p_customer_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
    UPDATE core.narratives SET body = NULL, erased_at = now() WHERE customer_id = p_customer_id;
    DELETE FROM core.account_numbers WHERE customer_id = p_customer_id;
    UPDATE core.bank_accounts SET bank_name = '', last4 = '0000', nickname = NULL, status = 'closed'
     WHERE customer_id = p_customer_id;
    UPDATE core.customers SET display_name = '', email = NULL, phone = NULL, story = NULL, erased_at = now()
     WHERE customer_id = p_customer_id;
$$;

-- Blocked: its holder's bank says that a debit was not authorised; no money moves either way until a human looked.
ALTER TABLE core.bank_accounts DROP CONSTRAINT bank_accounts_status_check;
ALTER TABLE core.bank_accounts ADD CONSTRAINT bank_accounts_status_check
    CHECK (status IN ('verified', 'pending', 'closed', 'blocked'));

-- A file that leaves: all transfers of one cut-off. Its bytes follow from this row and its entries.
CREATE TABLE core.bank_files (
    file_id      text PRIMARY KEY,
    cut_on       date NOT NULL,
    modifier     text NOT NULL CHECK (modifier ~ '^[A-Z0-9]$'),
    effective_on date NOT NULL CHECK (effective_on > cut_on),
    originator   jsonb NOT NULL,
    entries      bigint NOT NULL CHECK (entries > 0),
    debit_cents  bigint NOT NULL CHECK (debit_cents >= 0),
    credit_cents bigint NOT NULL CHECK (credit_cents >= 0),
    last_number  bigint NOT NULL CHECK (last_number BETWEEN 1 AND 9999999),
    sha256       text,
    delivered_on date,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (cut_on, modifier)
);
CREATE TRIGGER no_delete BEFORE DELETE ON core.bank_files FOR EACH ROW EXECUTE FUNCTION core.forbid();

-- One entry for each transfer, ever: the key is what keeps a transfer from leaving twice.
CREATE TABLE core.bank_entries (
    line_id          text NOT NULL,
    transfer_id      text NOT NULL,
    customer_id      text NOT NULL,
    file_id          text NOT NULL REFERENCES core.bank_files,
    trace            text NOT NULL CHECK (trace ~ '^[0-9]{15}$'),
    transaction_code text NOT NULL CHECK (transaction_code IN ('22', '27', '32', '37')),
    bank_account_id  text NOT NULL,
    numbers_version  integer NOT NULL,
    amount_cents     bigint NOT NULL CHECK (amount_cents > 0),
    payment_type     text NOT NULL CHECK (payment_type IN ('', 'R', 'S')),
    PRIMARY KEY (line_id, transfer_id),
    UNIQUE (file_id, trace),
    FOREIGN KEY (line_id, transfer_id) REFERENCES core.transfers (line_id, transfer_id)
);
CREATE INDEX bank_entries_by_trace ON core.bank_entries (trace);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.bank_entries
    FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.bank_entries EXECUTE FUNCTION core.forbid();

-- A file of the bank, known by its bytes: the same one again is nothing new.
CREATE TABLE core.bank_receipts (
    sha256      text PRIMARY KEY,
    received_on date NOT NULL,
    answers     bigint NOT NULL CHECK (answers >= 0),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.bank_receipts
    FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.bank_receipts EXECUTE FUNCTION core.forbid();

-- What the bank said of one of our entries, once for each entry of its own. attention: what a human should look at.
CREATE TABLE core.bank_answers (
    line_id      text NOT NULL,
    transfer_id  text NOT NULL,
    answer_trace text NOT NULL,
    code         text NOT NULL CHECK (code ~ '^[RC][0-9]{2}$'),
    customer_id  text NOT NULL,
    sha256       text NOT NULL REFERENCES core.bank_receipts,
    received_on  date NOT NULL,
    state        text NOT NULL CHECK (state IN ('waiting', 'applied', 'quarantined')),
    attention    text,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (line_id, transfer_id, answer_trace, code),
    FOREIGN KEY (line_id, transfer_id) REFERENCES core.bank_entries (line_id, transfer_id)
);
CREATE INDEX bank_answers_waiting ON core.bank_answers (recorded_at) WHERE state = 'waiting';
CREATE INDEX bank_answers_for_humans ON core.bank_answers (recorded_at) WHERE attention IS NOT NULL;
CREATE TRIGGER no_delete BEFORE DELETE ON core.bank_answers FOR EACH ROW EXECUTE FUNCTION core.forbid();

ALTER TABLE core.bank_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.bank_answers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON core.bank_entries USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.bank_answers USING (core.sees(customer_id));
GRANT SELECT ON core.bank_files, core.bank_entries, core.bank_receipts, core.bank_answers TO cashline_app;
GRANT SELECT, INSERT ON core.bank_files, core.bank_entries, core.bank_receipts, core.bank_answers
    TO cashline_batch;
GRANT UPDATE (sha256, delivered_on) ON core.bank_files TO cashline_batch;
GRANT UPDATE (state, attention) ON core.bank_answers TO cashline_batch;
