-- Notices of adverse decisions, as they were sent, in the languages we speak. They name no person.
CREATE TABLE core.notices (
    line_id     text NOT NULL,
    notice_id   text NOT NULL,
    customer_id text NOT NULL,
    decision_id text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('declined', 'counter_offer', 'lowered', 'application_declined',
                                              'application_counter_offer')),
    issued_on   date NOT NULL,
    texts       jsonb NOT NULL CHECK (texts ?& ARRAY['en', 'es']),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (line_id, notice_id),
    UNIQUE (line_id, decision_id),
    FOREIGN KEY (line_id, decision_id) REFERENCES core.decisions (line_id, decision_id)
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.notices FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.notices EXECUTE FUNCTION core.forbid();
ALTER TABLE core.notices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON core.notices USING (core.sees(customer_id));
GRANT SELECT, INSERT ON core.notices TO cashline_app, cashline_batch;

-- What a decision was about: a declined application has no line that would tell.
ALTER TABLE core.decisions ADD COLUMN product_id text, ADD COLUMN state_code text;

-- What follows from recorded facts: transfers that begin or go on, printed statements, decisions with their evidence and
-- their notices.
CREATE OR REPLACE FUNCTION core.follow(p_following jsonb) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_step record;
    v_taken boolean;
BEGIN
    IF p_following -> 'transfers' <> '[]' THEN
        INSERT INTO core.transfers
               (line_id, transfer_id, customer_id, kind, reference_id, bank_account_id, amount_cents,
                effective_on, state)
        SELECT t.*, 'created'
          FROM jsonb_to_recordset(p_following -> 'transfers') AS t (
               line_id text, transfer_id text, customer_id text, kind text, reference_id text,
               bank_account_id text, amount_cents bigint, effective_on date);
    END IF;
    IF p_following -> 'steps' <> '[]' THEN
        -- The last guard of a race with the file: money that has left must not look stopped in the books.
        FOR v_step IN
            SELECT * FROM jsonb_to_recordset(p_following -> 'steps') AS s (
                   line_id text, kind text, reference_id text, step text, "on" date, code text, held_back boolean)
        LOOP
            v_taken := core.step_transfer(
                v_step.line_id, v_step.kind, v_step.reference_id, v_step.step, v_step."on", v_step.code);
            IF NOT v_taken AND v_step.held_back
               AND EXISTS (SELECT FROM core.transfers
                            WHERE line_id = v_step.line_id AND kind = v_step.kind
                              AND reference_id = v_step.reference_id AND state NOT IN ('created', 'cancelled'))
            THEN
                RAISE EXCEPTION 'the file of % % has left', v_step.kind, v_step.reference_id
                    USING ERRCODE = 'CL006';
            END IF;
        END LOOP;
    END IF;
    IF p_following -> 'statements' <> '[]' THEN
        INSERT INTO core.statements
               (line_id, number, statement_id, customer_id, cycle_start, cycle_end, due_on, figures)
        SELECT *
          FROM jsonb_to_recordset(p_following -> 'statements') AS s (
               line_id text, number integer, statement_id text, customer_id text, cycle_start date,
               cycle_end date, due_on date, figures jsonb);
    END IF;
    IF p_following -> 'decisions' <> '[]' THEN
        INSERT INTO core.decisions
               (line_id, decision_id, customer_id, kind, decided_on, known_seq, asked_cents, outcome, limit_cents,
                expires_on, grade, reasons, features, features_sha256, micrologits, default_ppm, path,
                why_conservative, model_version, policy_version, challenger_version, challenger_ppm, latency_us,
                product_id, state_code)
        SELECT *
          FROM jsonb_to_recordset(p_following -> 'decisions') AS d (
               line_id text, decision_id text, customer_id text, kind text, decided_on date, known_seq bigint,
               asked_cents bigint, outcome text, limit_cents bigint, expires_on date, grade text, reasons text[],
               features integer[], features_sha256 text, micrologits bigint, default_ppm integer, path text,
               why_conservative text, model_version text, policy_version text, challenger_version text,
               challenger_ppm integer, latency_us integer, product_id text, state_code text);
    END IF;
    IF p_following -> 'notices' <> '[]' THEN
        INSERT INTO core.notices (line_id, notice_id, customer_id, decision_id, kind, issued_on, texts)
        SELECT *
          FROM jsonb_to_recordset(p_following -> 'notices') AS n (
               line_id text, notice_id text, customer_id text, decision_id text, kind text, issued_on date,
               texts jsonb);
    END IF;
END
$$;
