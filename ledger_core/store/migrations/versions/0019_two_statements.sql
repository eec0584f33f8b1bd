-- A command in two statements: core.read_line brings what it decides from, core.write records what it decided. Each
-- sets the identity before it touches a row, so that neither needs a transaction opened around it. All of these run as
-- their caller: row-level security and privileges bind as they do for plain statements.

-- The identity of this transaction. Its end is the identity's end, also of a statement that is its own transaction.
CREATE FUNCTION core.identify(p_role text, p_customer_id text, p_actor_id text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_set text := set_config('cashline.role', p_role, true)
               || set_config('cashline.customer_id', p_customer_id, true)
               || set_config('cashline.actor_id', p_actor_id, true);
BEGIN
END
$$;

-- A line, its events in order, the answer this key got before, and the bank account that is asked about; NULL for a
-- line that this identity may not see.
CREATE FUNCTION core.read_line(
    p_role text, p_customer_id text, p_actor_id text, p_line_id text, p_key text, p_bank_account_id text)
RETURNS json
LANGUAGE plpgsql
AS $$
DECLARE
    v_set text := set_config('cashline.role', p_role, true)
               || set_config('cashline.customer_id', p_customer_id, true)
               || set_config('cashline.actor_id', p_actor_id, true);
    v_read json;
BEGIN
    SELECT json_build_array(
               json_build_array(l.line_id, l.customer_id, l.product_id, l.product_version, l.status, l.version,
                                l.limit_cents, l.opened_on, encode(l.chain_hash, 'hex')),
               (SELECT json_agg(json_build_array(e.event_id, e.seq, e.type, e.version, e.effective_on,
                                                 e.recorded_at, e.payload) ORDER BY e.seq)
                  FROM core.events AS e WHERE e.line_id = p_line_id),
               (SELECT json_build_array(k.input_hash, k.result)
                  FROM core.idempotency_keys AS k WHERE k.line_id = p_line_id AND k.key = p_key),
               (SELECT json_build_array(b.bank_account_id, b.customer_id, b.bank_name, b.last4, b.status,
                                        b.nickname)
                  FROM core.bank_accounts AS b WHERE b.bank_account_id = p_bank_account_id))
      INTO v_read
      FROM core.lines AS l
     WHERE l.line_id = p_line_id;
    RETURN v_read;
END
$$;

-- One step of a transfer; whether it was there to be taken. A transfer whose file we did not see leave has left when
-- the bank says how it ended.
CREATE FUNCTION core.step_transfer(
    p_line_id text, p_kind text, p_reference_id text, p_step text, p_on date, p_code text) RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    IF p_step IN ('submit', 'settle', 'return') THEN
        UPDATE core.transfers SET state = 'submitted', submitted_on = p_on
         WHERE line_id = p_line_id AND kind = p_kind AND reference_id = p_reference_id AND state = 'created';
    END IF;
    IF p_step = 'settle' THEN
        UPDATE core.transfers SET state = 'settled', settled_on = p_on
         WHERE line_id = p_line_id AND kind = p_kind AND reference_id = p_reference_id AND state = 'submitted';
    ELSIF p_step = 'return' THEN
        UPDATE core.transfers SET state = 'returned', returned_on = p_on, return_code = p_code
         WHERE line_id = p_line_id AND kind = p_kind AND reference_id = p_reference_id
           AND state IN ('submitted', 'settled');
    ELSIF p_step = 'cancel' THEN
        UPDATE core.transfers SET state = 'cancelled', cancelled_on = p_on
         WHERE line_id = p_line_id AND kind = p_kind AND reference_id = p_reference_id AND state = 'created';
    ELSIF p_step = 'move' THEN
        UPDATE core.transfers SET effective_on = p_on
         WHERE line_id = p_line_id AND kind = p_kind AND reference_id = p_reference_id AND state = 'created';
    END IF;
    RETURN FOUND;
END
$$;

-- What follows from recorded facts: transfers that begin or go on, printed statements, decisions with their evidence.
CREATE FUNCTION core.follow(p_following jsonb) RETURNS void
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
                why_conservative, model_version, policy_version, challenger_version, challenger_ppm, latency_us)
        SELECT *
          FROM jsonb_to_recordset(p_following -> 'decisions') AS d (
               line_id text, decision_id text, customer_id text, kind text, decided_on date, known_seq bigint,
               asked_cents bigint, outcome text, limit_cents bigint, expires_on date, grade text, reasons text[],
               features integer[], features_sha256 text, micrologits bigint, default_ppm integer, path text,
               why_conservative text, model_version text, policy_version text, challenger_version text,
               challenger_ppm integer, latency_us integer);
    END IF;
END
$$;

-- Append to a line, and write what follows from it: all or none.
CREATE FUNCTION core.write(
    p_role text, p_customer_id text, p_actor_id text, p_append jsonb, p_following jsonb,
    OUT version bigint, OUT chain_hash bytea)
LANGUAGE plpgsql
AS $$
DECLARE
    v_set text := set_config('cashline.role', p_role, true)
               || set_config('cashline.customer_id', p_customer_id, true)
               || set_config('cashline.actor_id', p_actor_id, true);
BEGIN
    SELECT a.version, a.chain_hash INTO version, chain_hash FROM core.append(p_append) AS a;
    IF p_following IS NOT NULL THEN
        PERFORM core.follow(p_following);
    END IF;
END
$$;

REVOKE ALL ON FUNCTION core.identify, core.read_line, core.step_transfer, core.follow, core.write FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.identify, core.read_line, core.step_transfer, core.follow, core.write
    TO cashline_app, cashline_batch;
