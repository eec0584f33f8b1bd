-- The one way into the books, set-based: core.append is a batch of one. A batch is locked, checked, and written by
-- one statement, all or none. Everything runs as the owner under forced row-level security, so that the caller's
-- identity decides which lines exist.
-- Errors: CL001 version, CL002 key reused, CL003 over limit, CL004 no such line, CL005 refused.

DROP FUNCTION core.append_many(jsonb);
DROP FUNCTION core.append(jsonb);
DROP FUNCTION core.append_one(jsonb);
DROP FUNCTION core.write_heads(core.lines, jsonb);
DROP FUNCTION core.write_journal(core.lines, jsonb);
DROP FUNCTION core.check_limit(core.lines, jsonb);
DROP FUNCTION core.claim_line(jsonb);
DROP FUNCTION core.keep_rates(core.lines, jsonb);
DROP FUNCTION core.keep_plans(core.lines, jsonb, text);

-- Open the lines that the batch opens, lock all of them in id order, so that two batches never wait for each other
-- in a ring, and refuse what may not be written.
CREATE FUNCTION core.claim_lines(p_batch jsonb) RETURNS void
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

    SELECT a.line_id, l.version,
           CASE WHEN l.line_id IS NULL THEN 'CL004'
                WHEN k.input_hash <> a.input_hash THEN 'CL002'
                WHEN a.nth > 1 THEN 'CL005'
                ELSE 'CL001' END AS code
      INTO v_bad
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
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = v_bad.code, MESSAGE = CASE v_bad.code
            WHEN 'CL004' THEN format('no line %s', v_bad.line_id)
            WHEN 'CL002' THEN format('key reused on line %s', v_bad.line_id)
            WHEN 'CL005' THEN format('line %s is in this batch twice', v_bad.line_id)
            ELSE format('line %s is at version %s', v_bad.line_id, v_bad.version) END;
    END IF;
END
$$;

-- The limit moves by an event alone. Asked before the batch is written, while the heads hold the limits of before.
CREATE FUNCTION core.check_limit_moves(p_batch jsonb) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_line_id text;
BEGIN
    SELECT l.line_id INTO v_line_id
      FROM jsonb_to_recordset(p_batch) AS a (line_id text, projection jsonb, events jsonb)
      JOIN core.lines AS l ON l.line_id = a.line_id
     WHERE (a.projection ->> 'limit_cents')::bigint <> l.limit_cents
       AND NOT a.events @> '[{"type": "LimitChanged"}]'
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the limit of line % moves by an event alone', v_line_id USING ERRCODE = 'CL005';
    END IF;
END
$$;

-- New draws stay within the limit, by the engine's figures and by the balances of the journal alike; facts from
-- banks, disputes and decreases always post. Asked after the batch is written.
CREATE FUNCTION core.check_limits(p_batch jsonb) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_line_id text;
BEGIN
    SELECT l.line_id INTO v_line_id
      FROM jsonb_to_recordset(p_batch) AS a (line_id text, projection jsonb, events jsonb)
      JOIN core.lines AS l ON l.line_id = a.line_id
     CROSS JOIN LATERAL (
           SELECT sum(b.debit_cents - b.credit_cents) AS cents
             FROM core.ledger_balances AS b
            WHERE b.line_id = a.line_id
              AND (b.account, b.stage) IN (('principal_receivable', 'posted'), ('draws_held', 'pending'))
           ) AS journal
     WHERE a.events @> '[{"type": "DrawRequested"}]'
       AND greatest((a.projection ->> 'principal_cents')::bigint + (a.projection ->> 'held_cents')::bigint,
                    journal.cents) > l.limit_cents
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a new draw would pass the limit of line %', v_line_id USING ERRCODE = 'CL003';
    END IF;
END
$$;

-- The events of a batch that has been written, as they stand in the journal.
CREATE FUNCTION core.events_of(p_batch jsonb) RETURNS SETOF core.events
LANGUAGE sql STABLE
AS $$
    SELECT e.*
      FROM jsonb_to_recordset(p_batch) AS a (line_id text, expected_version bigint)
      JOIN core.events AS e ON e.line_id = a.line_id
      JOIN core.lines AS l ON l.line_id = e.line_id AND l.version = e.line_version
     ORDER BY e.line_id, e.seq
$$;

CREATE FUNCTION core.keep_rates(p_batch jsonb) RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO core.rates AS r (line_id, from_on, customer_id, apr_bp, seq)
    SELECT DISTINCT ON (line_id, effective_on)
           line_id, effective_on, customer_id, (payload ->> 'apr_bp')::integer, seq
      FROM core.events_of(p_batch)
     WHERE type IN ('LineOpened', 'RateChanged') AND payload ->> 'apr_bp' IS NOT NULL
     ORDER BY line_id, effective_on, seq DESC
    ON CONFLICT (line_id, from_on) DO UPDATE SET apr_bp = excluded.apr_bp, seq = excluded.seq
$$;

CREATE FUNCTION core.keep_plans(p_batch jsonb) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE core.plans AS p
       SET ended_on = e.effective_on
      FROM core.events_of(p_batch) AS e
     WHERE e.type IN ('PlanCancelled', 'PlanCompleted')
       AND p.line_id = e.line_id AND p.plan_id = e.payload ->> 'plan_id' AND p.ended_on IS NULL;
    INSERT INTO core.plans (line_id, plan_id, customer_id, started_on)
    SELECT line_id, payload ->> 'plan_id', customer_id, effective_on
      FROM core.events_of(p_batch) WHERE type = 'PlanEnrolled';
    -- A broken plan ends, and a cured one lives again, as the engine's projection says.
    UPDATE core.plans AS p
       SET ended_on = CASE WHEN p.plan_id = said.plan_id THEN NULL ELSE said.effective_on END
      FROM (SELECT DISTINCT ON (e.line_id) e.line_id, e.effective_on, a.projection ->> 'plan_id' AS plan_id
              FROM core.events_of(p_batch) AS e
              JOIN jsonb_to_recordset(p_batch) AS a (line_id text, projection jsonb) ON a.line_id = e.line_id
             WHERE a.projection IS NOT NULL
             ORDER BY e.line_id, e.seq DESC) AS said
     WHERE p.line_id = said.line_id
       AND (p.ended_on IS NULL) IS DISTINCT FROM coalesce(p.plan_id = said.plan_id, false);
END
$$;

-- One statement writes the journal, the chain and the heads of a batch of claimed lines.
CREATE FUNCTION core.write_batch(p_batch jsonb)
RETURNS TABLE (line_id text, version bigint, chain_hash bytea)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH item AS MATERIALIZED (
        SELECT a.line_id, l.customer_id, l.version + 1 AS version, l.last_seq, l.chain_hash AS prev_hash,
               a.key, a.input_hash, a.result, a.events, a.entries, a.outbox, a.projection
          FROM jsonb_to_recordset(p_batch) AS a (
               line_id text, key text, input_hash text, result jsonb, events jsonb, entries jsonb, outbox jsonb,
               projection jsonb)
          JOIN core.lines AS l ON l.line_id = a.line_id
    ), event AS MATERIALIZED (
        SELECT i.line_id, i.customer_id, i.version AS line_version, i.last_seq + e.n AS seq, e.*
          FROM item AS i
         CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(i.events) AS (
               event_id text, type text, version integer, effective_on date, payload jsonb))
               WITH ORDINALITY AS e (event_id, type, version, effective_on, payload, n)
    ), entry AS MATERIALIZED (
        SELECT i.line_id, i.customer_id, i.version AS line_version, e.*
          FROM item AS i
         CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(i.entries) AS (
               entry_id text, kind text, stage text, effective_on date, event_id text, reason text,
               postings jsonb))
               WITH ORDINALITY AS e (entry_id, kind, stage, effective_on, event_id, reason, postings, position)
    ), posting AS MATERIALIZED (
        SELECT e.line_id, e.customer_id, e.entry_id, e.stage, p.*
          FROM entry AS e
         CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(e.postings) AS (
               account text, side text, amount_cents bigint))
               WITH ORDINALITY AS p (account, side, amount_cents, position)
    ), told AS (
        SELECT line_id, jsonb_agg(core.canonical_event(event_id, type, version, effective_on, payload)
                   ORDER BY seq) AS events
          FROM event GROUP BY line_id
    ), legs AS (
        SELECT line_id, entry_id, jsonb_agg(jsonb_build_array(account, side, amount_cents) ORDER BY position)
                   AS postings
          FROM posting GROUP BY line_id, entry_id
    ), booked AS (
        SELECT line_id, jsonb_agg(core.canonical_entry(
                   entry_id, kind, stage, effective_on, event_id, reason, legs.postings) ORDER BY position)
                   AS entries
          FROM entry LEFT JOIN legs USING (line_id, entry_id) GROUP BY line_id
    ), link AS MATERIALIZED (
        SELECT i.line_id, i.customer_id, i.version, i.prev_hash,
               core.link_hash(i.prev_hash, i.line_id, i.version, told.events, booked.entries) AS hash
          FROM item AS i LEFT JOIN told USING (line_id) LEFT JOIN booked USING (line_id)
    ), events_written AS (
        INSERT INTO core.events
               (line_id, seq, event_id, customer_id, line_version, type, version, effective_on, payload)
        SELECT line_id, seq, event_id, customer_id, line_version, type, version, effective_on, payload
          FROM event
    ), entries_written AS (
        INSERT INTO core.entries
               (line_id, entry_id, customer_id, line_version, position, kind, stage, effective_on, event_id,
                reason)
        SELECT line_id, entry_id, customer_id, line_version, position, kind, stage, effective_on, event_id,
               reason
          FROM entry
    ), postings_written AS (
        INSERT INTO core.postings (line_id, entry_id, position, customer_id, account, side, amount_cents)
        SELECT line_id, entry_id, position, customer_id, account, side, amount_cents FROM posting
    ), balances_kept AS (
        INSERT INTO core.ledger_balances AS t
               (line_id, account, stage, customer_id, debit_cents, credit_cents)
        SELECT line_id, account, CASE stage WHEN 'posted' THEN 'posted' ELSE 'pending' END AS held, customer_id,
               coalesce(sum(amount_cents) FILTER (WHERE side = 'debit'), 0),
               coalesce(sum(amount_cents) FILTER (WHERE side = 'credit'), 0)
          FROM posting GROUP BY line_id, account, held, customer_id
        ON CONFLICT (line_id, account, stage) DO UPDATE
           SET debit_cents = t.debit_cents + excluded.debit_cents,
               credit_cents = t.credit_cents + excluded.credit_cents
    ), links_written AS (
        INSERT INTO core.chain_links (line_id, version, customer_id, prev_hash, hash)
        SELECT line_id, version, customer_id, prev_hash, hash FROM link
    ), projections_kept AS (
        INSERT INTO core.line_projection
               (line_id, customer_id, version, status, limit_cents, principal_cents, held_cents, owed_cents,
                rate_bp, disputed_cents, next_close_on, due_on, days_past_due, locked, plan_id)
        SELECT i.line_id, i.customer_id, i.version, p.*
          FROM item AS i
         CROSS JOIN LATERAL jsonb_to_record(i.projection) AS p (
               status text, limit_cents bigint, principal_cents bigint, held_cents bigint, owed_cents bigint,
               rate_bp integer, disputed_cents bigint, next_close_on date, due_on date, days_past_due integer,
               locked boolean, plan_id text)
         WHERE i.projection IS NOT NULL
        ON CONFLICT (line_id) DO UPDATE
           SET version = excluded.version, status = excluded.status, limit_cents = excluded.limit_cents,
               principal_cents = excluded.principal_cents, held_cents = excluded.held_cents,
               owed_cents = excluded.owed_cents, rate_bp = excluded.rate_bp,
               disputed_cents = excluded.disputed_cents, next_close_on = excluded.next_close_on,
               due_on = excluded.due_on, days_past_due = excluded.days_past_due, locked = excluded.locked,
               plan_id = excluded.plan_id
    ), keys_written AS (
        INSERT INTO core.idempotency_keys (line_id, key, customer_id, input_hash, result, version)
        SELECT line_id, key, customer_id, input_hash, result, version FROM item
    ), messages_written AS (
        INSERT INTO core.outbox (line_id, version, position, customer_id, topic, payload)
        SELECT i.line_id, i.version, o.position, i.customer_id, o.topic, o.payload
          FROM item AS i
         CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(i.outbox) AS (topic text, payload jsonb))
               WITH ORDINALITY AS o (topic, payload, position)
    )
    UPDATE core.lines AS l
       SET version = i.version,
           chain_hash = link.hash,
           last_seq = l.last_seq + jsonb_array_length(i.events),
           status = coalesce(i.projection ->> 'status', l.status),
           limit_cents = coalesce((i.projection ->> 'limit_cents')::bigint, l.limit_cents)
      FROM item AS i JOIN link USING (line_id)
     WHERE l.line_id = i.line_id
    RETURNING l.line_id, l.version, l.chain_hash;
END
$$;

CREATE FUNCTION core.append_batch(p_batch jsonb)
RETURNS TABLE (line_id text, version bigint, chain_hash bytea)
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM core.claim_lines(p_batch);
    PERFORM core.check_limit_moves(p_batch);
    RETURN QUERY SELECT * FROM core.write_batch(p_batch);
    IF p_batch @? '$[*].events[*].type ? (@ == "DrawRequested")' THEN
        PERFORM core.check_limits(p_batch);
    END IF;
    IF p_batch @? '$[*].events[*].type ? (@ == "LineOpened" || @ == "RateChanged")' THEN
        PERFORM core.keep_rates(p_batch);
    END IF;
    IF p_batch @? '$[*].events[*].type ? (@ starts with "Plan")' THEN
        PERFORM core.keep_plans(p_batch);
    END IF;
END
$$;

-- For one line.
CREATE FUNCTION core.append(p_append jsonb, OUT version bigint, OUT chain_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
BEGIN
    SELECT a.version, a.chain_hash INTO version, chain_hash
      FROM core.append_batch(jsonb_build_array(p_append)) AS a;
END
$$;

-- For lines that are all different; returns how many.
CREATE FUNCTION core.append_many(p_batch jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
BEGIN
    RETURN (SELECT count(*) FROM core.append_batch(p_batch));
END
$$;

REVOKE ALL ON FUNCTION core.append, core.append_many, core.append_batch, core.claim_lines, core.check_limits,
    core.check_limit_moves, core.write_batch, core.events_of, core.keep_plans, core.keep_rates FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.append TO cashline_app, cashline_batch;
GRANT EXECUTE ON FUNCTION core.append_many TO cashline_batch;
