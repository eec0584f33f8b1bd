-- Queries of the night. :today is the business date that opens, :closed the day that ended; :share and :of are the
-- lines of this worker.

-- due --
-- Which lines the steps look at, in one pass. It may name a line too many: each step replays it and decides.
-- A line past due changes by itself on its fee days and at charge-off alone; a plan when a payment of it is missed, at
-- its end, while it is broken or behind, and by what the other steps of tonight do. Else what changes them is a fact,
-- and the reconciliation of tonight has checked the lines with new facts.
SELECT DISTINCT what, line_id
  FROM (
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
SELECT 'late', p.line_id
  FROM core.line_projection AS p
  LEFT JOIN core.accrual_checks AS c ON c.line_id = p.line_id
 WHERE p.due_on <= :today - (SELECT min(day) FROM unnest(CAST(:fee_days AS integer[])) AS day)
   AND p.status NOT IN ('closed', 'charged_off')
   AND (:today - p.due_on = ANY (:fee_days)
        OR :today - p.due_on >= :charge_off_day
        OR c.checked_on = :today
        OR EXISTS (SELECT FROM core.statements AS s
                    WHERE s.line_id = p.line_id AND :today - s.due_on = ANY (:fee_days))
        OR EXISTS (SELECT FROM core.plans AS n JOIN core.events AS e USING (line_id)
                    WHERE n.line_id = p.line_id AND e.type = 'PlanEnrolled'
                      AND :today - CAST(e.payload ->> 'new_due_on' AS date) = ANY (:fee_days)))
 UNION ALL
-- A bankruptcy is charged off some days after its notice.
SELECT 'late', line_id FROM core.line_projection
 WHERE status NOT IN ('closed', 'charged_off')
   AND line_id IN (SELECT e.line_id FROM core.events AS e
                    WHERE e.type = 'OverlayPlaced' AND e.payload ->> 'kind' = 'bankruptcy'
                      AND e.effective_on <= :today - :bankruptcy_days)
 UNION ALL
SELECT 'plan', p.line_id
  FROM core.line_projection AS p
  LEFT JOIN core.accrual_checks AS c ON c.line_id = p.line_id
 WHERE p.plan_id IS NOT NULL
   AND (c.checked_on = :today
        OR p.next_close_on <= :closed
        OR p.due_on <= :today
        OR EXISTS (SELECT FROM core.statements AS s WHERE s.line_id = p.line_id AND s.due_on = :today)
        OR EXISTS (SELECT FROM core.transfers AS t
                    WHERE t.line_id = p.line_id AND t.kind = 'payment' AND t.state IN ('created', 'submitted')
                      AND t.effective_on <= :today)
        OR EXISTS (SELECT FROM core.events AS e
                    WHERE e.line_id = p.line_id
                      AND (e.type = 'PlanBroken'
                           OR (e.type = 'PlanEnrolled'
                               AND (CAST(e.payload ->> 'ends_on' AS date) <= :today
                                    OR jsonb_path_exists(e.payload, '$.payments[*] ? (@.due_on == $days[*])',
                                                         CAST(:missed AS jsonb)))))))
 UNION ALL
-- What is in a file may still arrive, however long the bank has not been heard of: its hold stays.
SELECT DISTINCT 'hold', line_id FROM core.transfers
 WHERE kind = 'draw' AND state = 'created' AND effective_on < :closed
 UNION ALL
SELECT 'dispute', p.line_id FROM core.line_projection AS p
 WHERE p.disputed_cents > 0
   AND EXISTS (SELECT FROM core.events AS e
                WHERE e.line_id = p.line_id AND e.type = 'DisputeOpened'
                  AND (CAST(e.payload ->> 'resolve_by' AS date) <= :warned
                       OR (CAST(e.payload ->> 'acknowledge_by' AS date) <= :warned
                           AND NOT EXISTS (SELECT FROM core.events AS a
                                            WHERE a.line_id = p.line_id AND a.type = 'DisputeAcknowledged'
                                              AND a.payload -> 'dispute_id' = e.payload -> 'dispute_id'))))
 UNION ALL
SELECT 'closing', line_id FROM core.line_projection WHERE status = 'closing' AND owed_cents = 0
 UNION ALL
SELECT 'credit', line_id FROM core.ledger_balances
 WHERE account = 'customer_credit' AND stage = 'posted' AND credit_cents > debit_cents
 UNION ALL
-- Whose cycle closes tonight with a statement that calls for a review, or did before the night was cut off.
SELECT 'review', p.line_id FROM core.line_projection AS p
 WHERE :review_every > 0 AND p.next_close_on = :closed AND p.status = 'open'
   AND (SELECT coalesce(max(s.number), 0) + 1 FROM core.statements AS s WHERE s.line_id = p.line_id)
       % nullif(:review_every, 0) = 0
 UNION ALL
SELECT 'review', s.line_id FROM core.statements AS s
 WHERE :review_every > 0 AND s.due_on = ANY (CAST(:review_dues AS date[])) AND s.cycle_end = :closed
   AND s.number % nullif(:review_every, 0) = 0
       ) AS due
 WHERE core.share_of(line_id, :of) = :share
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
   AND core.share_of(p.line_id, :of) = :share
   AND NOT p.line_id = ANY (:apart)
ON CONFLICT DO NOTHING

-- accrue_apart --
-- Lines in dispute, with a rate of their own for older draws, or already touched by the day that opens: their
-- buckets are not one balance and one rate of the day that ended. Nor is the projected rate of a promotion, which
-- begins and ends by itself; the next append, a statement at the latest, puts it right.
SELECT p.line_id
  FROM core.line_projection AS p
  LEFT JOIN core.accrual_checks AS c ON c.line_id = p.line_id
  LEFT JOIN (SELECT line_id FROM core.rates GROUP BY line_id HAVING count(*) > 1) AS r ON r.line_id = p.line_id
 WHERE core.share_of(p.line_id, :of) = :share
   AND (p.disputed_cents > 0
        OR r.line_id IS NOT NULL
        OR p.line_id IN (SELECT e.line_id FROM core.events AS e
                          WHERE e.type = 'PromotionGranted'
                            AND CAST(e.payload ->> 'ends_on' AS date) >= :closed - 100)
        OR (p.version > coalesce(c.version, 0) AND EXISTS (
                SELECT FROM core.events AS e
                 WHERE e.line_id = p.line_id AND e.seq > coalesce(c.last_seq, 0) AND e.effective_on > :closed)))
 ORDER BY p.line_id

-- age --
SELECT core.age(:today, :share, :of)

-- to_reconcile --
-- Lines touched since their last check, and a thirtieth of the rest, another one each night.
SELECT p.line_id
  FROM core.line_projection AS p
  LEFT JOIN core.accrual_checks AS c ON c.line_id = p.line_id
 WHERE core.share_of(p.line_id, :of) = :share
   AND (p.version > coalesce(c.version, 0)
        OR ((hashtext(p.line_id) & 2147483647) % 30 = :thirtieth AND c.checked_on < :today))
 ORDER BY p.line_id

-- all_lines --
SELECT line_id FROM core.line_projection WHERE core.share_of(line_id, :of) = :share ORDER BY line_id

-- written --
-- What the books hold of these lines: their version, how far they were checked, all interest through the day that ended as the
-- nights wrote it, and the accounts that are not at zero.
SELECT l.line_id, l.version, coalesce(c.last_seq, 0), coalesce(a.microcents, 0) + coalesce(r.microcents, 0),
       coalesce(b.accounts, '{}')
  FROM core.lines AS l
  LEFT JOIN core.accrual_checks AS c ON c.line_id = l.line_id
  LEFT JOIN (SELECT line_id, sum(microcents)::bigint AS microcents FROM core.accruals
              WHERE line_id = ANY (:line_ids) AND accrued_on <= :closed
              GROUP BY line_id) AS a ON a.line_id = l.line_id
  LEFT JOIN (SELECT line_id, sum(microcents)::bigint AS microcents FROM core.accrual_corrections
              WHERE line_id = ANY (:line_ids)
              GROUP BY line_id) AS r ON r.line_id = l.line_id
  LEFT JOIN (SELECT line_id, jsonb_object_agg(account, cents) AS accounts
               FROM (SELECT line_id, account, sum(debit_cents - credit_cents)::bigint AS cents
                       FROM core.ledger_balances
                      WHERE line_id = ANY (:line_ids)
                      GROUP BY line_id, account) AS totals
              WHERE cents <> 0
              GROUP BY line_id) AS b ON b.line_id = l.line_id
 WHERE l.line_id = ANY (:line_ids)

-- correct --
INSERT INTO core.accrual_corrections (line_id, customer_id, version, corrected_on, microcents)
SELECT n.line_id, n.customer_id, n.version, :today, n.microcents
  FROM unnest(CAST(:line_ids AS text[]), CAST(:customer_ids AS text[]), CAST(:versions AS bigint[]),
              CAST(:microcents AS bigint[])) AS n (line_id, customer_id, version, microcents)
ON CONFLICT DO NOTHING

-- keep_checks --
INSERT INTO core.accrual_checks (line_id, customer_id, version, last_seq, checked_on)
SELECT n.line_id, n.customer_id, n.version, n.last_seq, :today
  FROM unnest(CAST(:line_ids AS text[]), CAST(:customer_ids AS text[]), CAST(:versions AS bigint[]),
              CAST(:last_seqs AS bigint[])) AS n (line_id, customer_id, version, last_seq)
ON CONFLICT (line_id) DO UPDATE
   SET version = excluded.version, last_seq = excluded.last_seq, checked_on = excluded.checked_on

-- keep_differences --
INSERT INTO core.reconciliation_differences (found_on, line_id, customer_id, about, written, replayed)
SELECT :today, n.line_id, n.customer_id, n.about, n.written, n.replayed
  FROM unnest(CAST(:line_ids AS text[]), CAST(:customer_ids AS text[]), CAST(:abouts AS text[]),
              CAST(:written AS bigint[]), CAST(:replayed AS bigint[]))
       AS n (line_id, customer_id, about, written, replayed)
ON CONFLICT DO NOTHING

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

-- steps_done --
SELECT step, report FROM core.night_steps WHERE business_date = :today AND of = :of AND share = :share

-- keep_step --
INSERT INTO core.night_steps (business_date, of, share, step, report, microseconds)
VALUES (:today, :of, :share, :step, :report, :microseconds)
ON CONFLICT DO NOTHING

-- finish_day --
UPDATE core.business_days SET done_at = clock_timestamp(), report = :report WHERE business_date = :today

-- last_done --
SELECT max(business_date) FROM core.business_days WHERE done_at IS NOT NULL

-- day_done --
SELECT FROM core.business_days WHERE business_date = :today AND done_at IS NOT NULL

-- undone_since --
-- The first business date not yet done: a day that was begun and not finished, else the day after the last.
SELECT coalesce(
    (SELECT min(business_date) FROM core.business_days WHERE done_at IS NULL),
    (SELECT max(business_date) + 1 FROM core.business_days))
