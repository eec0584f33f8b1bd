-- The allowance for expected losses: each day that is closed keeps what the lines owed by bucket of delinquency and what
-- of it is expected to be lost; the ledger books the change.

CREATE TABLE core.gl_allowances (
    booked_on       date NOT NULL,
    product_id      text NOT NULL,
    from_days       integer NOT NULL CHECK (from_days >= 0),
    lines           bigint NOT NULL,
    exposure_cents  bigint NOT NULL CHECK (exposure_cents >= 0),
    rate_bp         integer NOT NULL CHECK (rate_bp BETWEEN 0 AND 10000),
    allowance_cents bigint NOT NULL CHECK (allowance_cents BETWEEN 0 AND exposure_cents),
    PRIMARY KEY (booked_on, product_id, from_days)
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.gl_allowances
    FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.gl_allowances EXECUTE FUNCTION core.forbid();

-- Keep the allowance of the day that is about to be closed, and book by how much it changed. p_rates: [{"product_id": …,
-- "from_days": …, "rate_bp": …}, …]. A line counts with what it owes as far as it is folded: its projection, or its
-- balances less what it wrote since. After charge-off the line's own allowance is all it owes, so nothing is left of it.
-- A product without rates is refused: its bucket is null.
CREATE FUNCTION core.gl_provide(p_on date, p_rates jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
DECLARE
    v_last date;
    v_count bigint;
    v_accounts constant text[] := ARRAY['principal_receivable', 'interest_receivable', 'fees_receivable',
        'disputed_receivable', 'charge_off_allowance'];
BEGIN
    PERFORM core.gl_claim(p_on);
    SELECT max(booked_on) INTO v_last FROM core.gl_days;

    INSERT INTO core.gl_allowances
           (booked_on, product_id, from_days, lines, exposure_cents, rate_bp, allowance_cents)
    WITH rates AS MATERIALIZED (
        SELECT product_id, from_days, rate_bp,
               lead(from_days, 1, 2147483647) OVER (PARTITION BY product_id ORDER BY from_days) AS before_days
          FROM jsonb_to_recordset(p_rates) AS r (product_id text, from_days integer, rate_bp integer)
    ), ahead AS MATERIALIZED (
        SELECT l.line_id, w.version
          FROM core.gl_watermarks AS w JOIN core.lines AS l USING (line_id) WHERE l.version > w.version
    ), behind AS MATERIALIZED (
        SELECT line_id, sum(cents) AS cents
          FROM (SELECT a.line_id, b.debit_cents - b.credit_cents
                  FROM ahead AS a JOIN core.ledger_balances AS b USING (line_id)
                 WHERE b.account = ANY (v_accounts)
                 UNION ALL
                SELECT a.line_id, CASE p.side WHEN 'debit' THEN -p.amount_cents ELSE p.amount_cents END
                  FROM ahead AS a
                  JOIN core.entries AS e ON e.line_id = a.line_id AND e.line_version > a.version
                  JOIN core.postings AS p ON p.line_id = e.line_id AND p.entry_id = e.entry_id
                 WHERE p.account = ANY (v_accounts)) AS moved (line_id, cents)
         GROUP BY line_id
    ), owing AS (
        SELECT l.product_id, p.days_past_due,
               CASE WHEN l.version > w.version THEN coalesce(b.cents, 0)
                    WHEN p.status = 'charged_off' THEN 0 ELSE p.owed_cents END AS cents
          FROM core.gl_watermarks AS w
          JOIN core.lines AS l USING (line_id)
          JOIN core.line_projection AS p USING (line_id)
          LEFT JOIN behind AS b USING (line_id)
    ), by_days AS (
        SELECT product_id, days_past_due, count(*) AS lines, sum(cents) AS cents
          FROM owing WHERE cents > 0 GROUP BY product_id, days_past_due
    ), bucket AS (
        SELECT d.product_id, r.from_days, r.rate_bp, sum(d.lines) AS lines, sum(d.cents) AS cents
          FROM by_days AS d
          LEFT JOIN rates AS r
            ON r.product_id = d.product_id AND d.days_past_due >= r.from_days AND d.days_past_due < r.before_days
         GROUP BY d.product_id, r.from_days, r.rate_bp
    )
    SELECT p_on, product_id, from_days, lines, cents, rate_bp, round(cents * rate_bp / 10000.0) FROM bucket;
    GET DIAGNOSTICS v_count = ROW_COUNT;

    INSERT INTO core.gl_folds
           (booked_on, batch, product_id, kind, account, debit_cents, credit_cents, entries, postings)
    WITH change AS (
        SELECT product_id,
               sum(CASE booked_on WHEN p_on THEN allowance_cents ELSE -allowance_cents END)::bigint AS cents
          FROM core.gl_allowances WHERE booked_on IN (p_on, v_last) GROUP BY product_id
    )
    SELECT p_on, 0, c.product_id, 'allowance_changed', s.account,
           CASE WHEN (c.cents > 0) = (s.source = 'provision') THEN abs(c.cents) ELSE 0 END,
           CASE WHEN (c.cents > 0) = (s.source = 'provision') THEN 0 ELSE abs(c.cents) END, 0, 1
      FROM change AS c JOIN core.gl_sources AS s ON s.source IN ('provision', 'expected_losses')
     WHERE c.cents <> 0;
    RETURN v_count;
END
$$;

REVOKE ALL ON FUNCTION core.gl_provide FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.gl_provide TO cashline_batch;
GRANT SELECT ON core.gl_allowances TO cashline_batch;
