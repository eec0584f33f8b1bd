-- The general ledger: what all lines posted, folded per business date, product, kind of entry and account. It knows
-- no customer. A day is folded in batches while it is open, and closed once; closed days never change, and what is
-- learned of them later is booked on the day that is open then.

CREATE TABLE core.gl_accounts (
    account     text PRIMARY KEY CHECK (account ~ '^[1-9][0-9]{3}$'),
    class       text NOT NULL CHECK (class IN ('asset', 'liability', 'income', 'expense', 'memorandum')),
    normal_side text NOT NULL CHECK (normal_side IN ('debit', 'credit'))
);

-- Where the postings of an account of the line ledgers go, and the entries that the general ledger makes itself.
CREATE TABLE core.gl_sources (
    source  text PRIMARY KEY,
    account text NOT NULL REFERENCES core.gl_accounts
);

-- Which versions of a line were folded, and on which day. A range begins where the last one ended, so that its key
-- alone refuses the same version twice.
CREATE TABLE core.gl_ranges (
    line_id      text NOT NULL,
    from_version bigint NOT NULL CHECK (from_version > 0),
    to_version   bigint NOT NULL,
    to_seq       bigint NOT NULL,
    booked_on    date NOT NULL,
    PRIMARY KEY (line_id, from_version),
    CHECK (to_version >= from_version)
);
CREATE INDEX gl_ranges_by_day ON core.gl_ranges (booked_on);

-- The end of the last range of each line, and the last day whose interest its folded statements have billed.
CREATE TABLE core.gl_watermarks (
    line_id        text PRIMARY KEY,
    version        bigint NOT NULL,
    seq            bigint NOT NULL,
    billed_through date
) WITH (fillfactor = 70);

-- What a batch folded. entries: how many entries of the lines have their first posting in it.
CREATE TABLE core.gl_folds (
    booked_on    date NOT NULL,
    batch        integer NOT NULL,
    product_id   text NOT NULL,
    kind         text NOT NULL,
    account      text NOT NULL REFERENCES core.gl_accounts,
    debit_cents  bigint NOT NULL CHECK (debit_cents >= 0),
    credit_cents bigint NOT NULL CHECK (credit_cents >= 0),
    entries      bigint NOT NULL,
    postings     bigint NOT NULL,
    PRIMARY KEY (booked_on, batch, product_id, kind, account)
);

-- Interest not yet billed, in micro-cents, as it moved in a batch.
CREATE TABLE core.gl_interest_folds (
    booked_on  date NOT NULL,
    batch      integer NOT NULL,
    product_id text NOT NULL,
    flow       text NOT NULL CHECK (flow IN ('accrued', 'corrected', 'billed')),
    microcents bigint NOT NULL,
    PRIMARY KEY (booked_on, batch, product_id, flow)
);

-- What later facts changed about the interest that a line has accrued and not been billed. A statement takes it back.
CREATE TABLE core.gl_adjustments (
    line_id    text NOT NULL,
    booked_on  date NOT NULL,
    flow       text NOT NULL CHECK (flow IN ('corrected', 'billed')),
    microcents bigint NOT NULL CHECK (microcents <> 0),
    PRIMARY KEY (line_id, booked_on, flow)
);

-- A closed day. hash: sha256 of the last closed day's and of what was booked.
CREATE TABLE core.gl_days (
    booked_on    date PRIMARY KEY,
    entries      bigint NOT NULL,
    debit_cents  bigint NOT NULL,
    credit_cents bigint NOT NULL,
    prev_hash    bytea NOT NULL,
    hash         bytea NOT NULL,
    closed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (debit_cents = credit_cents)
);

-- Interest accrued, corrected and billed since the books began, through that day.
CREATE TABLE core.gl_interest (
    booked_on            date NOT NULL REFERENCES core.gl_days DEFERRABLE INITIALLY DEFERRED,
    product_id           text NOT NULL,
    accrued_microcents   numeric(30) NOT NULL,
    corrected_microcents numeric(30) NOT NULL,
    billed_microcents    numeric(30) NOT NULL,
    PRIMARY KEY (booked_on, product_id)
);

-- The journal. line_entries: how many entries of the lines are folded into one.
CREATE TABLE core.gl_entries (
    booked_on    date NOT NULL REFERENCES core.gl_days DEFERRABLE INITIALLY DEFERRED,
    number       integer NOT NULL CHECK (number > 0),
    product_id   text NOT NULL,
    kind         text NOT NULL,
    line_entries bigint NOT NULL CHECK (line_entries >= 0),
    PRIMARY KEY (booked_on, number),
    UNIQUE (booked_on, product_id, kind)
);

CREATE TABLE core.gl_postings (
    booked_on    date NOT NULL,
    number       integer NOT NULL,
    position     integer NOT NULL CHECK (position > 0),
    account      text NOT NULL REFERENCES core.gl_accounts,
    side         text NOT NULL CHECK (side IN ('debit', 'credit')),
    amount_cents bigint NOT NULL CHECK (amount_cents > 0),
    PRIMARY KEY (booked_on, number, position),
    FOREIGN KEY (booked_on, number) REFERENCES core.gl_entries (booked_on, number)
);

-- What a reconciliation found, kept for the operators.
CREATE TABLE core.gl_reconciliations (
    reconciliation_id text PRIMARY KEY,
    reconciled_on     date NOT NULL,
    checked           jsonb NOT NULL,
    differences       integer NOT NULL CHECK (differences >= 0),
    recorded_at       timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE core.gl_differences (
    reconciliation_id text NOT NULL REFERENCES core.gl_reconciliations,
    position          integer NOT NULL CHECK (position > 0),
    check_name        text NOT NULL,
    about             text NOT NULL,
    line_id           text,
    what              text NOT NULL,
    unit              text NOT NULL CHECK (unit IN ('cents', 'microcents', 'count', 'text')),
    expected          text NOT NULL,
    found             text NOT NULL,
    PRIMARY KEY (reconciliation_id, position)
);

-- The roll-up reads what a line wrote since a version.
CREATE INDEX entries_by_version ON core.entries (line_id, line_version);

CREATE FUNCTION core.check_gl_balanced() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
DECLARE
    v_count integer;
    v_difference numeric;
BEGIN
    SELECT count(*), sum(CASE side WHEN 'debit' THEN amount_cents ELSE -amount_cents END)
      INTO v_count, v_difference
      FROM core.gl_postings WHERE booked_on = NEW.booked_on AND number = NEW.number;
    IF v_count < 2 OR v_difference <> 0 THEN
        RAISE EXCEPTION 'ledger entry % of % is not balanced: % postings, debits less credits %',
            NEW.number, NEW.booked_on, v_count, v_difference USING ERRCODE = 'CL005';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON core.gl_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION core.check_gl_balanced();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON core.gl_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION core.check_gl_balanced();

DO $$
DECLARE
    written_once text;
BEGIN
    FOREACH written_once IN ARRAY ARRAY['gl_accounts', 'gl_sources', 'gl_ranges', 'gl_folds', 'gl_interest_folds',
        'gl_adjustments', 'gl_days', 'gl_interest', 'gl_entries', 'gl_postings', 'gl_reconciliations',
        'gl_differences']
    LOOP
        EXECUTE format('CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.%I
            FOR EACH ROW EXECUTE FUNCTION core.forbid()', written_once);
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.%I
            EXECUTE FUNCTION core.forbid()', written_once);
    END LOOP;
END
$$;

-- Keep the chart that the code declares. Accounts are added; what is there stays what it is.
CREATE FUNCTION core.gl_keep_chart(p_accounts jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
DECLARE
    v_changed text;
BEGIN
    INSERT INTO core.gl_accounts (account, class, normal_side)
    SELECT a.account, a.class, a.normal_side
      FROM jsonb_to_recordset(p_accounts) AS a (account text, class text, normal_side text)
    ON CONFLICT DO NOTHING;
    INSERT INTO core.gl_sources (source, account)
    SELECT s.source, a.account
      FROM jsonb_to_recordset(p_accounts) AS a (account text, sources jsonb)
     CROSS JOIN LATERAL jsonb_array_elements_text(a.sources) AS s (source)
    ON CONFLICT DO NOTHING;
    SELECT a.account INTO v_changed
      FROM jsonb_to_recordset(p_accounts) AS a (account text, class text, normal_side text, sources jsonb)
      JOIN core.gl_accounts AS k USING (account)
     WHERE (k.class, k.normal_side) <> (a.class, a.normal_side)
        OR EXISTS (SELECT FROM jsonb_array_elements_text(a.sources) AS s (source)
                     JOIN core.gl_sources AS m USING (source) WHERE m.account <> a.account)
     ORDER BY a.account LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger account % was something else before: take a new number', v_changed
            USING ERRCODE = 'CL005';
    END IF;
END
$$;

-- One roller at a time; it sees every line, and books on no day that is closed.
CREATE FUNCTION core.gl_claim(p_on date) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_open date;
BEGIN
    IF current_setting('cashline.role', true) IS DISTINCT FROM 'system' THEN
        RAISE EXCEPTION 'the roll-up runs as the system, who sees all lines' USING ERRCODE = 'CL005';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('cashline.gl'));
    IF EXISTS (SELECT FROM core.gl_days WHERE booked_on >= p_on) THEN
        RAISE EXCEPTION 'ledger day % is closed', p_on USING ERRCODE = 'CL005';
    END IF;
    SELECT f.booked_on INTO v_open FROM core.gl_ranges AS f
     WHERE f.booked_on > (SELECT coalesce(max(booked_on), '-infinity') FROM core.gl_days) AND f.booked_on <> p_on
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger day % is still open', v_open USING ERRCODE = 'CL005';
    END IF;
END
$$;

CREATE FUNCTION core.gl_no_account(p_source text) RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'the chart has no ledger account for %', p_source USING ERRCODE = 'CL005';
END
$$;

-- Fold the next lines after p_after that wrote since their watermark, as far as the day p_on goes: a line stops before
-- its first version that holds something of a later day. One statement, so that all of it reads one snapshot.
-- last_line is null when no line is left.
CREATE FUNCTION core.gl_fold(
    p_on date, p_after text, p_lines integer, OUT last_line text, OUT lines bigint, OUT postings bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_batch integer;
BEGIN
    PERFORM core.gl_claim(p_on);
    SELECT coalesce(max(batch), 0) + 1 INTO v_batch
      FROM (SELECT batch FROM core.gl_folds WHERE booked_on = p_on
             UNION ALL SELECT batch FROM core.gl_interest_folds WHERE booked_on = p_on) AS earlier;

    WITH touched AS MATERIALIZED (
        SELECT l.line_id, l.product_id, l.version, coalesce(w.version, 0) AS rolled, coalesce(w.seq, 0) AS seq
          FROM core.lines AS l
          LEFT JOIN core.gl_watermarks AS w USING (line_id)
         WHERE l.line_id > p_after AND l.version > coalesce(w.version, 0)
         ORDER BY l.line_id
         LIMIT p_lines
    ), fresh AS MATERIALIZED (
        SELECT t.line_id, e.entry_id, e.line_version, e.kind, e.effective_on
          FROM touched AS t
          JOIN core.entries AS e ON e.line_id = t.line_id AND e.line_version > t.rolled
    ), news AS MATERIALIZED (
        SELECT t.line_id, e.seq, e.line_version, e.effective_on, e.type, e.payload
          FROM touched AS t JOIN core.events AS e ON e.line_id = t.line_id AND e.seq > t.seq
    ), too_new AS (
        SELECT line_id, min(line_version) AS line_version
          FROM (SELECT line_id, line_version FROM fresh WHERE effective_on > p_on
                 UNION ALL SELECT line_id, line_version FROM news WHERE effective_on > p_on) AS later
         GROUP BY line_id
    ), taken AS MATERIALIZED (
        SELECT t.line_id, t.product_id, t.rolled, t.seq, coalesce(n.line_version - 1, t.version) AS upto
          FROM touched AS t LEFT JOIN too_new AS n USING (line_id)
         WHERE coalesce(n.line_version - 1, t.version) > t.rolled
    ), known AS MATERIALIZED (
        SELECT k.line_id, k.product_id, n.seq, n.type, n.payload
          FROM taken AS k JOIN news AS n ON n.line_id = k.line_id AND n.line_version <= k.upto
    ), posted AS (
        SELECT k.product_id, f.kind, coalesce(s.account, core.gl_no_account(p.account)) AS account,
               coalesce(sum(p.amount_cents) FILTER (WHERE p.side = 'debit'), 0) AS debit_cents,
               coalesce(sum(p.amount_cents) FILTER (WHERE p.side = 'credit'), 0) AS credit_cents,
               count(*) FILTER (WHERE p.position = 1) AS entries, count(*) AS postings
          FROM taken AS k
          JOIN fresh AS f ON f.line_id = k.line_id AND f.line_version <= k.upto
          JOIN core.postings AS p ON p.line_id = f.line_id AND p.entry_id = f.entry_id
          LEFT JOIN core.gl_sources AS s ON s.source = p.account
         GROUP BY 1, 2, 3
    ), cashed AS (
        -- The money of a draw leaves the clearing account when the bank has it, and returns to it when it comes back.
        SELECT k.product_id, CASE k.type WHEN 'DrawSettled' THEN 'draw_paid_out' ELSE 'draw_sent_back' END AS kind,
               s.account, (k.type = 'DrawSettled') = (s.source = 'cash_clearing_draws') AS debit,
               sum(t.amount_cents) AS cents, count(*) AS postings,
               count(*) FILTER (WHERE s.source = 'cash') AS entries
          FROM known AS k
          JOIN core.transfers AS t
            ON t.line_id = k.line_id AND t.kind = 'draw' AND t.reference_id = k.payload ->> 'draw_id'
          JOIN core.gl_sources AS s ON s.source IN ('cash', 'cash_clearing_draws')
         WHERE k.type IN ('DrawSettled', 'DrawFailed') AND t.settled_on IS NOT NULL
           AND (k.type = 'DrawSettled' OR t.returned_on IS NOT NULL)
         GROUP BY 1, 2, 3, 4
    ), billed AS MATERIALIZED (
        SELECT b.line_id, b.product_id, b.through,
               coalesce((SELECT sum(a.microcents) FROM core.accruals AS a
                          WHERE a.line_id = b.line_id
                            AND a.accrued_on BETWEEN b.since AND b.through), 0)::bigint AS accrued,
               coalesce((SELECT sum(a.microcents) FROM core.gl_adjustments AS a
                          WHERE a.line_id = b.line_id), 0)::bigint AS adjusted
          FROM (SELECT line_id, product_id, min((payload ->> 'cycle_start')::date) AS since,
                       max((payload ->> 'cycle_end')::date) AS through
                  FROM known WHERE type = 'StatementIssued' GROUP BY 1, 2) AS b
    ), folded AS (
        INSERT INTO core.gl_folds
               (booked_on, batch, product_id, kind, account, debit_cents, credit_cents, entries, postings)
        SELECT p_on, v_batch, product_id, kind, account, debit_cents, credit_cents, entries, postings FROM posted
         UNION ALL
        SELECT p_on, v_batch, product_id, kind, account, CASE WHEN debit THEN cents ELSE 0 END,
               CASE WHEN debit THEN 0 ELSE cents END, entries, postings
          FROM cashed
    ), interest AS (
        INSERT INTO core.gl_interest_folds (booked_on, batch, product_id, flow, microcents)
        SELECT p_on, v_batch, product_id, 'billed', sum(accrued + adjusted) FROM billed GROUP BY product_id
    ), adjusted AS (
        INSERT INTO core.gl_adjustments (line_id, booked_on, flow, microcents)
        SELECT line_id, p_on, 'billed', -adjusted FROM billed WHERE adjusted <> 0
    ), ranges AS (
        INSERT INTO core.gl_ranges (line_id, from_version, to_version, to_seq, booked_on)
        SELECT k.line_id, k.rolled + 1, k.upto, coalesce(n.seq, k.seq), p_on
          FROM taken AS k
          LEFT JOIN (SELECT line_id, max(seq) AS seq FROM known GROUP BY line_id) AS n USING (line_id)
        RETURNING line_id, to_version, to_seq
    ), heads AS (
        INSERT INTO core.gl_watermarks AS w (line_id, version, seq, billed_through)
        SELECT r.line_id, r.to_version, r.to_seq, b.through FROM ranges AS r LEFT JOIN billed AS b USING (line_id)
        ON CONFLICT (line_id) DO UPDATE
           SET version = excluded.version, seq = excluded.seq,
               billed_through = coalesce(excluded.billed_through, w.billed_through)
    )
    SELECT (SELECT max(line_id) FROM touched), (SELECT count(*) FROM taken),
           (SELECT coalesce(sum(postings), 0) FROM posted)
      INTO last_line, lines, postings;
END
$$;

-- Book what later facts changed about interest not yet billed: [{"line_id": …, "microcents": …}, …]. A line that was
-- adjusted on that day is left as it is.
CREATE FUNCTION core.gl_adjust(p_on date, p_changes jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
DECLARE
    v_count bigint;
BEGIN
    PERFORM core.gl_claim(p_on);
    WITH changed AS (
        INSERT INTO core.gl_adjustments (line_id, booked_on, flow, microcents)
        SELECT c.line_id, p_on, 'corrected', c.microcents
          FROM jsonb_to_recordset(p_changes) AS c (line_id text, microcents bigint)
        ON CONFLICT DO NOTHING
        RETURNING line_id, microcents
    ), booked AS (
        INSERT INTO core.gl_interest_folds (booked_on, batch, product_id, flow, microcents)
        SELECT p_on, (SELECT coalesce(max(batch), 0) + 1 FROM core.gl_interest_folds WHERE booked_on = p_on),
               l.product_id, 'corrected', sum(c.microcents)
          FROM changed AS c JOIN core.lines AS l USING (line_id)
         GROUP BY l.product_id
    )
    SELECT count(*) INTO v_count FROM changed;
    RETURN v_count;
END
$$;

-- Micro-cents in whole cents; a half goes away from zero.
CREATE FUNCTION core.gl_cents(p_microcents numeric) RETURNS bigint
LANGUAGE sql IMMUTABLE
AS $$
    SELECT round(p_microcents / 1000000)::bigint
$$;

-- Add the day's interest to the running totals. In cents, accrued and corrected interest are the totals rounded, and
-- billed interest is what leaves the account at the rounded total of what is not yet billed.
CREATE FUNCTION core.gl_close_interest(p_on date, p_last date) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO core.gl_interest_folds (booked_on, batch, product_id, flow, microcents)
    SELECT p_on, 0, l.product_id, 'accrued', sum(a.microcents)
      FROM core.accruals AS a JOIN core.lines AS l USING (line_id)
     WHERE a.accrued_on > coalesce(p_last, '-infinity') AND a.accrued_on <= p_on
     GROUP BY l.product_id;

    INSERT INTO core.gl_interest
           (booked_on, product_id, accrued_microcents, corrected_microcents, billed_microcents)
    SELECT p_on, product_id, sum(accrued), sum(corrected), sum(billed)
      FROM (SELECT product_id, accrued_microcents, corrected_microcents, billed_microcents
              FROM core.gl_interest WHERE booked_on = p_last
             UNION ALL
            SELECT product_id, CASE flow WHEN 'accrued' THEN microcents ELSE 0 END,
                   CASE flow WHEN 'corrected' THEN microcents ELSE 0 END,
                   CASE flow WHEN 'billed' THEN microcents ELSE 0 END
              FROM core.gl_interest_folds WHERE booked_on = p_on)
           AS moved (product_id, accrued, corrected, billed)
     GROUP BY product_id;

    INSERT INTO core.gl_folds
           (booked_on, batch, product_id, kind, account, debit_cents, credit_cents, entries, postings)
    WITH totals AS (
        SELECT i.product_id, core.gl_cents(i.accrued_microcents) AS accrued,
               core.gl_cents(i.corrected_microcents) AS corrected,
               core.gl_cents(i.accrued_microcents + i.corrected_microcents - i.billed_microcents) AS unbilled,
               core.gl_cents(b.accrued_microcents) AS accrued_before,
               core.gl_cents(b.corrected_microcents) AS corrected_before,
               core.gl_cents(b.accrued_microcents + b.corrected_microcents - b.billed_microcents) AS unbilled_before
          FROM core.gl_interest AS i
          LEFT JOIN core.gl_interest AS b ON b.booked_on = p_last AND b.product_id = i.product_id
         WHERE i.booked_on = p_on
    ), moved AS (
        SELECT t.product_id, m.kind, m.cents
          FROM totals AS t
         CROSS JOIN LATERAL (VALUES
               ('interest_accrued', t.accrued - coalesce(t.accrued_before, 0)),
               ('accrual_corrected', t.corrected - coalesce(t.corrected_before, 0)),
               ('accrual_billed', (t.unbilled - t.accrued - t.corrected)
                   - coalesce(t.unbilled_before - t.accrued_before - t.corrected_before, 0))) AS m (kind, cents)
         WHERE m.cents <> 0
    )
    SELECT p_on, 0, m.product_id, m.kind, s.account,
           CASE WHEN (m.cents > 0) = (s.source = 'accrued_interest') THEN abs(m.cents) ELSE 0 END,
           CASE WHEN (m.cents > 0) = (s.source = 'accrued_interest') THEN 0 ELSE abs(m.cents) END, 0, 1
      FROM moved AS m JOIN core.gl_sources AS s ON s.source IN ('accrued_interest', 'accrued_income');
END
$$;

-- What a day booked, as one text: what its hash is of.
CREATE FUNCTION core.gl_content(p_on date) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(string_agg(jsonb_build_array(e.booked_on, e.number, e.product_id, e.kind, e.line_entries,
               p.position, p.account, p.side, p.amount_cents)::text, E'\n' ORDER BY e.number, p.position), '')
      FROM core.gl_entries AS e JOIN core.gl_postings AS p USING (booked_on, number)
     WHERE e.booked_on = p_on
$$;

-- Close the day: its folds become journal entries, and nothing is booked on it again.
CREATE FUNCTION core.gl_close_day(p_on date, OUT entries bigint, OUT debit_cents bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_last date;
    v_prev bytea;
BEGIN
    PERFORM core.gl_claim(p_on);
    SELECT booked_on, hash INTO v_last, v_prev FROM core.gl_days ORDER BY booked_on DESC LIMIT 1;
    PERFORM core.gl_close_interest(p_on, v_last);

    INSERT INTO core.gl_entries (booked_on, number, product_id, kind, line_entries)
    SELECT p_on, row_number() OVER (ORDER BY product_id, kind), product_id, kind, sum(entries)
      FROM core.gl_folds WHERE booked_on = p_on GROUP BY product_id, kind;
    INSERT INTO core.gl_postings (booked_on, number, position, account, side, amount_cents)
    SELECT p_on, e.number, row_number() OVER (PARTITION BY e.number ORDER BY m.side DESC, f.account), f.account,
           m.side, m.cents
      FROM (SELECT product_id, kind, account, sum(debit_cents)::bigint AS debit_cents,
                   sum(credit_cents)::bigint AS credit_cents
              FROM core.gl_folds WHERE booked_on = p_on GROUP BY product_id, kind, account) AS f
      JOIN core.gl_entries AS e ON e.booked_on = p_on AND e.product_id = f.product_id AND e.kind = f.kind
     CROSS JOIN LATERAL (VALUES ('debit', f.debit_cents), ('credit', f.credit_cents)) AS m (side, cents)
     WHERE m.cents > 0;

    SELECT count(DISTINCT number), coalesce(sum(amount_cents) FILTER (WHERE side = 'debit'), 0)
      INTO entries, debit_cents
      FROM core.gl_postings WHERE booked_on = p_on;
    v_prev := coalesce(v_prev, ''::bytea);
    INSERT INTO core.gl_days (booked_on, entries, debit_cents, credit_cents, prev_hash, hash)
    SELECT p_on, gl_close_day.entries, gl_close_day.debit_cents,
           coalesce(sum(amount_cents) FILTER (WHERE side = 'credit'), 0), v_prev,
           sha256(v_prev || convert_to(core.gl_content(p_on), 'UTF8'))
      FROM core.gl_postings WHERE booked_on = p_on;
END
$$;

REVOKE ALL ON FUNCTION core.gl_keep_chart, core.gl_claim, core.gl_no_account, core.gl_fold, core.gl_adjust,
    core.gl_close_interest, core.gl_close_day, core.check_gl_balanced FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.gl_keep_chart, core.gl_fold, core.gl_adjust, core.gl_close_day TO cashline_batch;
GRANT SELECT ON core.gl_accounts, core.gl_sources, core.gl_ranges, core.gl_watermarks, core.gl_folds,
    core.gl_interest_folds, core.gl_adjustments, core.gl_days, core.gl_interest, core.gl_entries, core.gl_postings,
    core.gl_reconciliations, core.gl_differences TO cashline_batch;
GRANT INSERT ON core.gl_reconciliations, core.gl_differences TO cashline_batch;
