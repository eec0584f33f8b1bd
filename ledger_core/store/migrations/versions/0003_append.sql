-- The one way into the books: core.append for one line, core.append_many for a batch of them, both through
-- core.append_one. It locks the line, checks key and version, writes, checks the limit, and extends the chain. It runs as the
-- owner under forced row-level security, so that the caller's identity decides which lines exist.
-- Errors: CL001 version, CL002 key reused, CL003 over limit, CL004 no such line, CL005 refused.

-- What the chain hashes: an append's events and entries, free of personal data by construction.
CREATE FUNCTION core.canonical_event(
    p_event_id text, p_type text, p_version integer, p_effective_on date, p_payload jsonb)
RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT jsonb_build_array(p_event_id, p_type, p_version, p_effective_on, p_payload)
$$;

CREATE FUNCTION core.canonical_entry(
    p_entry_id text, p_kind text, p_stage text, p_effective_on date, p_event_id text, p_reason text,
    p_postings jsonb)
RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT jsonb_build_array(p_entry_id, p_kind, p_stage, p_effective_on, p_event_id, p_reason, p_postings)
$$;

CREATE FUNCTION core.link_hash(
    p_prev_hash bytea, p_line_id text, p_version bigint, p_events jsonb, p_entries jsonb)
RETURNS bytea
LANGUAGE sql IMMUTABLE
AS $$
    SELECT sha256(p_prev_hash || convert_to(jsonb_build_array(
        p_line_id, p_version, coalesce(p_events, '[]'), coalesce(p_entries, '[]'))::text, 'UTF8'))
$$;

-- Open the line when the append does, lock it, and refuse what may not be written.
CREATE FUNCTION core.claim_line(p_append jsonb) RETURNS core.lines
LANGUAGE plpgsql
AS $$
DECLARE
    v_line_id text := p_append ->> 'line_id';
    v_projection jsonb := p_append -> 'projection';
    v_new jsonb := p_append -> 'new_line';
    v_line core.lines;
    v_input_hash text;
BEGIN
    IF jsonb_typeof(v_new) = 'object' THEN
        INSERT INTO core.lines
               (line_id, customer_id, product_id, product_version, status, version, last_seq, limit_cents,
                opened_on, chain_hash)
        VALUES (v_line_id, v_new ->> 'customer_id', v_new ->> 'product_id', (v_new ->> 'product_version')::integer,
                v_projection ->> 'status', 0, 0, (v_projection ->> 'limit_cents')::bigint,
                (v_new ->> 'opened_on')::date, sha256(convert_to(v_line_id, 'UTF8')))
        ON CONFLICT DO NOTHING;
    END IF;

    SELECT * INTO v_line FROM core.lines WHERE line_id = v_line_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no line %', v_line_id USING ERRCODE = 'CL004';
    END IF;

    SELECT input_hash INTO v_input_hash
      FROM core.idempotency_keys WHERE line_id = v_line_id AND key = p_append ->> 'key';
    IF FOUND AND v_input_hash <> p_append ->> 'input_hash' THEN
        RAISE EXCEPTION 'key reused on line %', v_line_id USING ERRCODE = 'CL002';
    ELSIF FOUND OR v_line.version IS DISTINCT FROM (p_append ->> 'expected_version')::bigint THEN
        RAISE EXCEPTION 'line % is at version %', v_line_id, v_line.version USING ERRCODE = 'CL001';
    END IF;
    RETURN v_line;
END
$$;

-- New draws stay within the limit, by the engine's figures and by the balances of the journal alike; facts from
-- banks, disputes and decreases always post. The limit itself moves by an event alone.
CREATE FUNCTION core.check_limit(p_line core.lines, p_append jsonb) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_projection jsonb := p_append -> 'projection';
    v_limit bigint := coalesce((v_projection ->> 'limit_cents')::bigint, p_line.limit_cents);
    v_taken bigint;
BEGIN
    IF v_limit <> p_line.limit_cents AND NOT p_append @> '{"events": [{"type": "LimitChanged"}]}' THEN
        RAISE EXCEPTION 'the limit of line % moves by an event alone', p_line.line_id USING ERRCODE = 'CL005';
    END IF;
    IF p_append @> '{"events": [{"type": "DrawRequested"}]}' THEN
        SELECT greatest(
                   (v_projection ->> 'principal_cents')::bigint + (v_projection ->> 'held_cents')::bigint,
                   sum(debit_cents - credit_cents))
          INTO v_taken
          FROM core.ledger_balances
         WHERE line_id = p_line.line_id
           AND (account, stage) IN (('principal_receivable', 'posted'), ('draws_held', 'pending'));
        IF v_taken > v_limit THEN
            RAISE EXCEPTION 'a new draw would pass the limit of line %', p_line.line_id USING ERRCODE = 'CL003';
        END IF;
    END IF;
END
$$;

-- Write events, entries, postings and balances; returns the next link of the chain, over what was written.
CREATE FUNCTION core.write_journal(p_line core.lines, p_append jsonb) RETURNS bytea
LANGUAGE plpgsql
AS $$
DECLARE
    v_events jsonb;
    v_entries jsonb;
BEGIN
    WITH written AS (
        INSERT INTO core.events
               (line_id, seq, event_id, customer_id, line_version, type, version, effective_on, payload)
        SELECT p_line.line_id, p_line.last_seq + e.ordinality, e.item ->> 'event_id', p_line.customer_id,
               p_line.version + 1, e.item ->> 'type', (e.item ->> 'version')::integer,
               (e.item ->> 'effective_on')::date, e.item -> 'payload'
          FROM jsonb_array_elements(p_append -> 'events') WITH ORDINALITY AS e (item)
        RETURNING seq, event_id, type, version, effective_on, payload
    )
    SELECT jsonb_agg(core.canonical_event(event_id, type, version, effective_on, payload) ORDER BY seq)
      INTO v_events FROM written;

    IF p_append -> 'entries' <> '[]' THEN
        WITH entry AS (
            INSERT INTO core.entries
                   (line_id, entry_id, customer_id, line_version, position, kind, stage, effective_on, event_id,
                    reason)
            SELECT p_line.line_id, e.item ->> 'entry_id', p_line.customer_id, p_line.version + 1, e.ordinality,
                   e.item ->> 'kind', e.item ->> 'stage', (e.item ->> 'effective_on')::date,
                   e.item ->> 'event_id', e.item ->> 'reason'
              FROM jsonb_array_elements(p_append -> 'entries') WITH ORDINALITY AS e (item)
            RETURNING entry_id, position, kind, stage, effective_on, event_id, reason
        ), posting AS (
            INSERT INTO core.postings (line_id, entry_id, position, customer_id, account, side, amount_cents)
            SELECT p_line.line_id, e.item ->> 'entry_id', p.ordinality, p_line.customer_id,
                   p.item ->> 'account', p.item ->> 'side', (p.item ->> 'amount_cents')::bigint
              FROM jsonb_array_elements(p_append -> 'entries') AS e (item)
             CROSS JOIN LATERAL jsonb_array_elements(e.item -> 'postings') WITH ORDINALITY AS p (item)
            RETURNING entry_id, position, account, side, amount_cents
        ), balance AS (
            INSERT INTO core.ledger_balances AS t
                   (line_id, account, stage, customer_id, debit_cents, credit_cents)
            SELECT p_line.line_id, account, CASE stage WHEN 'posted' THEN 'posted' ELSE 'pending' END AS held,
                   p_line.customer_id, coalesce(sum(amount_cents) FILTER (WHERE side = 'debit'), 0),
                   coalesce(sum(amount_cents) FILTER (WHERE side = 'credit'), 0)
              FROM posting JOIN entry USING (entry_id)
             GROUP BY account, held
            ON CONFLICT (line_id, account, stage) DO UPDATE
               SET debit_cents = t.debit_cents + excluded.debit_cents,
                   credit_cents = t.credit_cents + excluded.credit_cents
        )
        SELECT jsonb_agg(core.canonical_entry(entry_id, kind, stage, effective_on, event_id, reason,
                   (SELECT jsonb_agg(jsonb_build_array(account, side, amount_cents) ORDER BY posting.position)
                      FROM posting WHERE posting.entry_id = entry.entry_id)) ORDER BY entry.position)
          INTO v_entries FROM entry;
    END IF;
    RETURN core.link_hash(p_line.chain_hash, p_line.line_id, p_line.version + 1, v_events, v_entries);
END
$$;

CREATE FUNCTION core.keep_rates(p_line core.lines, p_events jsonb) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO core.rates AS r (line_id, from_on, customer_id, apr_bp, seq)
    SELECT DISTINCT ON (from_on)
           p_line.line_id, (e.item ->> 'effective_on')::date AS from_on, p_line.customer_id,
           (e.item -> 'payload' ->> 'apr_bp')::integer, p_line.last_seq + e.ordinality
      FROM jsonb_array_elements(p_events) WITH ORDINALITY AS e (item)
     WHERE e.item ->> 'type' IN ('LineOpened', 'RateChanged') AND e.item -> 'payload' ->> 'apr_bp' IS NOT NULL
     ORDER BY from_on, e.ordinality DESC
    ON CONFLICT (line_id, from_on) DO UPDATE SET apr_bp = excluded.apr_bp, seq = excluded.seq;
END
$$;

CREATE FUNCTION core.keep_plans(p_line core.lines, p_events jsonb, p_plan_id text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE core.plans AS p
       SET ended_on = (e.item ->> 'effective_on')::date
      FROM jsonb_array_elements(p_events) AS e (item)
     WHERE e.item ->> 'type' IN ('PlanCancelled', 'PlanCompleted')
       AND p.line_id = p_line.line_id AND p.plan_id = e.item -> 'payload' ->> 'plan_id' AND p.ended_on IS NULL;
    INSERT INTO core.plans (line_id, plan_id, customer_id, started_on)
    SELECT p_line.line_id, e.item -> 'payload' ->> 'plan_id', p_line.customer_id, (e.item ->> 'effective_on')::date
      FROM jsonb_array_elements(p_events) AS e (item)
     WHERE e.item ->> 'type' = 'PlanEnrolled';
    -- A broken plan ends, and a cured one lives again, as the engine's projection says.
    UPDATE core.plans AS p
       SET ended_on = CASE WHEN p.plan_id = p_plan_id THEN NULL ELSE (p_events -> -1 ->> 'effective_on')::date END
     WHERE p.line_id = p_line.line_id
       AND (p.ended_on IS NULL) IS DISTINCT FROM coalesce(p.plan_id = p_plan_id, false);
END
$$;

CREATE FUNCTION core.write_heads(p_line core.lines, p_append jsonb) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF jsonb_typeof(p_append -> 'projection') = 'object' THEN
        INSERT INTO core.line_projection
               (line_id, customer_id, version, status, limit_cents, principal_cents, held_cents, owed_cents,
                rate_bp, disputed_cents, next_close_on, due_on, days_past_due, locked, plan_id)
        SELECT p_line.line_id, p_line.customer_id, p_line.version + 1, p.status, p.limit_cents,
               p.principal_cents, p.held_cents, p.owed_cents, p.rate_bp, p.disputed_cents, p.next_close_on,
               p.due_on, p.days_past_due, p.locked, p.plan_id
          FROM jsonb_to_record(p_append -> 'projection') AS p (
               status text, limit_cents bigint, principal_cents bigint, held_cents bigint, owed_cents bigint,
               rate_bp integer, disputed_cents bigint, next_close_on date, due_on date, days_past_due integer,
               locked boolean, plan_id text)
        ON CONFLICT (line_id) DO UPDATE
           SET version = excluded.version, status = excluded.status, limit_cents = excluded.limit_cents,
               principal_cents = excluded.principal_cents, held_cents = excluded.held_cents,
               owed_cents = excluded.owed_cents, rate_bp = excluded.rate_bp,
               disputed_cents = excluded.disputed_cents, next_close_on = excluded.next_close_on,
               due_on = excluded.due_on, days_past_due = excluded.days_past_due, locked = excluded.locked,
               plan_id = excluded.plan_id;
    END IF;

    INSERT INTO core.idempotency_keys (line_id, key, customer_id, input_hash, result, version)
    VALUES (p_line.line_id, p_append ->> 'key', p_line.customer_id, p_append ->> 'input_hash',
            p_append -> 'result', p_line.version + 1);

    IF p_append -> 'outbox' <> '[]' THEN
        INSERT INTO core.outbox (line_id, version, position, customer_id, topic, payload)
        SELECT p_line.line_id, p_line.version + 1, o.ordinality, p_line.customer_id, o.item ->> 'topic',
               o.item -> 'payload'
          FROM jsonb_array_elements(p_append -> 'outbox') WITH ORDINALITY AS o (item);
    END IF;
END
$$;

CREATE FUNCTION core.append_one(p_append jsonb, OUT version bigint, OUT chain_hash bytea)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    v_line core.lines := core.claim_line(p_append);
    v_projection jsonb := p_append -> 'projection';
BEGIN
    version := v_line.version + 1;
    chain_hash := core.write_journal(v_line, p_append);
    PERFORM core.check_limit(v_line, p_append);
    IF p_append @? '$.events[*].type ? (@ == "LineOpened" || @ == "RateChanged")' THEN
        PERFORM core.keep_rates(v_line, p_append -> 'events');
    END IF;
    IF p_append @? '$.events[*].type ? (@ starts with "Plan")' THEN
        PERFORM core.keep_plans(v_line, p_append -> 'events', v_projection ->> 'plan_id');
    END IF;
    PERFORM core.write_heads(v_line, p_append);
    INSERT INTO core.chain_links (line_id, version, customer_id, prev_hash, hash)
    VALUES (v_line.line_id, append_one.version, v_line.customer_id, v_line.chain_hash, append_one.chain_hash);
    UPDATE core.lines AS l
       SET version = append_one.version,
           chain_hash = append_one.chain_hash,
           last_seq = l.last_seq + jsonb_array_length(p_append -> 'events'),
           status = coalesce(v_projection ->> 'status', l.status),
           limit_cents = coalesce((v_projection ->> 'limit_cents')::bigint, l.limit_cents)
     WHERE l.line_id = v_line.line_id;
END
$$;

CREATE FUNCTION core.append(p_append jsonb, OUT version bigint, OUT chain_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
BEGIN
    SELECT * INTO version, chain_hash FROM core.append_one(p_append);
END
$$;

-- Lines are locked in id order, so that two batches do not wait for each other in a ring.
CREATE FUNCTION core.append_many(p_batch jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
DECLARE
    v_append jsonb;
    v_count bigint := 0;
BEGIN
    FOR v_append IN
        SELECT item FROM jsonb_array_elements(p_batch) WITH ORDINALITY AS b (item)
         ORDER BY item ->> 'line_id', ordinality
    LOOP
        PERFORM core.append_one(v_append);
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

-- The version whose link does not follow from the journal and the link before it; null when the chain holds.
CREATE FUNCTION core.first_broken_link(p_line_id text) RETURNS bigint
LANGUAGE sql STABLE SET search_path = core, pg_temp
AS $$
    WITH links AS (
        SELECT c.version, c.prev_hash, c.hash,
               lag(c.hash, 1, sha256(convert_to(p_line_id, 'UTF8'))) OVER (ORDER BY c.version) AS true_prev,
               row_number() OVER (ORDER BY c.version) AS nth
          FROM core.chain_links AS c WHERE c.line_id = p_line_id
    ), events AS (
        SELECT e.line_version, jsonb_agg(core.canonical_event(
                   e.event_id, e.type, e.version, e.effective_on, e.payload) ORDER BY e.seq) AS content
          FROM core.events AS e WHERE e.line_id = p_line_id GROUP BY e.line_version
    ), postings AS (
        SELECT p.entry_id, jsonb_agg(jsonb_build_array(p.account, p.side, p.amount_cents) ORDER BY p.position)
                   AS content
          FROM core.postings AS p WHERE p.line_id = p_line_id GROUP BY p.entry_id
    ), entries AS (
        SELECT e.line_version, jsonb_agg(core.canonical_entry(
                   e.entry_id, e.kind, e.stage, e.effective_on, e.event_id, e.reason, p.content)
                   ORDER BY e.position) AS content
          FROM core.entries AS e LEFT JOIN postings AS p USING (entry_id)
         WHERE e.line_id = p_line_id GROUP BY e.line_version
    )
    SELECT min(version) FROM (
        SELECT l.version
          FROM links AS l
          LEFT JOIN events ON events.line_version = l.version
          LEFT JOIN entries ON entries.line_version = l.version
         WHERE l.version <> l.nth OR l.prev_hash <> l.true_prev
            OR l.hash <> core.link_hash(l.prev_hash, p_line_id, l.version, events.content, entries.content)
        UNION ALL
        SELECT l.version FROM core.lines AS l
         WHERE l.line_id = p_line_id
           AND l.chain_hash IS DISTINCT FROM (SELECT hash FROM links ORDER BY version DESC LIMIT 1)
        UNION ALL
        SELECT coalesce(e.line_version, 0) FROM core.events AS e
         WHERE e.line_id = p_line_id AND e.line_version NOT IN (SELECT version FROM links)
    ) AS broken
$$;

-- One hash over all lines this identity sees.
CREATE FUNCTION core.root(OUT lines bigint, OUT root bytea)
LANGUAGE sql STABLE SET search_path = core, pg_temp
AS $$
    SELECT count(*), sha256(coalesce(string_agg(
               convert_to(l.line_id || ':' || l.version || ':', 'UTF8') || l.chain_hash, ''::bytea
               ORDER BY l.line_id), ''::bytea))
      FROM core.lines AS l
$$;

-- Payloads without what differs between two runs of the same day: ids.
CREATE FUNCTION core.without_ids(p_payload jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT regexp_replace(p_payload::text, '[a-z]+_[0-9a-hjkmnp-tv-z]{26}', '#', 'g')
$$;

-- A hash over what the books say, free of ids and of recorded_at, by which two runs can be compared.
CREATE FUNCTION core.content_digest() RETURNS bytea
LANGUAGE sql STABLE SET search_path = core, pg_temp
AS $$
    WITH said AS (
        SELECT e.line_id, sha256(convert_to(string_agg(
                   jsonb_build_array(e.type, e.version, e.effective_on)::text || core.without_ids(e.payload),
                   E'\n' ORDER BY e.seq), 'UTF8')) AS digest
          FROM core.events AS e GROUP BY e.line_id
    ), posted AS (
        SELECT e.line_id, sha256(convert_to(string_agg(
                   jsonb_build_array(e.kind, e.stage, e.effective_on, p.account, p.side, p.amount_cents)::text,
                   E'\n' ORDER BY e.line_version, e.position, p.position), 'UTF8')) AS digest
          FROM core.entries AS e JOIN core.postings AS p USING (line_id, entry_id) GROUP BY e.line_id
    ), per_line AS (
        SELECT coalesce(said.digest, ''::bytea) || coalesce(posted.digest, ''::bytea) AS digest
          FROM said FULL JOIN posted USING (line_id)
    )
    SELECT sha256(coalesce(string_agg(digest, ''::bytea ORDER BY digest), ''::bytea)) FROM per_line
$$;

-- Forget keys recorded before a date, no younger than 13 months.
CREATE FUNCTION core.forget_keys(p_before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
DECLARE
    v_count bigint;
BEGIN
    IF p_before > now() - interval '13 months' THEN
        RAISE EXCEPTION 'keys are kept 13 months' USING ERRCODE = 'CL005';
    END IF;
    DELETE FROM core.idempotency_keys WHERE recorded_at < p_before;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

REVOKE ALL ON FUNCTION core.append, core.append_many, core.append_one, core.claim_line, core.check_limit,
    core.write_journal, core.write_heads, core.keep_plans, core.keep_rates, core.forget_keys,
    core.check_balanced FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.append TO cashline_app, cashline_batch;
GRANT EXECUTE ON FUNCTION core.append_many, core.forget_keys TO cashline_batch;
