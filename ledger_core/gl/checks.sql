-- What the reconciliation compares. Each query gives one row with `compared`, how many things it held against each
-- other, and one more for each that differs: about, line_id, what, expected, found. :on is a closed ledger day.

-- ledger_against_lines --
-- Per product and account: the lines' balances, less what was folded after the day or is not folded yet, against the
-- ledger without the entries that it makes itself.
WITH upto AS MATERIALIZED (
    SELECT l.line_id, l.product_id, l.version,
           coalesce((SELECT max(r.to_version) FROM core.gl_ranges AS r
                      WHERE r.line_id = l.line_id AND r.booked_on <= :on), 0) AS folded
      FROM core.lines AS l
), lines AS (
    SELECT product_id, source, sum(cents) AS cents
      FROM (SELECT l.product_id, b.account, b.debit_cents - b.credit_cents
              FROM core.ledger_balances AS b JOIN core.lines AS l USING (line_id)
             UNION ALL
            SELECT u.product_id, p.account,
                   CASE p.side WHEN 'debit' THEN -p.amount_cents ELSE p.amount_cents END
              FROM upto AS u
              JOIN core.entries AS e ON e.line_id = u.line_id AND e.line_version > u.folded
              JOIN core.postings AS p ON p.line_id = e.line_id AND p.entry_id = e.entry_id
             WHERE u.version > u.folded) AS moved (product_id, source, cents)
     GROUP BY product_id, source
), compared AS (
    SELECT product_id, account, coalesce(l.cents, 0) AS expected, coalesce(g.cents, 0) AS found
      FROM (SELECT l.product_id, s.account, sum(l.cents) AS cents
              FROM lines AS l JOIN core.gl_sources AS s USING (source) GROUP BY 1, 2) AS l
      FULL JOIN (SELECT e.product_id, p.account,
                        sum(CASE p.side WHEN 'debit' THEN p.amount_cents ELSE -p.amount_cents END) AS cents
                   FROM core.gl_postings AS p JOIN core.gl_entries AS e USING (booked_on, number)
                  WHERE p.booked_on <= :on AND NOT e.kind = ANY (:own_kinds)
                  GROUP BY 1, 2) AS g USING (product_id, account)
)
SELECT c.compared, d.product_id || ' ' || d.account AS about, NULL AS line_id, 'balance' AS what, d.expected, d.found
  FROM (SELECT count(*) AS compared FROM compared) AS c
  LEFT JOIN (SELECT * FROM compared WHERE expected <> found) AS d ON true
 ORDER BY about

-- days_of_account --
-- Where an account differs: each day and kind of entry, folded again from the lines' journals, against the ledger, with
-- the lines in it whose chain is broken.
WITH again AS (
    SELECT r.booked_on, e.kind, sum(CASE p.side WHEN 'debit' THEN p.amount_cents ELSE -p.amount_cents END) AS cents,
           array_agg(DISTINCT r.line_id) AS line_ids
      FROM core.gl_sources AS s
      JOIN core.lines AS l ON l.product_id = :product_id
      JOIN core.gl_ranges AS r ON r.line_id = l.line_id AND r.booked_on <= :on
      JOIN core.entries AS e
        ON e.line_id = r.line_id AND e.line_version BETWEEN r.from_version AND r.to_version
      JOIN core.postings AS p ON p.line_id = e.line_id AND p.entry_id = e.entry_id AND p.account = s.source
     WHERE s.account = :account
     GROUP BY r.booked_on, e.kind
), booked AS (
    SELECT e.booked_on, e.kind, sum(CASE p.side WHEN 'debit' THEN p.amount_cents ELSE -p.amount_cents END) AS cents
      FROM core.gl_postings AS p JOIN core.gl_entries AS e USING (booked_on, number)
     WHERE e.product_id = :product_id AND p.account = :account AND e.booked_on <= :on
       AND NOT e.kind = ANY (:own_kinds)
     GROUP BY e.booked_on, e.kind
)
SELECT booked_on, kind, coalesce(a.cents, 0) AS expected, coalesce(b.cents, 0) AS found,
       (SELECT min(n.line_id) FROM unnest(a.line_ids) AS n (line_id)
         WHERE core.first_broken_link(n.line_id) IS NOT NULL) AS line_id
  FROM again AS a FULL JOIN booked AS b USING (booked_on, kind)
 WHERE coalesce(a.cents, 0) <> coalesce(b.cents, 0)
 ORDER BY booked_on, kind

-- ledger_balances --
-- The trial balance of each product on each day: what the day booked sums to zero.
WITH compared AS (
    SELECT e.booked_on, e.product_id,
           sum(CASE p.side WHEN 'debit' THEN p.amount_cents ELSE -p.amount_cents END) AS found
      FROM core.gl_postings AS p JOIN core.gl_entries AS e USING (booked_on, number)
     WHERE e.booked_on <= :on
     GROUP BY e.booked_on, e.product_id
)
SELECT c.compared, d.product_id || ' ' || d.booked_on AS about, NULL AS line_id, 'debits less credits' AS what,
       0 AS expected, d.found
  FROM (SELECT count(*) AS compared FROM compared) AS c
  LEFT JOIN (SELECT * FROM compared WHERE found <> 0) AS d ON true
 ORDER BY about

-- ledger_days --
-- Closed days against their hashes: a day whose entries, or whose place after the day before, are not what was closed.
WITH compared AS (
    SELECT d.booked_on, encode(d.hash, 'hex') AS found,
           encode(sha256(lag(d.hash, 1, ''::bytea) OVER (ORDER BY d.booked_on)
               || convert_to(core.gl_content(d.booked_on), 'UTF8')), 'hex') AS expected
      FROM core.gl_days AS d WHERE d.booked_on <= :on
)
SELECT c.compared, d.booked_on::text AS about, NULL AS line_id, 'hash of the day' AS what, left(d.expected, 16) AS expected,
       left(d.found, 16) AS found
  FROM (SELECT count(*) AS compared FROM compared) AS c
  LEFT JOIN (SELECT * FROM compared WHERE expected <> found) AS d ON true
 ORDER BY about

-- balances_against_postings --
-- Per line and account: the balance that is kept against the postings it is the sum of.
WITH compared AS (
    SELECT line_id, account, coalesce(p.cents, 0) AS expected, coalesce(b.cents, 0) AS found
      FROM (SELECT line_id, account, sum(debit_cents - credit_cents) AS cents
              FROM core.ledger_balances GROUP BY 1, 2) AS b
      FULL JOIN (SELECT line_id, account,
                        sum(CASE side WHEN 'debit' THEN amount_cents ELSE -amount_cents END) AS cents
                   FROM core.postings GROUP BY 1, 2) AS p USING (line_id, account)
)
SELECT c.compared, d.account AS about, d.line_id, 'balance' AS what, d.expected, d.found
  FROM (SELECT count(*) AS compared FROM compared) AS c
  LEFT JOIN (SELECT * FROM compared WHERE expected <> found) AS d ON true
 ORDER BY line_id, about

-- chains --
-- Lines folded on the day, or all: the first version whose hash is not that of what is written.
WITH compared AS (
    SELECT l.line_id, core.first_broken_link(l.line_id) AS broken
      FROM core.lines AS l
     WHERE :every_line OR EXISTS (SELECT FROM core.gl_ranges AS r WHERE r.line_id = l.line_id AND r.booked_on = :on)
)
SELECT c.compared, 'version ' || d.broken AS about, d.line_id, 'chain of the line' AS what, 'whole' AS expected,
       'broken' AS found
  FROM (SELECT count(*) AS compared FROM compared) AS c
  LEFT JOIN (SELECT * FROM compared WHERE broken IS NOT NULL) AS d ON true
 ORDER BY line_id

-- bank --
-- Per line, money that moves at the bank: as the transfers stand, against the lines' clearing and cash accounts. What
-- came in without a transfer of ours is taken from the facts.
WITH transfer AS (
    SELECT line_id,
           CASE kind WHEN 'payment' THEN 'cash_clearing_payments' WHEN 'draw' THEN 'cash_clearing_draws' END AS transit,
           kind, reference_id, state, amount_cents
      FROM core.transfers
), received AS (
    SELECT e.line_id, e.payload ->> 'payment_id' AS reference_id, (e.payload ->> 'amount_cents')::bigint AS amount_cents
      FROM core.events AS e WHERE e.type = 'PaymentReceived'
), ended AS (
    SELECT e.line_id, e.payload ->> 'payment_id' AS reference_id,
           CASE e.type WHEN 'PaymentSettled' THEN 'settled' ELSE 'undone' END AS state, e.seq
      FROM core.events AS e WHERE e.type IN ('PaymentSettled', 'PaymentReturned', 'PaymentCancelled')
), payment AS (
    SELECT DISTINCT ON (r.line_id, r.reference_id) r.line_id, coalesce(t.amount_cents, r.amount_cents) AS amount_cents,
           coalesce(t.state, n.state, 'submitted') AS state
      FROM received AS r
      LEFT JOIN transfer AS t ON t.line_id = r.line_id AND t.kind = 'payment' AND t.reference_id = r.reference_id
      LEFT JOIN ended AS n ON n.line_id = r.line_id AND n.reference_id = r.reference_id
     ORDER BY r.line_id, r.reference_id, n.seq DESC NULLS LAST
), expected AS (
    SELECT line_id, account, sum(cents) AS cents
      FROM (SELECT line_id, 'cash_clearing_payments', amount_cents FROM payment
             WHERE state IN ('created', 'submitted')
             UNION ALL
            SELECT line_id, 'cash', amount_cents FROM payment WHERE state = 'settled'
             UNION ALL
            SELECT line_id, 'cash', -amount_cents FROM transfer
             WHERE kind = 'refund' AND state IN ('created', 'submitted', 'settled')
             UNION ALL
            SELECT line_id, 'cash_clearing_draws', -amount_cents FROM transfer
             WHERE kind = 'draw' AND state = 'settled') AS moved (line_id, account, cents)
     GROUP BY line_id, account
), compared AS (
    SELECT line_id, account, coalesce(x.cents, 0) AS expected, coalesce(b.cents, 0) AS found
      FROM expected AS x
      FULL JOIN (SELECT line_id, account, sum(debit_cents - credit_cents) AS cents FROM core.ledger_balances
                  WHERE account IN ('cash', 'cash_clearing_payments', 'cash_clearing_draws')
                  GROUP BY 1, 2) AS b USING (line_id, account)
)
SELECT c.compared, d.account AS about, d.line_id, 'moved at the bank' AS what, d.expected, d.found
  FROM (SELECT count(*) AS compared FROM compared) AS c
  LEFT JOIN (SELECT * FROM compared WHERE expected <> found) AS d ON true
 ORDER BY line_id, about

-- bank_files --
-- Files that left: what the head of each says, against its entries.
WITH compared AS (
    SELECT f.cut_on || ' ' || f.modifier AS about, v.what, v.expected, v.found
      FROM core.bank_files AS f
      LEFT JOIN (SELECT file_id, count(*) AS entries,
                        coalesce(sum(amount_cents) FILTER (WHERE transaction_code IN ('27', '37')), 0) AS debit_cents,
                        coalesce(sum(amount_cents) FILTER (WHERE transaction_code IN ('22', '32')), 0) AS credit_cents
                   FROM core.bank_entries GROUP BY file_id) AS e USING (file_id)
     CROSS JOIN LATERAL (VALUES ('entries', f.entries, coalesce(e.entries, 0)),
                                ('debits', f.debit_cents, coalesce(e.debit_cents, 0)),
                                ('credits', f.credit_cents, coalesce(e.credit_cents, 0))) AS v (what, expected, found)
)
SELECT c.compared, d.about, NULL AS line_id, d.what, d.expected, d.found
  FROM (SELECT count(*) AS compared FROM compared) AS c
  LEFT JOIN (SELECT * FROM compared WHERE expected <> found) AS d ON true
 ORDER BY about, what

-- bank_entries --
-- Entries of files against the transfers they move: the same amount, and no transfer of a file that looks unsent.
WITH compared AS (
    SELECT e.line_id, e.trace, t.amount_cents AS expected,
           CASE WHEN t.state IN ('created', 'cancelled') THEN 0 ELSE e.amount_cents END AS found
      FROM core.bank_entries AS e JOIN core.transfers AS t USING (line_id, transfer_id)
)
SELECT c.compared, 'trace ' || d.trace AS about, d.line_id, 'sent to the bank' AS what, d.expected, d.found
  FROM (SELECT count(*) AS compared FROM compared) AS c
  LEFT JOIN (SELECT * FROM compared WHERE expected <> found) AS d ON true
 ORDER BY line_id, about

-- draws_cleared --
-- Draws in transit at the end of the day: what the lines paid out and the bank did not.
WITH compared AS (
    SELECT e.product_id, sum(CASE p.side WHEN 'debit' THEN p.amount_cents ELSE -p.amount_cents END) AS found
      FROM core.gl_postings AS p JOIN core.gl_entries AS e USING (booked_on, number)
      JOIN core.gl_sources AS s ON s.account = p.account AND s.source = 'cash_clearing_draws'
     WHERE e.booked_on <= :on
     GROUP BY e.product_id
)
SELECT c.compared, d.product_id AS about, NULL AS line_id, 'draws in transit' AS what, 0 AS expected, d.found
  FROM (SELECT count(*) AS compared FROM compared) AS c
  LEFT JOIN (SELECT * FROM compared WHERE found <> 0) AS d ON true
 ORDER BY about

-- interest_not_billed --
-- Per product at the last closed day, in micro-cents: what the nights accrued since each line's last folded statement,
-- with what later facts changed, against the ledger's running totals.
WITH last AS (SELECT max(booked_on) AS booked_on FROM core.gl_days),
lines AS (
    SELECT l.product_id, sum(a.microcents) AS microcents
      FROM last CROSS JOIN core.gl_watermarks AS w
      JOIN core.lines AS l USING (line_id)
      JOIN core.accruals AS a ON a.line_id = w.line_id
     WHERE a.accrued_on > coalesce(w.billed_through, '-infinity') AND a.accrued_on <= last.booked_on
     GROUP BY l.product_id
     UNION ALL
    SELECT l.product_id, sum(j.microcents) FROM core.gl_adjustments AS j JOIN core.lines AS l USING (line_id)
     GROUP BY l.product_id
), compared AS (
    SELECT product_id, coalesce(l.microcents, 0) AS expected, coalesce(g.microcents, 0) AS found
      FROM (SELECT product_id, sum(microcents) AS microcents FROM lines GROUP BY product_id) AS l
      FULL JOIN (SELECT i.product_id,
                        i.accrued_microcents + i.corrected_microcents - i.billed_microcents AS microcents
                   FROM core.gl_interest AS i JOIN last USING (booked_on)) AS g USING (product_id)
)
SELECT c.compared, d.product_id AS about, NULL AS line_id, 'accrued and not billed' AS what, d.expected, d.found
  FROM (SELECT count(*) AS compared FROM compared) AS c
  LEFT JOIN (SELECT * FROM compared WHERE expected <> found) AS d ON true
 ORDER BY about

-- expected_losses --
-- Per product, on the day: what the allowance was taken of, against the receivables that no line has written off; and
-- the allowance by its rates, against the ledger's account.
WITH held AS (
    SELECT product_id, sum(exposure_cents) AS exposure, sum(round(exposure_cents * rate_bp / 10000.0)) AS allowance
      FROM core.gl_allowances WHERE booked_on = :on GROUP BY product_id
), ledger AS (
    SELECT e.product_id,
           sum(m.cents) FILTER (WHERE s.source = 'expected_losses') AS allowance,
           sum(m.cents) FILTER (WHERE s.source IN ('principal_receivable', 'interest_receivable', 'fees_receivable',
               'disputed_receivable', 'charge_off_allowance')) AS exposure
      FROM core.gl_postings AS p
      JOIN core.gl_entries AS e USING (booked_on, number)
      JOIN core.gl_sources AS s ON s.account = p.account
     CROSS JOIN LATERAL (
           SELECT CASE p.side WHEN 'debit' THEN p.amount_cents ELSE -p.amount_cents END AS cents) AS m
     WHERE e.booked_on <= :on
     GROUP BY e.product_id
), compared AS (
    SELECT product_id, v.what, v.expected, v.found
      FROM ledger AS g FULL JOIN held AS h USING (product_id)
     CROSS JOIN LATERAL (VALUES ('owed', coalesce(g.exposure, 0), coalesce(h.exposure, 0)),
                                ('allowance', -coalesce(h.allowance, 0), coalesce(g.allowance, 0)))
           AS v (what, expected, found)
)
SELECT c.compared, d.product_id AS about, NULL AS line_id, d.what, d.expected, d.found
  FROM (SELECT count(*) AS compared FROM compared) AS c
  LEFT JOIN (SELECT * FROM compared WHERE expected <> found) AS d ON true
 ORDER BY about, what

-- lines_to_replay --
-- Lines folded on the day, or all.
SELECT l.line_id FROM core.lines AS l
 WHERE :every_line OR EXISTS (SELECT FROM core.gl_ranges AS r WHERE r.line_id = l.line_id AND r.booked_on = :on)
 ORDER BY l.line_id

-- projections --
SELECT line_id, status, limit_cents, principal_cents, held_cents, owed_cents, rate_bp, disputed_cents, locked, plan_id,
       next_close_on, due_on
  FROM core.line_projection WHERE line_id = ANY (:line_ids)

-- keep --
INSERT INTO core.gl_reconciliations (reconciliation_id, reconciled_on, checked, differences)
VALUES (:reconciliation_id, :on, CAST(:checked AS jsonb), :differences)

-- keep_difference --
INSERT INTO core.gl_differences
       (reconciliation_id, position, check_name, about, line_id, what, unit, expected, found)
VALUES (:reconciliation_id, :position, :check_name, :about, :line_id, :what, :unit, :expected, :found)
