-- Queries of the night. :today is the business date that opens, :closed the day that ended.

-- due --
-- Which lines the steps look at, in one pass. It may name a line too many: each step replays it and decides.
SELECT CASE WHEN c.military THEN 'close_covered' ELSE 'close' END AS what, p.line_id
  FROM core.line_projection AS p
  LEFT JOIN core.customers AS c ON c.customer_id = p.customer_id
 WHERE p.next_close_on <= :closed AND p.status <> 'closed'
 UNION ALL
SELECT DISTINCT 'receive', t.line_id FROM core.transfers AS t
 WHERE t.kind = 'payment' AND t.state IN ('created', 'submitted') AND t.effective_on <= :today
   AND NOT EXISTS (SELECT FROM core.events AS e
                    WHERE e.line_id = t.line_id AND e.type = 'PaymentReceived'
                      AND e.payload ->> 'payment_id' = t.reference_id)
 UNION ALL
-- By the projection, or by the statement where its minimum is already met.
SELECT 'autopay', d.line_id
  FROM (SELECT line_id FROM core.line_projection WHERE due_on = :today
         UNION
        SELECT line_id FROM core.statements WHERE due_on = :today) AS d
 WHERE EXISTS (SELECT FROM core.events AS e WHERE e.line_id = d.line_id AND e.type = 'AutopaySet')
 UNION ALL
SELECT 'late', line_id FROM core.line_projection
 WHERE due_on <= :today - :late_from AND owed_cents > 0 AND status NOT IN ('closed', 'charged_off')
 UNION ALL
SELECT 'plan', line_id FROM core.line_projection WHERE plan_id IS NOT NULL
 UNION ALL
SELECT DISTINCT 'hold', line_id FROM core.transfers
 WHERE kind = 'draw' AND state IN ('created', 'submitted') AND effective_on < :closed
 UNION ALL
SELECT 'dispute', line_id FROM core.line_projection WHERE disputed_cents > 0
 UNION ALL
SELECT 'closing', line_id FROM core.line_projection WHERE status = 'closing' AND owed_cents = 0
 UNION ALL
SELECT 'credit', line_id FROM core.ledger_balances
 WHERE account = 'customer_credit' AND stage = 'posted' AND credit_cents > debit_cents
 ORDER BY line_id, what

-- accrue --
-- Interest of the day that ended: undisputed principal out of the postings, rate out of the projection. A year
-- has 365 days; half a micro-cent rounds up. Lines that need more than that are accrued apart.
INSERT INTO core.accruals (line_id, accrued_on, bucket, customer_id, principal_cents, rate_bp, microcents)
SELECT p.line_id, :closed, 'standard', p.customer_id, b.debit_cents - b.credit_cents, p.rate_bp,
       (2 * (b.debit_cents - b.credit_cents) * p.rate_bp * 100 + 365) / 730
  FROM core.line_projection AS p
  JOIN core.ledger_balances AS b
    ON b.line_id = p.line_id AND b.account = 'principal_receivable' AND b.stage = 'posted'
 WHERE b.debit_cents > b.credit_cents
   AND p.rate_bp > 0
   AND p.status <> 'charged_off'
   AND NOT p.line_id = ANY (:apart)
ON CONFLICT DO NOTHING

-- accrue_apart --
-- Lines in dispute, with a rate of their own for older draws, or already touched by the day that opens: their
-- buckets are not one balance and one rate of the day that ended.
SELECT p.line_id
  FROM core.line_projection AS p
  LEFT JOIN core.accrual_checks AS c ON c.line_id = p.line_id
 WHERE p.disputed_cents > 0
    OR (SELECT count(*) FROM core.rates AS r WHERE r.line_id = p.line_id) > 1
    OR (p.version > coalesce(c.version, 0) AND EXISTS (
            SELECT FROM core.events AS e
             WHERE e.line_id = p.line_id AND e.seq > coalesce(c.last_seq, 0) AND e.effective_on > :closed))
 ORDER BY p.line_id

-- to_reconcile --
-- Lines touched since their last check, and a thirtieth of the rest, another one each night.
SELECT p.line_id
  FROM core.line_projection AS p
  LEFT JOIN core.accrual_checks AS c ON c.line_id = p.line_id
 WHERE p.version > coalesce(c.version, 0)
    OR (hashtext(p.line_id) & 2147483647) % 30 = :thirtieth
 ORDER BY p.line_id

-- all_lines --
SELECT line_id FROM core.line_projection ORDER BY line_id

-- accrued --
-- All interest of these lines through the day that ended, as the nights wrote it.
SELECT a.line_id, sum(a.microcents)::bigint AS microcents
  FROM (SELECT line_id, microcents FROM core.accruals
         WHERE line_id = ANY (:line_ids) AND accrued_on <= :closed
         UNION ALL
        SELECT line_id, microcents FROM core.accrual_corrections
         WHERE line_id = ANY (:line_ids)) AS a
 GROUP BY a.line_id

-- keep_root --
INSERT INTO core.daily_roots (business_date, lines, root)
SELECT :closed, r.lines, r.root FROM core.root() AS r
ON CONFLICT DO NOTHING

-- begin_day --
-- One row when the date is already done.
WITH begun AS (
    INSERT INTO core.business_days (business_date) VALUES (:today) ON CONFLICT DO NOTHING
)
SELECT done_at FROM core.business_days WHERE business_date = :today AND done_at IS NOT NULL

-- finish_day --
UPDATE core.business_days SET done_at = clock_timestamp(), report = :report WHERE business_date = :today

-- undone_since --
-- The first business date not yet done: a day that was begun and not finished, else the day after the last.
SELECT coalesce(
    (SELECT min(business_date) FROM core.business_days WHERE done_at IS NULL),
    (SELECT max(business_date) + 1 FROM core.business_days))
