-- Batches by column. One document for thousands of appends was taken apart again for each table that it fed. Now each
-- column arrives as an array of its own and is read once; what belongs to an append names its place in the batch, and
-- heads that exist are updated without a try to insert them. The checks are those of core.append, asked of the whole
-- batch at once.

-- An event is one of a line and of the line's customer: looked up once per statement instead of once per row.
CREATE FUNCTION core.check_events() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_event_id text;
BEGIN
    SELECT a.event_id INTO v_event_id
      FROM added AS a
      LEFT JOIN LATERAL (SELECT customer_id FROM core.lines WHERE line_id = a.line_id LIMIT 1) AS l ON true
     WHERE l.customer_id IS DISTINCT FROM a.customer_id
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'event % is not of this line', v_event_id USING ERRCODE = 'CL005';
    END IF;
    RETURN NULL;
END
$$;
ALTER TABLE core.events DROP CONSTRAINT events_line_id_customer_id_fkey;
CREATE TRIGGER of_lines AFTER INSERT ON core.events
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION core.check_events();

-- Row by row through the indexes, whatever the statistics of the hour say.
CREATE OR REPLACE FUNCTION core.check_entries() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_entry_id text;
BEGIN
    SELECT a.entry_id INTO v_entry_id
      FROM added AS a
      LEFT JOIN LATERAL (
           SELECT entry_id FROM core.postings WHERE line_id = a.line_id AND entry_id = a.entry_id LIMIT 1) AS p ON true
      LEFT JOIN LATERAL (
           SELECT customer_id FROM core.events WHERE line_id = a.line_id AND event_id = a.event_id
            UNION ALL
           SELECT customer_id FROM core.lines WHERE line_id = a.line_id AND a.event_id IS NULL
            LIMIT 1) AS o ON true
     WHERE p.entry_id IS NULL OR o.customer_id IS DISTINCT FROM a.customer_id
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is not balanced, or not of this line', v_entry_id USING ERRCODE = 'CL005';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION core.check_postings() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_bad record;
BEGIN
    SELECT a.entry_id, a.difference INTO v_bad
      FROM (SELECT line_id, entry_id,
                   sum(CASE side WHEN 'debit' THEN amount_cents ELSE -amount_cents END) AS difference
              FROM added GROUP BY line_id, entry_id) AS a
      LEFT JOIN LATERAL (
           SELECT entry_id FROM core.entries WHERE line_id = a.line_id AND entry_id = a.entry_id LIMIT 1) AS e ON true
     WHERE a.difference <> 0 OR e.entry_id IS NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is not balanced: debits less credits %', v_bad.entry_id, v_bad.difference
            USING ERRCODE = 'CL005';
    END IF;
    RETURN NULL;
END
$$;

-- The head of a line, before its first version is written.
CREATE FUNCTION core.open_line(p_line_id text, p_new_line jsonb, p_projection jsonb) RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO core.lines
           (line_id, customer_id, product_id, product_version, status, version, last_seq, limit_cents,
            opened_on, chain_hash)
    VALUES (p_line_id, p_new_line ->> 'customer_id', p_new_line ->> 'product_id',
            (p_new_line ->> 'product_version')::integer, p_projection ->> 'status', 0, 0,
            (p_projection ->> 'limit_cents')::bigint, (p_new_line ->> 'opened_on')::date,
            sha256(convert_to(p_line_id, 'UTF8')))
    ON CONFLICT DO NOTHING
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
        PERFORM core.open_line(v_line_id, p_append -> 'new_line', v_projection);
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
    IF v_events @? '$[*].type ? (@ == "LineOpened" || @ == "RateChanged")' THEN
        PERFORM core.keep_rates(jsonb_build_array(p_append));
    END IF;
    IF v_events @? '$[*].type ? (@ starts with "Plan")' THEN
        PERFORM core.keep_plans(jsonb_build_array(p_append));
    END IF;
    version := v_line.version;
    chain_hash := v_line.chain_hash;
END
$$;

DROP FUNCTION core.append_batch(jsonb), core.claim_lines(jsonb), core.check_limit_moves(jsonb),
    core.write_batch(jsonb);

CREATE FUNCTION core.open_lines(p_heads json[], p_openings json[]) RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO core.lines
           (line_id, customer_id, product_id, product_version, status, version, last_seq, limit_cents,
            opened_on, chain_hash)
    SELECT h.line_id, o.customer_id, o.product_id, o.product_version::integer, h.status, 0, 0,
           h.limit_cents::bigint, o.opened_on::date, sha256(convert_to(h.line_id, 'UTF8'))
      FROM ROWS FROM (
           json_array_elements_text(p_openings[1]), json_array_elements_text(p_openings[2]),
           json_array_elements_text(p_openings[3]), json_array_elements_text(p_openings[4]),
           json_array_elements_text(p_openings[5]))
           AS o (n, customer_id, product_id, product_version, opened_on)
      JOIN ROWS FROM (
           json_array_elements_text(p_heads[1]), json_array_elements_text(p_heads[6]),
           json_array_elements_text(p_heads[7]))
           WITH ORDINALITY AS h (line_id, status, limit_cents, n) ON h.n = o.n::integer
     ORDER BY h.line_id
    ON CONFLICT DO NOTHING
$$;

-- Lock the lines in id order, so that two batches never wait for each other in a ring, and refuse what may not be
-- written. Returns, in the order of the batch, what the rest is written from.
CREATE FUNCTION core.claim_batch(
    p_line_ids text[], p_versions bigint[],
    OUT customer_ids text[], OUT last_seqs bigint[], OUT hashes bytea[], OUT limits bigint[],
    OUT first_refused integer)
LANGUAGE plpgsql
AS $$
DECLARE
    v_twice text;
BEGIN
    SELECT array_agg(l.customer_id ORDER BY a.n), array_agg(l.last_seq ORDER BY a.n),
           array_agg(l.chain_hash ORDER BY a.n), array_agg(l.limit_cents ORDER BY a.n),
           min(a.n) FILTER (WHERE l.version IS DISTINCT FROM a.version),
           min(a.line_id) FILTER (WHERE a.line_id = a.before)
      INTO customer_ids, last_seqs, hashes, limits, first_refused, v_twice
      FROM (SELECT b.*, lag(b.line_id) OVER (ORDER BY b.line_id) AS before
              FROM unnest(p_line_ids, p_versions) WITH ORDINALITY AS b (line_id, version, n)
             ORDER BY b.line_id) AS a
      LEFT JOIN LATERAL (
           SELECT * FROM core.lines AS h WHERE h.line_id = a.line_id FOR NO KEY UPDATE) AS l ON true;
    IF v_twice IS NOT NULL THEN
        RAISE EXCEPTION 'line % is in this batch twice', v_twice USING ERRCODE = 'CL005';
    END IF;
END
$$;

-- The limit of a line moves by an event alone. p_new_limits is null where nothing is said of the limit.
CREATE FUNCTION core.check_limit_moves(
    p_line_ids text[], p_limits bigint[], p_new_limits bigint[], p_owners integer[], p_types text[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_line_id text;
BEGIN
    SELECT p_line_ids[n] INTO v_line_id
      FROM generate_series(1, cardinality(p_line_ids)) AS n
     WHERE p_new_limits[n] <> p_limits[n]
       AND n NOT IN (SELECT e.n FROM unnest(p_owners, p_types) AS e (n, type) WHERE e.type = 'LimitChanged')
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the limit of line % moves by an event alone', v_line_id USING ERRCODE = 'CL005';
    END IF;
END
$$;

-- New draws stay within the limit, by the engine's figures and by the balances of the journal alike. Asked after
-- the batch is written.
CREATE FUNCTION core.check_draws(
    p_line_ids text[], p_limits bigint[], p_heads json[], p_owners integer[], p_types text[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_n integer;
BEGIN
    SELECT h.n INTO v_n
      FROM ROWS FROM (
           json_array_elements_text(p_heads[7]), json_array_elements_text(p_heads[8]),
           json_array_elements_text(p_heads[9]))
           WITH ORDINALITY AS h (limit_cents, principal_cents, held_cents, n)
     WHERE h.n IN (SELECT e.n FROM unnest(p_owners, p_types) AS e (n, type) WHERE e.type = 'DrawRequested')
       AND coalesce(h.limit_cents::bigint, p_limits[h.n]) < greatest(
           h.principal_cents::bigint + h.held_cents::bigint,
           (SELECT sum(b.debit_cents - b.credit_cents) FILTER (
                   WHERE (b.account, b.stage) IN (('principal_receivable', 'posted'), ('draws_held', 'pending')))
              FROM core.ledger_balances AS b
             WHERE b.line_id = p_line_ids[h.n]))
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a new draw would pass the limit of line %', p_line_ids[v_n] USING ERRCODE = 'CL003';
    END IF;
END
$$;

-- Of rows that lie one after the other, so many for each owner: whose each is, and its place among that owner's.
CREATE FUNCTION core.owners_of(p_counts integer[], OUT owners integer[], OUT positions integer[])
LANGUAGE sql IMMUTABLE
AS $$
    SELECT array_agg(c.owner), array_agg(i.position)
      FROM unnest(p_counts) WITH ORDINALITY AS c (count, owner)
     CROSS JOIN LATERAL generate_series(1, c.count) AS i (position)
$$;

-- Texts one after the other, so many for each owner, joined as the elements of one JSON array each.
CREATE FUNCTION core.joined(p_texts text[], p_counts integer[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    v_joined text[] := p_texts[1:0];
    v_text text;
    v_at integer := 0;
BEGIN
    FOR n IN 1 .. cardinality(p_counts) LOOP
        v_text := CASE WHEN p_counts[n] > 0 THEN p_texts[v_at + 1] END;
        FOR i IN v_at + 2 .. v_at + p_counts[n] LOOP
            v_text := v_text || ', ' || p_texts[i];
        END LOOP;
        v_at := v_at + p_counts[n];
        v_joined[n] := v_text;
    END LOOP;
    RETURN v_joined;
END
$$;

-- Events, entries, postings, balances, and the chain. The counts say which rows are whose; a row too many has no
-- line, a row too few no content, and either is refused for it. What is hashed is the text of what core.link_hash
-- takes.
CREATE FUNCTION core.write_journals(
    p_line_ids text[], p_versions bigint[], p_customer_ids text[], p_last_seqs bigint[], p_hashes bytea[],
    p_statuses text[], p_new_limits bigint[], p_event_counts integer[], p_entry_counts integer[], p_events json[],
    p_entries json[], p_postings json[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_event_ns integer[];
    v_event_positions integer[];
    v_event_ids text[] := ARRAY(SELECT * FROM json_array_elements_text(p_events[1]));
    v_event_types text[] := ARRAY(SELECT * FROM json_array_elements_text(p_events[2]));
    v_event_versions integer[] := ARRAY(SELECT v::integer FROM json_array_elements_text(p_events[3]) AS v);
    v_event_days date[] := ARRAY(SELECT d::date FROM json_array_elements_text(p_events[4]) AS d);
    v_payloads jsonb[] := ARRAY(SELECT p::text::jsonb FROM json_array_elements(p_events[5]) AS p);
    v_entry_ns integer[];
    v_entry_positions integer[];
    v_entry_ids text[] := ARRAY(SELECT * FROM json_array_elements_text(p_entries[1]));
    v_kinds text[] := ARRAY(SELECT * FROM json_array_elements_text(p_entries[2]));
    v_stages text[] := ARRAY(SELECT * FROM json_array_elements_text(p_entries[3]));
    v_entry_days date[] := ARRAY(SELECT d::date FROM json_array_elements_text(p_entries[4]) AS d);
    v_causes text[] := ARRAY(SELECT * FROM json_array_elements_text(p_entries[5]));
    v_reasons text[] := ARRAY(SELECT * FROM json_array_elements_text(p_entries[6]));
    v_posting_counts integer[] := ARRAY(SELECT c::integer FROM json_array_elements_text(p_entries[7]) AS c);
    v_posting_entries integer[];
    v_posting_positions integer[];
    v_accounts text[] := ARRAY(SELECT * FROM json_array_elements_text(p_postings[1]));
    v_sides text[] := ARRAY(SELECT * FROM json_array_elements_text(p_postings[2]));
    v_amounts bigint[] := ARRAY(SELECT a::bigint FROM json_array_elements_text(p_postings[3]) AS a);
    v_told text[];
    v_booked text[];
    v_new_hashes bytea[];
BEGIN
    SELECT * INTO v_event_ns, v_event_positions FROM core.owners_of(p_event_counts);
    SELECT * INTO v_entry_ns, v_entry_positions FROM core.owners_of(p_entry_counts);
    SELECT * INTO v_posting_entries, v_posting_positions FROM core.owners_of(v_posting_counts);

    INSERT INTO core.events
           (line_id, seq, event_id, customer_id, line_version, type, version, effective_on, payload)
    SELECT p_line_ids[n], p_last_seqs[n] + position, event_id, p_customer_ids[n], p_versions[n] + 1, type, version,
           effective_on, payload
      FROM unnest(v_event_ns, v_event_positions, v_event_ids, v_event_types, v_event_versions, v_event_days,
                  v_payloads) AS e (n, position, event_id, type, version, effective_on, payload);

    WITH entries_written AS (
        INSERT INTO core.entries
               (line_id, entry_id, customer_id, line_version, position, kind, stage, effective_on, event_id,
                reason)
        SELECT p_line_ids[n], entry_id, p_customer_ids[n], p_versions[n] + 1, position, kind, stage, effective_on,
               event_id, reason
          FROM unnest(v_entry_ns, v_entry_positions, v_entry_ids, v_kinds, v_stages, v_entry_days, v_causes, v_reasons)
               AS e (n, position, entry_id, kind, stage, effective_on, event_id, reason)
    )
    INSERT INTO core.postings (line_id, entry_id, position, customer_id, account, side, amount_cents)
    SELECT p_line_ids[v_entry_ns[e]], v_entry_ids[e], position, p_customer_ids[v_entry_ns[e]], account, side,
           amount_cents
      FROM unnest(v_posting_entries, v_posting_positions, v_accounts, v_sides, v_amounts)
           AS p (e, position, account, side, amount_cents);

    MERGE INTO core.ledger_balances AS t
    USING (SELECT p_line_ids[n] AS line_id, account, stage, p_customer_ids[n] AS customer_id,
                  coalesce(sum(amount_cents) FILTER (WHERE side = 'debit'), 0) AS debit_cents,
                  coalesce(sum(amount_cents) FILTER (WHERE side = 'credit'), 0) AS credit_cents
             FROM (SELECT v_entry_ns[e] AS n, account, side, amount_cents,
                          CASE v_stages[e] WHEN 'posted' THEN 'posted' ELSE 'pending' END AS stage
                     FROM unnest(v_posting_entries, v_accounts, v_sides, v_amounts)
                          AS p (e, account, side, amount_cents)) AS p
            GROUP BY n, account, stage) AS s
       ON t.line_id = s.line_id AND t.account = s.account AND t.stage = s.stage
     WHEN MATCHED THEN
          UPDATE SET debit_cents = t.debit_cents + s.debit_cents, credit_cents = t.credit_cents + s.credit_cents
     WHEN NOT MATCHED THEN
          INSERT (line_id, account, stage, customer_id, debit_cents, credit_cents)
          VALUES (s.line_id, s.account, s.stage, s.customer_id, s.debit_cents, s.credit_cents);

    SELECT array_agg(concat('[', to_json(event_id), ', ', to_json(type), ', ', version, ', ', to_json(effective_on),
                            ', ', payload, ']'))
      INTO v_told
      FROM unnest(v_event_ids, v_event_types, v_event_versions, v_event_days, v_payloads)
           AS e (event_id, type, version, effective_on, payload);
    SELECT array_agg(concat('[', to_json(account), ', ', to_json(side), ', ', amount_cents, ']'))
      INTO v_booked
      FROM unnest(v_accounts, v_sides, v_amounts) AS p (account, side, amount_cents);
    SELECT array_agg(concat('[', to_json(entry_id), ', ', to_json(kind), ', ', to_json(stage), ', ',
                            to_json(effective_on), ', ', coalesce(to_json(event_id)::text, 'null'), ', ',
                            to_json(reason), ', [', legs, ']]'))
      INTO v_booked
      FROM unnest(v_entry_ids, v_kinds, v_stages, v_entry_days, v_causes, v_reasons,
                  core.joined(v_booked, v_posting_counts))
           AS e (entry_id, kind, stage, effective_on, event_id, reason, legs);
    SELECT array_agg(sha256(prev_hash || convert_to(concat('[', to_json(line_id), ', ', version + 1, ', [', told, '], [',
                            booked, ']]'), 'UTF8')))
      INTO v_new_hashes
      FROM unnest(p_line_ids, p_versions, p_hashes, core.joined(v_told, p_event_counts),
                  core.joined(v_booked, p_entry_counts)) AS l (line_id, version, prev_hash, told, booked);

    INSERT INTO core.chain_links (line_id, version, customer_id, prev_hash, hash)
    SELECT line_id, version + 1, customer_id, prev_hash, hash
      FROM unnest(p_line_ids, p_versions, p_customer_ids, p_hashes, v_new_hashes)
           AS l (line_id, version, customer_id, prev_hash, hash);
    UPDATE core.lines AS l
       SET version = n.version + 1,
           chain_hash = n.hash,
           last_seq = l.last_seq + n.count,
           status = coalesce(n.status, l.status),
           limit_cents = coalesce(n.limit_cents, l.limit_cents)
      FROM unnest(p_line_ids, p_versions, v_new_hashes, p_event_counts, p_statuses, p_new_limits)
           AS n (line_id, version, hash, count, status, limit_cents)
     WHERE l.line_id = n.line_id;
END
$$;

-- A key that was used before stands in the way of the new one.
CREATE FUNCTION core.write_keys(
    p_line_ids text[], p_versions bigint[], p_customer_ids text[], p_keys text[], p_input_hashes text[],
    p_results json)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_used integer;
BEGIN
    INSERT INTO core.idempotency_keys (line_id, key, customer_id, input_hash, result, version)
    SELECT p_line_ids[r.n], p_keys[r.n], p_customer_ids[r.n], p_input_hashes[r.n], r.result::text::jsonb,
           p_versions[r.n] + 1
      FROM json_array_elements(p_results) WITH ORDINALITY AS r (result, n);
EXCEPTION WHEN unique_violation THEN
    SELECT min(a.n) INTO v_used
      FROM unnest(p_line_ids, p_keys) WITH ORDINALITY AS a (line_id, key, n)
      JOIN core.idempotency_keys AS k USING (line_id, key);
    PERFORM core.refuse(p_line_ids[v_used], p_keys[v_used], p_input_hashes[v_used]);
END
$$;

-- Projections and messages.
CREATE FUNCTION core.write_batch_heads(
    p_line_ids text[], p_versions bigint[], p_customer_ids text[], p_heads json[], p_messages json[])
RETURNS void
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    MERGE INTO core.line_projection AS t
    USING (SELECT p_line_ids[n] AS line_id, p_customer_ids[n] AS customer_id, p_versions[n] + 1 AS version,
                  status, limit_cents::bigint AS limit_cents, principal_cents::bigint AS principal_cents,
                  held_cents::bigint AS held_cents, owed_cents::bigint AS owed_cents, rate_bp::integer AS rate_bp,
                  disputed_cents::bigint AS disputed_cents, next_close_on::date AS next_close_on,
                  due_on::date AS due_on, days_past_due::integer AS days_past_due, locked::boolean AS locked, plan_id
             FROM ROWS FROM (
                  json_array_elements_text(p_heads[6]), json_array_elements_text(p_heads[7]),
                  json_array_elements_text(p_heads[8]), json_array_elements_text(p_heads[9]),
                  json_array_elements_text(p_heads[10]), json_array_elements_text(p_heads[11]),
                  json_array_elements_text(p_heads[12]), json_array_elements_text(p_heads[13]),
                  json_array_elements_text(p_heads[14]), json_array_elements_text(p_heads[15]),
                  json_array_elements_text(p_heads[16]), json_array_elements_text(p_heads[17]))
                  WITH ORDINALITY AS h (
                  status, limit_cents, principal_cents, held_cents, owed_cents, rate_bp, disputed_cents,
                  next_close_on, due_on, days_past_due, locked, plan_id, n)
            WHERE status IS NOT NULL) AS s
       ON t.line_id = s.line_id
     WHEN MATCHED THEN
          UPDATE SET version = s.version, status = s.status, limit_cents = s.limit_cents,
                     principal_cents = s.principal_cents, held_cents = s.held_cents, owed_cents = s.owed_cents,
                     rate_bp = s.rate_bp, disputed_cents = s.disputed_cents, next_close_on = s.next_close_on,
                     due_on = s.due_on, days_past_due = s.days_past_due, locked = s.locked, plan_id = s.plan_id
     WHEN NOT MATCHED THEN
          INSERT (line_id, customer_id, version, status, limit_cents, principal_cents, held_cents, owed_cents,
                  rate_bp, disputed_cents, next_close_on, due_on, days_past_due, locked, plan_id)
          VALUES (s.line_id, s.customer_id, s.version, s.status, s.limit_cents, s.principal_cents, s.held_cents,
                  s.owed_cents, s.rate_bp, s.disputed_cents, s.next_close_on, s.due_on, s.days_past_due, s.locked,
                  s.plan_id);

    INSERT INTO core.outbox (line_id, version, position, customer_id, topic, payload)
    SELECT p_line_ids[n], p_versions[n] + 1, position, p_customer_ids[n], topic, payload::text::jsonb
      FROM (SELECT * FROM core.owners_of(ARRAY(SELECT c::integer FROM json_array_elements_text(p_heads[20]) AS c))) AS o,
           ROWS FROM (
           unnest(o.owners), unnest(o.positions), json_array_elements_text(p_messages[1]),
           json_array_elements(p_messages[2])) AS m (n, position, topic, payload);
END
$$;

-- Rates and plans of the lines whose events speak of them.
CREATE FUNCTION core.keep_terms(p_line_ids text[], p_heads json[], p_owners integer[], p_types text[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_batch jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('line_id', p_line_ids[h.n], 'projection',
                     CASE WHEN h.status IS NOT NULL THEN jsonb_build_object('plan_id', h.plan_id) END))
      INTO v_batch
      FROM ROWS FROM (json_array_elements_text(p_heads[6]), json_array_elements_text(p_heads[17]))
           WITH ORDINALITY AS h (status, plan_id, n)
     WHERE h.n IN (SELECT e.n
                     FROM unnest(p_owners, p_types) AS e (n, type)
                    WHERE e.type IN ('LineOpened', 'RateChanged') OR e.type LIKE 'Plan%');
    IF v_batch IS NOT NULL THEN
        PERFORM core.keep_rates(v_batch);
        PERFORM core.keep_plans(v_batch);
    END IF;
END
$$;

-- For lines that are all different; returns how many. Each argument is columns of equal length, as JSON arrays, with the
-- rows of the first append first:
-- p_heads     line_id, expected_version, key, input_hash, result, and the projection, null where there is none: status,
--             limit_cents, principal_cents, held_cents, owed_cents, rate_bp, disputed_cents, next_close_on, due_on,
--             days_past_due, locked, plan_id; and how many events, entries and messages are its own
-- p_events    event_id, type, version, effective_on, payload
-- p_entries   entry_id, kind, stage, effective_on, event_id, reason, and how many postings are its own
-- p_postings  account, side, amount_cents
-- p_messages  topic, payload
-- p_openings  the place of its append, from 1; customer_id, product_id, product_version, opened_on
DROP FUNCTION core.append_many(jsonb);
CREATE FUNCTION core.append_many(
    p_heads json[], p_events json[], p_entries json[], p_postings json[], p_messages json[], p_openings json[])
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET work_mem = '64MB'
AS $$
DECLARE
    v_line_ids text[] := ARRAY(SELECT * FROM json_array_elements_text(p_heads[1]));
    v_versions bigint[] := ARRAY(SELECT v::bigint FROM json_array_elements_text(p_heads[2]) AS v);
    v_keys text[] := ARRAY(SELECT * FROM json_array_elements_text(p_heads[3]));
    v_input_hashes text[] := ARRAY(SELECT * FROM json_array_elements_text(p_heads[4]));
    v_statuses text[] := ARRAY(SELECT * FROM json_array_elements_text(p_heads[6]));
    v_new_limits bigint[] := ARRAY(SELECT v::bigint FROM json_array_elements_text(p_heads[7]) AS v);
    v_event_counts integer[] := ARRAY(SELECT c::integer FROM json_array_elements_text(p_heads[18]) AS c);
    v_entry_counts integer[] := ARRAY(SELECT c::integer FROM json_array_elements_text(p_heads[19]) AS c);
    v_owners integer[] := (core.owners_of(v_event_counts)).owners;
    v_types text[] := ARRAY(SELECT * FROM json_array_elements_text(p_events[2]));
    v_customer_ids text[];
    v_last_seqs bigint[];
    v_hashes bytea[];
    v_limits bigint[];
    v_first_refused integer;
BEGIN
    IF 0 > ANY (v_event_counts) THEN
        RAISE EXCEPTION 'no append has fewer than no events' USING ERRCODE = 'CL005';
    END IF;
    IF json_array_length(p_openings[1]) > 0 THEN
        PERFORM core.open_lines(p_heads, p_openings);
    END IF;
    SELECT * INTO v_customer_ids, v_last_seqs, v_hashes, v_limits, v_first_refused
      FROM core.claim_batch(v_line_ids, v_versions);
    IF v_first_refused IS NOT NULL THEN
        PERFORM core.refuse(v_line_ids[v_first_refused], v_keys[v_first_refused], v_input_hashes[v_first_refused]);
    END IF;
    PERFORM core.write_keys(v_line_ids, v_versions, v_customer_ids, v_keys, v_input_hashes, p_heads[5]);
    IF v_new_limits <> v_limits THEN
        PERFORM core.check_limit_moves(v_line_ids, v_limits, v_new_limits, v_owners, v_types);
    END IF;
    PERFORM core.write_journals(
        v_line_ids, v_versions, v_customer_ids, v_last_seqs, v_hashes, v_statuses, v_new_limits, v_event_counts,
        v_entry_counts, p_events, p_entries, p_postings);
    PERFORM core.write_batch_heads(v_line_ids, v_versions, v_customer_ids, p_heads, p_messages);
    IF 'DrawRequested' = ANY (v_types) THEN
        PERFORM core.check_draws(v_line_ids, v_limits, p_heads, v_owners, v_types);
    END IF;
    IF 'LineOpened' = ANY (v_types) OR 'RateChanged' = ANY (v_types)
       OR EXISTS (SELECT FROM unnest(v_types) AS type WHERE type LIKE 'Plan%') THEN
        PERFORM core.keep_terms(v_line_ids, p_heads, v_owners, v_types);
    END IF;
    RETURN cardinality(v_line_ids);
END
$$;

REVOKE ALL ON FUNCTION core.append_many, core.check_events, core.open_line, core.open_lines, core.claim_batch,
    core.check_limit_moves, core.check_draws, core.write_journals,
    core.write_batch_heads, core.write_keys, core.keep_terms, core.owners_of, core.joined FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.append_many TO cashline_batch;
