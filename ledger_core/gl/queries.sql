-- Queries of the general ledger, under the batch role.

-- keep_chart --
SELECT core.gl_keep_chart(CAST(:accounts AS jsonb))

-- open_days --
-- The days to close, in order: one that a crash left open, then :on; none when it is closed.
SELECT DISTINCT day
  FROM (SELECT r.booked_on AS day FROM core.gl_ranges AS r
         WHERE r.booked_on > (SELECT coalesce(max(booked_on), '-infinity') FROM core.gl_days)
         UNION ALL
        SELECT CAST(:on AS date)) AS days
 WHERE day <= :on AND NOT EXISTS (SELECT FROM core.gl_days WHERE booked_on >= day)
 ORDER BY day

-- fold --
SELECT last_line, lines, postings FROM core.gl_fold(:on, :after, :lines)

-- adjust --
SELECT core.gl_adjust(:on, CAST(:changes AS jsonb))

-- provide --
SELECT core.gl_provide(:on, CAST(:rates AS jsonb))

-- close_day --
SELECT entries FROM core.gl_close_day(:on)

-- unbilled_of_corrected --
-- Lines whose accruals were corrected after the last closed day, or whose statement took corrections back, with the
-- interest not yet billed as it is booked.
WITH corrected AS (
    SELECT line_id FROM core.accrual_corrections
     WHERE corrected_on > (SELECT coalesce(max(booked_on), '-infinity') FROM core.gl_days)
     UNION
    SELECT line_id FROM core.gl_adjustments WHERE booked_on = :on AND flow = 'billed'
)
SELECT w.line_id, w.billed_through,
       (coalesce((SELECT sum(a.microcents) FROM core.accruals AS a
                   WHERE a.line_id = w.line_id
                     AND a.accrued_on BETWEEN coalesce(w.billed_through + 1, l.opened_on) AND :on), 0)
        + coalesce((SELECT sum(j.microcents) FROM core.gl_adjustments AS j
                     WHERE j.line_id = w.line_id), 0))::bigint AS microcents
  FROM corrected
  JOIN core.gl_watermarks AS w USING (line_id)
  JOIN core.lines AS l USING (line_id)

-- closed_days --
SELECT min(booked_on) AS first_day, max(booked_on) AS last_day FROM core.gl_days

-- balances --
-- Debits less credits per product and account through a day.
SELECT e.product_id, p.account,
       sum(CASE p.side WHEN 'debit' THEN p.amount_cents ELSE -p.amount_cents END)::bigint AS cents
  FROM core.gl_postings AS p JOIN core.gl_entries AS e USING (booked_on, number)
 WHERE p.booked_on <= :on
 GROUP BY e.product_id, p.account
 ORDER BY e.product_id, p.account

-- allowance --
SELECT product_id, from_days, lines, exposure_cents, rate_bp, allowance_cents
  FROM core.gl_allowances WHERE booked_on = :on ORDER BY product_id, from_days

-- journal --
-- The journal of a period, in the order of the export.
SELECT p.booked_on, p.number, p.position, e.product_id, e.kind, e.line_entries, p.account, p.side, p.amount_cents
  FROM core.gl_postings AS p JOIN core.gl_entries AS e USING (booked_on, number)
 WHERE p.booked_on BETWEEN :first_day AND :last_day
 ORDER BY p.booked_on, p.number, p.position

-- first_closed --
SELECT prev_hash FROM core.gl_days WHERE booked_on >= :on ORDER BY booked_on LIMIT 1

-- last_closed --
SELECT hash FROM core.gl_days WHERE booked_on <= :on ORDER BY booked_on DESC LIMIT 1
