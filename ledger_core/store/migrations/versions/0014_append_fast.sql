-- The same checks at a fraction of the price: the journal is checked once per statement instead of once per row at
-- commit, and one line is appended to by plain statements, without the joins that a batch needs.

-- The postings that one statement adds to an entry balance among themselves, and their entry exists. So an entry is
-- balanced at any time, with two postings or more, since amounts are positive.
CREATE FUNCTION core.check_postings() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_bad record;
BEGIN
    SELECT a.entry_id, a.difference INTO v_bad
      FROM (SELECT line_id, entry_id,
                   sum(CASE side WHEN 'debit' THEN amount_cents ELSE -amount_cents END) AS difference
              FROM added GROUP BY line_id, entry_id) AS a
      LEFT JOIN core.entries AS e ON e.line_id = a.line_id AND e.entry_id = a.entry_id
     WHERE a.difference <> 0 OR e.entry_id IS NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is not balanced: debits less credits %', v_bad.entry_id, v_bad.difference
            USING ERRCODE = 'CL005';
    END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER balanced ON core.entries;
DROP TRIGGER balanced ON core.postings;
DROP FUNCTION core.check_balanced();
ALTER TABLE core.postings DROP CONSTRAINT postings_line_id_entry_id_fkey;
CREATE TRIGGER balanced AFTER INSERT ON core.postings
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION core.check_postings();

-- A new entry has postings when its statement ends, so both are written by one statement; its line is its
-- customer's, and its event is one of the line. Lines and events are never deleted.
CREATE FUNCTION core.check_entries() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_entry_id text;
BEGIN
    SELECT a.entry_id INTO v_entry_id
      FROM added AS a
      LEFT JOIN core.lines AS l ON l.line_id = a.line_id
     WHERE l.customer_id IS DISTINCT FROM a.customer_id
        OR NOT EXISTS (SELECT FROM core.postings AS p WHERE p.line_id = a.line_id AND p.entry_id = a.entry_id)
        OR a.event_id IS NOT NULL AND NOT EXISTS (
           SELECT FROM core.events AS e WHERE e.line_id = a.line_id AND e.event_id = a.event_id)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is not balanced, or not of this line', v_entry_id USING ERRCODE = 'CL005';
    END IF;
    RETURN NULL;
END
$$;
ALTER TABLE core.entries
    DROP CONSTRAINT entries_line_id_customer_id_fkey, DROP CONSTRAINT entries_line_id_event_id_fkey;
CREATE TRIGGER balanced AFTER INSERT ON core.entries
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION core.check_entries();
CREATE TRIGGER no_delete BEFORE DELETE ON core.lines FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_move BEFORE UPDATE OF line_id, customer_id ON core.lines
    FOR EACH ROW EXECUTE FUNCTION core.forbid();

-- Most payloads hold no point at all; only the others are walked.
ALTER TABLE core.events DROP CONSTRAINT events_whole_numbers;
ALTER TABLE core.events ADD CONSTRAINT events_whole_numbers CHECK (
    strpos(payload::text, '.') = 0
    OR NOT payload @? '$.** ? (@.type() == "number" && @ != @.floor())');

-- Keys are written in the order of time and forgotten by it.
DROP INDEX core.idempotency_keys_by_age;
CREATE INDEX idempotency_keys_by_age ON core.idempotency_keys USING brin (recorded_at);

-- Not called immutable, which convert_to is not: so that it is inlined.
CREATE OR REPLACE FUNCTION core.link_hash(
    p_prev_hash bytea, p_line_id text, p_version bigint, p_events jsonb, p_entries jsonb)
RETURNS bytea
LANGUAGE sql STABLE
AS $$
    SELECT sha256(p_prev_hash || convert_to(jsonb_build_array(
        p_line_id, p_version, coalesce(p_events, '[]'), coalesce(p_entries, '[]'))::text, 'UTF8'))
$$;

-- Say what stands against an append to a line: no such line, a key used with another input, or a version of
-- before; the key with the same input is a version of before too, since its answer is there to be read.
CREATE FUNCTION core.refuse(p_line_id text, p_key text, p_input_hash text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_version bigint;
    v_input_hash text;
BEGIN
    SELECT l.version, k.input_hash INTO v_version, v_input_hash
      FROM core.lines AS l
      LEFT JOIN core.idempotency_keys AS k ON k.line_id = l.line_id AND k.key = p_key
     WHERE l.line_id = p_line_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no line %', p_line_id USING ERRCODE = 'CL004';
    ELSIF v_input_hash <> p_input_hash THEN
        RAISE EXCEPTION 'key reused on line %', p_line_id USING ERRCODE = 'CL002';
    END IF;
    RAISE EXCEPTION 'line % is at version %', p_line_id, v_version USING ERRCODE = 'CL001';
END
$$;

-- New draws stay within the limit, by the engine's figures and by the balances of the journal alike; facts from
-- banks, disputes and decreases always post. Asked after the draw is written.
CREATE FUNCTION core.check_draw(p_line_id text, p_projection jsonb) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM FROM core.lines AS l
      WHERE l.line_id = p_line_id
        AND l.limit_cents < greatest(
            (p_projection ->> 'principal_cents')::bigint + (p_projection ->> 'held_cents')::bigint,
            (SELECT sum(b.debit_cents - b.credit_cents)
               FROM core.ledger_balances AS b
              WHERE b.line_id = p_line_id
                AND (b.account, b.stage) IN (('principal_receivable', 'posted'), ('draws_held', 'pending'))));
    IF FOUND THEN
        RAISE EXCEPTION 'a new draw would pass the limit of line %', p_line_id USING ERRCODE = 'CL003';
    END IF;
END
$$;
DROP FUNCTION core.check_limits(jsonb);

-- Open the lines that the batch opens, lock all of them in id order, so that two batches never wait for each other
-- in a ring, and refuse what may not be written.
CREATE OR REPLACE FUNCTION core.claim_lines(p_batch jsonb) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_ids text[];
    v_opens boolean;
    v_bad record;
BEGIN
    SELECT array_agg(line_id ORDER BY line_id), bool_or(new_line IS NOT NULL) INTO v_ids, v_opens
      FROM jsonb_to_recordset(p_batch) AS a (line_id text, new_line jsonb);

    IF v_opens THEN
        INSERT INTO core.lines
               (line_id, customer_id, product_id, product_version, status, version, last_seq, limit_cents,
                opened_on, chain_hash)
        SELECT a.line_id, n.customer_id, n.product_id, n.product_version, a.projection ->> 'status', 0, 0,
               (a.projection ->> 'limit_cents')::bigint, n.opened_on, sha256(convert_to(a.line_id, 'UTF8'))
          FROM jsonb_to_recordset(p_batch) AS a (line_id text, projection jsonb, new_line jsonb)
         CROSS JOIN LATERAL jsonb_to_record(a.new_line) AS n (
               customer_id text, product_id text, product_version integer, opened_on date)
         WHERE a.new_line IS NOT NULL
         ORDER BY a.line_id
        ON CONFLICT DO NOTHING;
    END IF;

    PERFORM FROM core.lines WHERE line_id = ANY (v_ids) ORDER BY line_id FOR NO KEY UPDATE;

    SELECT a.* INTO v_bad
      FROM (SELECT line_id, expected_version, key, input_hash, n,
                   row_number() OVER (PARTITION BY line_id ORDER BY n) AS nth
              FROM ROWS FROM (jsonb_to_recordset(p_batch) AS (
                   line_id text, expected_version bigint, key text, input_hash text))
                   WITH ORDINALITY AS b (line_id, expected_version, key, input_hash, n)) AS a
      LEFT JOIN core.lines AS l ON l.line_id = a.line_id
      LEFT JOIN core.idempotency_keys AS k ON k.line_id = a.line_id AND k.key = a.key
     WHERE l.version IS DISTINCT FROM a.expected_version OR k.key IS NOT NULL OR a.nth > 1
     ORDER BY a.n
     LIMIT 1;
    IF FOUND AND v_bad.nth > 1 THEN
        RAISE EXCEPTION 'line % is in this batch twice', v_bad.line_id USING ERRCODE = 'CL005';
    ELSIF FOUND THEN
        PERFORM core.refuse(v_bad.line_id, v_bad.key, v_bad.input_hash);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION core.append_batch(p_batch jsonb)
RETURNS TABLE (line_id text, version bigint, chain_hash bytea)
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM core.claim_lines(p_batch);
    PERFORM core.check_limit_moves(p_batch);
    RETURN QUERY SELECT * FROM core.write_batch(p_batch);
    PERFORM core.check_draw(a.line_id, a.projection)
       FROM jsonb_to_recordset(p_batch) AS a (line_id text, projection jsonb, events jsonb)
      WHERE a.events @> '[{"type": "DrawRequested"}]';
    IF p_batch @? '$[*].events[*].type ? (@ == "LineOpened" || @ == "RateChanged")' THEN
        PERFORM core.keep_rates(p_batch);
    END IF;
    IF p_batch @? '$[*].events[*].type ? (@ starts with "Plan")' THEN
        PERFORM core.keep_plans(p_batch);
    END IF;
END
$$;

-- Events, entries, postings and balances of one line, which the caller holds at its new version.
CREATE FUNCTION core.write_journal(
    p_line_id text, p_customer_id text, p_version bigint, p_last_seq bigint, p_events jsonb, p_entries jsonb)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO core.events
           (line_id, seq, event_id, customer_id, line_version, type, version, effective_on, payload)
    SELECT p_line_id, p_last_seq + n, event_id, p_customer_id, p_version, type, version, effective_on, payload
      FROM ROWS FROM (jsonb_to_recordset(p_events) AS (
           event_id text, type text, version integer, effective_on date, payload jsonb))
           WITH ORDINALITY AS e (event_id, type, version, effective_on, payload, n);
    IF p_entries = '[]' THEN
        RETURN;
    END IF;

    WITH entry AS MATERIALIZED (
        SELECT *
          FROM ROWS FROM (jsonb_to_recordset(p_entries) AS (
               entry_id text, kind text, stage text, effective_on date, event_id text, reason text,
               postings jsonb))
               WITH ORDINALITY AS e (entry_id, kind, stage, effective_on, event_id, reason, postings, position)
    ), posting AS MATERIALIZED (
        SELECT entry.entry_id, entry.stage, p.*
          FROM entry
         CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(entry.postings) AS (
               account text, side text, amount_cents bigint))
               WITH ORDINALITY AS p (account, side, amount_cents, position)
    ), entries_written AS (
        INSERT INTO core.entries
               (line_id, entry_id, customer_id, line_version, position, kind, stage, effective_on, event_id,
                reason)
        SELECT p_line_id, entry_id, p_customer_id, p_version, position, kind, stage, effective_on, event_id,
               reason
          FROM entry
    ), postings_written AS (
        INSERT INTO core.postings (line_id, entry_id, position, customer_id, account, side, amount_cents)
        SELECT p_line_id, entry_id, position, p_customer_id, account, side, amount_cents FROM posting
    )
    INSERT INTO core.ledger_balances AS t
           (line_id, account, stage, customer_id, debit_cents, credit_cents)
    SELECT p_line_id, account, CASE stage WHEN 'posted' THEN 'posted' ELSE 'pending' END AS held, p_customer_id,
           coalesce(sum(amount_cents) FILTER (WHERE side = 'debit'), 0),
           coalesce(sum(amount_cents) FILTER (WHERE side = 'credit'), 0)
      FROM posting GROUP BY account, held
    ON CONFLICT (line_id, account, stage) DO UPDATE
       SET debit_cents = t.debit_cents + excluded.debit_cents,
           credit_cents = t.credit_cents + excluded.credit_cents;
END
$$;

-- Projection and messages of one line.
CREATE FUNCTION core.write_heads(
    p_line_id text, p_customer_id text, p_version bigint, p_projection jsonb, p_outbox jsonb)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO core.line_projection
           (line_id, customer_id, version, status, limit_cents, principal_cents, held_cents, owed_cents,
            rate_bp, disputed_cents, next_close_on, due_on, days_past_due, locked, plan_id)
    SELECT p_line_id, p_customer_id, p_version, p.*
      FROM jsonb_to_record(p_projection) AS p (
           status text, limit_cents bigint, principal_cents bigint, held_cents bigint, owed_cents bigint,
           rate_bp integer, disputed_cents bigint, next_close_on date, due_on date, days_past_due integer,
           locked boolean, plan_id text)
     WHERE jsonb_typeof(p_projection) = 'object'
    ON CONFLICT (line_id) DO UPDATE
       SET version = excluded.version, status = excluded.status, limit_cents = excluded.limit_cents,
           principal_cents = excluded.principal_cents, held_cents = excluded.held_cents,
           owed_cents = excluded.owed_cents, rate_bp = excluded.rate_bp,
           disputed_cents = excluded.disputed_cents, next_close_on = excluded.next_close_on,
           due_on = excluded.due_on, days_past_due = excluded.days_past_due, locked = excluded.locked,
           plan_id = excluded.plan_id;
    INSERT INTO core.outbox (line_id, version, position, customer_id, topic, payload)
    SELECT p_line_id, p_version, o.position, p_customer_id, o.topic, o.payload
      FROM ROWS FROM (jsonb_to_recordset(p_outbox) AS (topic text, payload jsonb))
           WITH ORDINALITY AS o (topic, payload, position);
END
$$;

-- For one line: what append_many does, in plain statements. Writing the line's new version locks it.
CREATE OR REPLACE FUNCTION core.append(p_append jsonb, OUT version bigint, OUT chain_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    v_line_id text := p_append ->> 'line_id';
    v_key text := p_append ->> 'key';
    v_input_hash text := p_append ->> 'input_hash';
    v_events jsonb := p_append -> 'events';
    v_entries jsonb := p_append -> 'entries';
    v_projection jsonb := p_append -> 'projection';
    v_told jsonb;
    v_booked jsonb;
    v_line record;
BEGIN
    IF jsonb_typeof(p_append -> 'new_line') = 'object' THEN
        SELECT a.version, a.chain_hash INTO version, chain_hash
          FROM core.append_batch(jsonb_build_array(p_append)) AS a;
        RETURN;
    END IF;

    SELECT jsonb_agg(core.canonical_event(event_id, type, version, effective_on, payload)) INTO v_told
      FROM jsonb_to_recordset(v_events) AS e (
           event_id text, type text, version integer, effective_on date, payload jsonb);
    SELECT jsonb_agg(core.canonical_entry(entry_id, kind, stage, effective_on, event_id, reason, (
               SELECT jsonb_agg(jsonb_build_array(account, side, amount_cents))
                 FROM jsonb_to_recordset(e.postings) AS p (account text, side text, amount_cents bigint))))
      INTO v_booked
      FROM jsonb_to_recordset(v_entries) AS e (
           entry_id text, kind text, stage text, effective_on date, event_id text, reason text, postings jsonb);

    UPDATE core.lines AS l
       SET version = l.version + 1,
           chain_hash = core.link_hash(l.chain_hash, l.line_id, l.version + 1, v_told, v_booked),
           last_seq = l.last_seq + jsonb_array_length(v_events),
           status = coalesce(v_projection ->> 'status', l.status),
           limit_cents = coalesce((v_projection ->> 'limit_cents')::bigint, l.limit_cents)
     WHERE l.line_id = v_line_id AND l.version = (p_append ->> 'expected_version')::bigint
    RETURNING l.customer_id, l.version, l.chain_hash, l.limit_cents, old.last_seq, old.chain_hash AS prev_hash,
              old.limit_cents AS prev_limit_cents
      INTO v_line;
    IF NOT FOUND THEN
        PERFORM core.refuse(v_line_id, v_key, v_input_hash);
    END IF;
    INSERT INTO core.idempotency_keys (line_id, key, customer_id, input_hash, result, version)
    VALUES (v_line_id, v_key, v_line.customer_id, v_input_hash, p_append -> 'result', v_line.version)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM core.refuse(v_line_id, v_key, v_input_hash);
    END IF;
    INSERT INTO core.chain_links (line_id, version, customer_id, prev_hash, hash)
    VALUES (v_line_id, v_line.version, v_line.customer_id, v_line.prev_hash, v_line.chain_hash);

    PERFORM core.write_journal(
        v_line_id, v_line.customer_id, v_line.version, v_line.last_seq, v_events, v_entries);
    PERFORM core.write_heads(
        v_line_id, v_line.customer_id, v_line.version, v_projection, p_append -> 'outbox');

    IF v_line.limit_cents <> v_line.prev_limit_cents AND NOT v_events @> '[{"type": "LimitChanged"}]' THEN
        RAISE EXCEPTION 'the limit of line % moves by an event alone', v_line_id USING ERRCODE = 'CL005';
    END IF;
    IF v_events @> '[{"type": "DrawRequested"}]' THEN
        PERFORM core.check_draw(v_line_id, v_projection);
    END IF;
    IF v_events @> '[{"type": "RateChanged"}]' THEN
        PERFORM core.keep_rates(jsonb_build_array(p_append));
    END IF;
    IF v_events @? '$[*].type ? (@ starts with "Plan")' THEN
        PERFORM core.keep_plans(jsonb_build_array(p_append));
    END IF;
    version := v_line.version;
    chain_hash := v_line.chain_hash;
END
$$;

REVOKE ALL ON FUNCTION core.refuse, core.check_draw, core.check_postings, core.check_entries, core.write_journal, core.write_heads
    FROM PUBLIC;
