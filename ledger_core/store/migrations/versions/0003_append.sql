-- The one way into the books. core.append (one line) and core.append_many (a batch of different lines) run the
-- same set-based function: it locks the lines in id order, checks key, version and limit, writes, and extends the
-- chain. It runs as the owner under forced row-level security, so that the caller's identity decides which lines
-- exist. Errors: CL001 version, CL002 key reused, CL003 over limit, CL004 no such line, CL005 refused.

CREATE FUNCTION core.batch_items(p_batch jsonb)
RETURNS TABLE (
    line_id text, expected_version bigint, key text, input_hash text, result jsonb,
    events jsonb, entries jsonb, outbox jsonb, projection jsonb, new_line jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT * FROM jsonb_to_recordset(p_batch) AS item (
        line_id text, expected_version bigint, key text, input_hash text, result jsonb,
        events jsonb, entries jsonb, outbox jsonb, projection jsonb, new_line jsonb)
$$;

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

CREATE FUNCTION core.check_batch(p_batch jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = core, pg_temp
AS $$
DECLARE
    v_bad record;
BEGIN
    SELECT b.line_id, l.line_id AS found, l.version, b.expected_version, k.input_hash = b.input_hash AS same_input
      INTO v_bad
      FROM core.batch_items(p_batch) AS b
      LEFT JOIN core.lines AS l ON l.line_id = b.line_id
      LEFT JOIN core.idempotency_keys AS k ON k.line_id = b.line_id AND k.key = b.key
     WHERE l.line_id IS NULL OR k.key IS NOT NULL OR l.version IS DISTINCT FROM b.expected_version
     ORDER BY l.line_id IS NULL DESC, same_input ASC NULLS LAST, b.line_id
     LIMIT 1;
    IF FOUND THEN
        IF v_bad.found IS NULL THEN
            RAISE EXCEPTION 'no line %', v_bad.line_id USING ERRCODE = 'CL004';
        ELSIF v_bad.same_input = false THEN
            RAISE EXCEPTION 'key reused on line %', v_bad.line_id USING ERRCODE = 'CL002';
        END IF;
        RAISE EXCEPTION 'line % is at version %, not %', v_bad.line_id, v_bad.version, v_bad.expected_version
            USING ERRCODE = 'CL001';
    END IF;

    SELECT b.line_id,
           p.principal_cents + p.held_cents > p.limit_cents
             AND jsonb_path_exists(b.events, '$[*] ? (@.type == "DrawRequested")') AS over_limit
      INTO v_bad
      FROM core.batch_items(p_batch) AS b
      JOIN core.lines AS l ON l.line_id = b.line_id
     CROSS JOIN LATERAL jsonb_to_record(b.projection)
        AS p (principal_cents bigint, held_cents bigint, limit_cents bigint)
     WHERE (p.principal_cents + p.held_cents > p.limit_cents
            AND jsonb_path_exists(b.events, '$[*] ? (@.type == "DrawRequested")'))
        OR (p.limit_cents <> l.limit_cents
            AND NOT jsonb_path_exists(b.events, '$[*] ? (@.type == "LimitChanged" || @.type == "LineOpened")'))
     LIMIT 1;
    IF FOUND THEN
        IF v_bad.over_limit THEN
            RAISE EXCEPTION 'a new draw would pass the limit of line %', v_bad.line_id USING ERRCODE = 'CL003';
        END IF;
        RAISE EXCEPTION 'the limit of line % moves by an event alone', v_bad.line_id USING ERRCODE = 'CL005';
    END IF;
END
$$;

CREATE FUNCTION core.keep_plans(p_batch jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = core, pg_temp
AS $$
BEGIN
    UPDATE core.plans AS p
       SET ended_on = (e.item ->> 'effective_on')::date
      FROM core.batch_items(p_batch) AS b, jsonb_array_elements(b.events) AS e (item)
     WHERE e.item ->> 'type' IN ('PlanCancelled', 'PlanCompleted')
       AND p.line_id = b.line_id AND p.plan_id = e.item -> 'payload' ->> 'plan_id' AND p.ended_on IS NULL;
    INSERT INTO core.plans (line_id, plan_id, customer_id, started_on)
    SELECT l.line_id, e.item -> 'payload' ->> 'plan_id', l.customer_id, (e.item ->> 'effective_on')::date
      FROM core.batch_items(p_batch) AS b
      JOIN core.lines AS l ON l.line_id = b.line_id
     CROSS JOIN LATERAL jsonb_array_elements(b.events) AS e (item)
     WHERE e.item ->> 'type' = 'PlanEnrolled';
    -- A broken plan ends, and a cured one lives again, as the engine's projection says.
    UPDATE core.plans AS p
       SET ended_on = CASE WHEN p.plan_id = b.projection ->> 'plan_id' THEN NULL
                           ELSE (b.events -> -1 ->> 'effective_on')::date END
      FROM core.batch_items(p_batch) AS b
     WHERE p.line_id = b.line_id
       AND b.projection IS NOT NULL
       AND (p.ended_on IS NULL) IS DISTINCT FROM coalesce(p.plan_id = b.projection ->> 'plan_id', false);
END
$$;

CREATE FUNCTION core.keep_rates(p_batch jsonb) RETURNS void
LANGUAGE sql SET search_path = core, pg_temp
AS $$
    INSERT INTO core.rates AS r (line_id, from_on, customer_id, apr_bp, seq)
    SELECT DISTINCT ON (l.line_id, from_on)
           l.line_id, (e.item ->> 'effective_on')::date AS from_on, l.customer_id,
           (e.item -> 'payload' ->> 'apr_bp')::integer, l.last_seq + e.ordinality
      FROM core.batch_items(p_batch) AS b
      JOIN core.lines AS l ON l.line_id = b.line_id
     CROSS JOIN LATERAL jsonb_array_elements(b.events) WITH ORDINALITY AS e (item)
     WHERE e.item ->> 'type' IN ('LineOpened', 'RateChanged') AND e.item -> 'payload' ->> 'apr_bp' IS NOT NULL
     ORDER BY l.line_id, from_on, e.ordinality DESC
    ON CONFLICT (line_id, from_on) DO UPDATE SET apr_bp = excluded.apr_bp, seq = excluded.seq
$$;

CREATE FUNCTION core.write_journal(p_batch jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = core, pg_temp
AS $$
BEGIN
    INSERT INTO core.events
           (line_id, seq, event_id, customer_id, line_version, type, version, effective_on, payload)
    SELECT l.line_id, l.last_seq + e.ordinality, e.item ->> 'event_id', l.customer_id, l.version + 1,
           e.item ->> 'type', (e.item ->> 'version')::integer, (e.item ->> 'effective_on')::date,
           e.item -> 'payload'
      FROM core.batch_items(p_batch) AS b
      JOIN core.lines AS l ON l.line_id = b.line_id
     CROSS JOIN LATERAL jsonb_array_elements(b.events) WITH ORDINALITY AS e (item);

    INSERT INTO core.entries
           (line_id, entry_id, customer_id, line_version, position, kind, stage, effective_on, event_id, reason)
    SELECT l.line_id, e.item ->> 'entry_id', l.customer_id, l.version + 1, e.ordinality, e.item ->> 'kind',
           e.item ->> 'stage', (e.item ->> 'effective_on')::date, e.item ->> 'event_id', e.item ->> 'reason'
      FROM core.batch_items(p_batch) AS b
      JOIN core.lines AS l ON l.line_id = b.line_id
     CROSS JOIN LATERAL jsonb_array_elements(b.entries) WITH ORDINALITY AS e (item);

    WITH written AS (
        INSERT INTO core.postings (line_id, entry_id, position, customer_id, account, side, amount_cents)
        SELECT l.line_id, e.item ->> 'entry_id', p.ordinality, l.customer_id, p.item ->> 'account',
               p.item ->> 'side', (p.item ->> 'amount_cents')::bigint
          FROM core.batch_items(p_batch) AS b
          JOIN core.lines AS l ON l.line_id = b.line_id
         CROSS JOIN LATERAL jsonb_array_elements(b.entries) AS e (item)
         CROSS JOIN LATERAL jsonb_array_elements(e.item -> 'postings') WITH ORDINALITY AS p (item)
        RETURNING line_id, entry_id, customer_id, account, side, amount_cents
    ), staged AS (
        SELECT b.line_id, e.item ->> 'entry_id' AS entry_id,
               CASE e.item ->> 'stage' WHEN 'posted' THEN 'posted' ELSE 'pending' END AS stage
          FROM core.batch_items(p_batch) AS b
         CROSS JOIN LATERAL jsonb_array_elements(b.entries) AS e (item)
    )
    INSERT INTO core.ledger_balances AS t (line_id, account, stage, customer_id, debit_cents, credit_cents)
    SELECT w.line_id, w.account, s.stage, w.customer_id,
           coalesce(sum(w.amount_cents) FILTER (WHERE w.side = 'debit'), 0),
           coalesce(sum(w.amount_cents) FILTER (WHERE w.side = 'credit'), 0)
      FROM written AS w
      JOIN staged AS s USING (line_id, entry_id)
     GROUP BY w.line_id, w.account, s.stage, w.customer_id
     ORDER BY w.line_id, w.account, s.stage
    ON CONFLICT (line_id, account, stage) DO UPDATE
       SET debit_cents = t.debit_cents + excluded.debit_cents,
           credit_cents = t.credit_cents + excluded.credit_cents;
END
$$;

CREATE FUNCTION core.write_heads(p_batch jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = core, pg_temp
AS $$
BEGIN
    INSERT INTO core.line_projection AS t
           (line_id, customer_id, version, status, limit_cents, principal_cents, held_cents, owed_cents, rate_bp,
            disputed_cents, next_close_on, due_on, days_past_due, locked, plan_id)
    SELECT l.line_id, l.customer_id, l.version + 1, p.status, p.limit_cents, p.principal_cents, p.held_cents,
           p.owed_cents, p.rate_bp, p.disputed_cents, p.next_close_on, p.due_on, p.days_past_due, p.locked,
           p.plan_id
      FROM core.batch_items(p_batch) AS b
      JOIN core.lines AS l ON l.line_id = b.line_id
     CROSS JOIN LATERAL jsonb_to_record(b.projection) AS p (
           status text, limit_cents bigint, principal_cents bigint, held_cents bigint, owed_cents bigint,
           rate_bp integer, disputed_cents bigint, next_close_on date, due_on date, days_past_due integer,
           locked boolean, plan_id text)
     WHERE b.projection IS NOT NULL
    ON CONFLICT (line_id) DO UPDATE
       SET version = excluded.version, status = excluded.status, limit_cents = excluded.limit_cents,
           principal_cents = excluded.principal_cents, held_cents = excluded.held_cents,
           owed_cents = excluded.owed_cents, rate_bp = excluded.rate_bp,
           disputed_cents = excluded.disputed_cents, next_close_on = excluded.next_close_on,
           due_on = excluded.due_on, days_past_due = excluded.days_past_due, locked = excluded.locked,
           plan_id = excluded.plan_id;

    INSERT INTO core.idempotency_keys (line_id, key, customer_id, input_hash, result, version)
    SELECT l.line_id, b.key, l.customer_id, b.input_hash, b.result, l.version + 1
      FROM core.batch_items(p_batch) AS b
      JOIN core.lines AS l ON l.line_id = b.line_id;

    INSERT INTO core.outbox (line_id, version, position, customer_id, topic, payload)
    SELECT l.line_id, l.version + 1, o.ordinality, l.customer_id, o.item ->> 'topic', o.item -> 'payload'
      FROM core.batch_items(p_batch) AS b
      JOIN core.lines AS l ON l.line_id = b.line_id
     CROSS JOIN LATERAL jsonb_array_elements(b.outbox) WITH ORDINALITY AS o (item);

    WITH content AS (
        SELECT b.line_id,
               (SELECT jsonb_agg(core.canonical_event(
                        e.item ->> 'event_id', e.item ->> 'type', (e.item ->> 'version')::integer,
                        (e.item ->> 'effective_on')::date, e.item -> 'payload') ORDER BY e.ordinality)
                  FROM jsonb_array_elements(b.events) WITH ORDINALITY AS e (item)) AS events,
               (SELECT jsonb_agg(core.canonical_entry(
                        e.item ->> 'entry_id', e.item ->> 'kind', e.item ->> 'stage',
                        (e.item ->> 'effective_on')::date, e.item ->> 'event_id', e.item ->> 'reason',
                        (SELECT jsonb_agg(jsonb_build_array(
                                p.item ->> 'account', p.item ->> 'side', (p.item ->> 'amount_cents')::bigint)
                                ORDER BY p.ordinality)
                           FROM jsonb_array_elements(e.item -> 'postings') WITH ORDINALITY AS p (item)))
                        ORDER BY e.ordinality)
                  FROM jsonb_array_elements(b.entries) WITH ORDINALITY AS e (item)) AS entries
          FROM core.batch_items(p_batch) AS b
    )
    INSERT INTO core.chain_links (line_id, version, customer_id, prev_hash, hash)
    SELECT l.line_id, l.version + 1, l.customer_id, l.chain_hash,
           core.link_hash(l.chain_hash, l.line_id, l.version + 1, c.events, c.entries)
      FROM content AS c
      JOIN core.lines AS l ON l.line_id = c.line_id;
END
$$;

CREATE FUNCTION core.append_set(p_batch jsonb)
RETURNS TABLE (line_id text, version bigint, chain_hash bytea)
LANGUAGE plpgsql SET search_path = core, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF (SELECT count(*) <> count(DISTINCT b.line_id) FROM core.batch_items(p_batch) AS b) THEN
        RAISE EXCEPTION 'a batch holds each line once' USING ERRCODE = 'CL005';
    END IF;

    INSERT INTO core.lines AS l
           (line_id, customer_id, product_id, product_version, status, version, last_seq, limit_cents,
            opened_on, chain_hash)
    SELECT b.line_id, n.customer_id, n.product_id, n.product_version, b.projection ->> 'status', 0, 0,
           (b.projection ->> 'limit_cents')::bigint, n.opened_on, sha256(convert_to(b.line_id, 'UTF8'))
      FROM core.batch_items(p_batch) AS b
     CROSS JOIN LATERAL jsonb_to_record(b.new_line)
        AS n (customer_id text, product_id text, product_version integer, opened_on date)
     WHERE b.new_line IS NOT NULL
     ORDER BY b.line_id
    ON CONFLICT DO NOTHING;

    PERFORM 1 FROM core.lines AS l
      WHERE l.line_id IN (SELECT b.line_id FROM core.batch_items(p_batch) AS b)
      ORDER BY l.line_id FOR UPDATE;

    PERFORM core.check_batch(p_batch);
    PERFORM core.write_journal(p_batch);
    IF jsonb_path_exists(p_batch, '$[*].events[*] ? (@.type == "LineOpened" || @.type == "RateChanged")') THEN
        PERFORM core.keep_rates(p_batch);
    END IF;
    IF jsonb_path_exists(p_batch, '$[*].events[*] ? (@.type starts with "Plan")') THEN
        PERFORM core.keep_plans(p_batch);
    END IF;
    PERFORM core.write_heads(p_batch);

    RETURN QUERY
    UPDATE core.lines AS l
       SET version = l.version + 1,
           last_seq = l.last_seq + jsonb_array_length(b.events),
           status = coalesce(b.projection ->> 'status', l.status),
           limit_cents = coalesce((b.projection ->> 'limit_cents')::bigint, l.limit_cents),
           chain_hash = c.hash
      FROM core.batch_items(p_batch) AS b, core.chain_links AS c
     WHERE l.line_id = b.line_id AND c.line_id = l.line_id AND c.version = l.version + 1
    RETURNING l.line_id, l.version, l.chain_hash;
END
$$;

CREATE FUNCTION core.append(p_append jsonb, OUT version bigint, OUT chain_hash bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
    SELECT s.version, s.chain_hash FROM core.append_set(jsonb_build_array(p_append)) AS s
$$;

CREATE FUNCTION core.append_many(p_batch jsonb) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
    SELECT count(*) FROM core.append_set(p_batch)
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

REVOKE ALL ON FUNCTION core.append, core.append_many, core.append_set, core.check_batch, core.write_journal,
    core.write_heads, core.keep_plans, core.keep_rates, core.forget_keys, core.check_balanced FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.append TO cashline_app, cashline_batch;
GRANT EXECUTE ON FUNCTION core.append_many, core.forget_keys TO cashline_batch;
