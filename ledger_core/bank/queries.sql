-- lock --
-- One writer of files at a time, in any process, until its transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('core.bank_files', 0))

-- last_number --
-- Where the traces of the newest file ended, and how many files that day has.
SELECT coalesce((SELECT last_number FROM core.bank_files ORDER BY cut_on DESC, modifier DESC LIMIT 1), 0) AS last_number,
       (SELECT count(*) FROM core.bank_files WHERE cut_on = :on) AS files

-- cut --
-- All in one statement: what is to leave, one entry and one step for each, and the file over them. Traces are
-- numbered on from the newest file and begin again when seven digits would not do.
WITH due AS MATERIALIZED (
    SELECT t.line_id, t.transfer_id, t.customer_id, t.bank_account_id, t.amount_cents,
           t.kind = 'payment' AS is_debit,
           n.version, n.kind = 'savings' AS is_savings,
           CASE WHEN t.kind <> 'payment' THEN ''
                WHEN EXISTS (SELECT FROM core.events AS e
                              WHERE e.line_id = t.line_id AND e.type = 'PaymentScheduled'
                                AND e.payload ->> 'payment_id' = t.reference_id
                                AND e.payload ->> 'source' = 'autopay') THEN 'R'
                ELSE 'S' END AS payment_type
      FROM core.transfers AS t
      JOIN core.bank_accounts AS b ON b.bank_account_id = t.bank_account_id AND b.status <> 'blocked'
      JOIN LATERAL (SELECT version, kind FROM core.account_numbers
                     WHERE bank_account_id = t.bank_account_id ORDER BY version DESC LIMIT 1) AS n ON true
     WHERE t.state = 'created' AND t.effective_on <= :last
       AND NOT (t.kind = 'draw'
                AND EXISTS (SELECT FROM core.events AS e
                             WHERE e.line_id = t.line_id AND e.type = 'DrawRequested'
                               AND e.payload ->> 'draw_id' = t.reference_id
                               AND e.payload ->> 'speed' = 'instant'))
       FOR UPDATE OF t
), numbered AS (
    SELECT due.*,
           CASE WHEN :last_number + count(*) OVER () > 9999999 THEN 0 ELSE :last_number END
             + row_number() OVER (ORDER BY is_debit DESC, line_id, transfer_id) AS number
      FROM due
), file AS (
    INSERT INTO core.bank_files (file_id, cut_on, modifier, effective_on, originator, entries, debit_cents,
                                 credit_cents, last_number)
    SELECT :file_id, :on, :modifier, :effective_on, :originator, count(*),
           coalesce(sum(amount_cents) FILTER (WHERE is_debit), 0),
           coalesce(sum(amount_cents) FILTER (WHERE NOT is_debit), 0), max(number)
      FROM numbered
    HAVING count(*) > 0
    RETURNING file_id
), written AS (
    INSERT INTO core.bank_entries (line_id, transfer_id, customer_id, file_id, trace, transaction_code,
                                   bank_account_id, numbers_version, amount_cents, payment_type)
    SELECT line_id, transfer_id, customer_id, :file_id, :odfi || lpad(number::text, 7, '0'),
           CASE WHEN is_savings THEN '3' ELSE '2' END || CASE WHEN is_debit THEN '7' ELSE '2' END,
           bank_account_id, version, amount_cents, payment_type
      FROM numbered
), moved AS (
    UPDATE core.transfers AS t SET state = 'submitted', submitted_on = :on
      FROM numbered AS n
     WHERE t.line_id = n.line_id AND t.transfer_id = n.transfer_id
)
SELECT file_id FROM file

-- entries --
-- Of a file, in the order in which they are written; without numbers where these were erased.
SELECT e.transfer_id, e.trace, e.transaction_code, e.amount_cents, e.payment_type, e.bank_account_id,
       e.numbers_version, n.routing, n.key_id, n.sealed, n.holder
  FROM core.bank_entries AS e
  LEFT JOIN core.account_numbers AS n
    ON n.bank_account_id = e.bank_account_id AND n.version = e.numbers_version
 WHERE e.file_id = :file_id
 ORDER BY e.trace

-- held_back --
-- Due, and not in a file: the account is blocked, or nobody gave us its numbers. Instant draws go another way.
SELECT t.line_id, t.transfer_id, t.kind, t.amount_cents, t.effective_on,
       CASE WHEN b.status = 'blocked' THEN 'account_blocked' ELSE 'numbers_missing' END AS why
  FROM core.transfers AS t
  JOIN core.bank_accounts AS b ON b.bank_account_id = t.bank_account_id
 WHERE t.state = 'created' AND t.effective_on <= :last
   AND (b.status = 'blocked'
        OR NOT EXISTS (SELECT FROM core.account_numbers AS n WHERE n.bank_account_id = t.bank_account_id))
 ORDER BY t.line_id, t.transfer_id

-- totals --
-- Entries of each file by what they moved and where they stand now.
SELECT f.file_id, f.cut_on, f.modifier, t.kind, t.state, count(*) AS entries, sum(e.amount_cents)::bigint AS cents
  FROM core.bank_files AS f
  JOIN core.bank_entries AS e ON e.file_id = f.file_id
  JOIN core.transfers AS t ON t.line_id = e.line_id AND t.transfer_id = e.transfer_id
 WHERE f.cut_on BETWEEN :since AND :until
 GROUP BY 1, 2, 3, 4, 5
 ORDER BY 2, 3, 4, 5

-- originals --
-- Our entries that answers name, the newest of each trace: seven digits come round again after years.
SELECT DISTINCT ON (e.trace)
       e.trace, e.line_id, e.transfer_id, e.customer_id, e.bank_account_id, e.amount_cents, e.transaction_code,
       f.effective_on AS settled_on, e.numbers_version, n.routing, n.key_id,
       n.sealed, n.holder, n.kind AS account_kind
  FROM core.bank_entries AS e
  JOIN core.bank_files AS f ON f.file_id = e.file_id
  LEFT JOIN core.account_numbers AS n
    ON n.bank_account_id = e.bank_account_id AND n.version = e.numbers_version
 WHERE e.trace = ANY(:traces)
 ORDER BY e.trace, f.cut_on DESC, f.modifier DESC

-- keep_answer --
INSERT INTO core.bank_answers (line_id, transfer_id, answer_trace, code, customer_id, sha256, received_on, sent_back_on,
                               allowed_through, state, attention)
VALUES (:line_id, :transfer_id, :answer_trace, :code, :customer_id, :sha256, :received_on, :sent_back_on,
        :allowed_through, :state, :attention)
ON CONFLICT DO NOTHING
RETURNING transfer_id

-- waiting --
-- Returns that were accepted and not acted on yet, in the order in which they came.
SELECT a.line_id, a.transfer_id, a.answer_trace, a.code, t.kind, t.reference_id, t.bank_account_id, t.state,
       a.received_on, coalesce(a.sent_back_on > a.allowed_through, false) AS is_late
  FROM core.bank_answers AS a
  JOIN core.transfers AS t ON t.line_id = a.line_id AND t.transfer_id = a.transfer_id
 WHERE a.state = 'waiting'
 ORDER BY a.recorded_at, a.line_id, a.transfer_id

-- for_humans --
SELECT a.line_id, a.transfer_id, t.kind, t.amount_cents, a.code, a.received_on, a.state, a.attention,
       CASE WHEN a.sent_back_on > a.allowed_through THEN a.sent_back_on END AS late_on
  FROM core.bank_answers AS a
  JOIN core.transfers AS t ON t.line_id = a.line_id AND t.transfer_id = a.transfer_id
 WHERE a.attention IS NOT NULL AND a.received_on >= :since
 ORDER BY a.recorded_at, a.line_id, a.transfer_id

-- due --
-- At the bank, their day is over and no answer came; their file is known to have arrived. What left before files
-- were kept has no entry.
SELECT t.line_id, t.kind, t.reference_id
  FROM core.transfers AS t
  LEFT JOIN core.bank_entries AS e ON e.line_id = t.line_id AND e.transfer_id = t.transfer_id
  LEFT JOIN core.bank_files AS f ON f.file_id = e.file_id
 WHERE t.state = 'submitted'
   AND t.effective_on <= CASE WHEN t.kind = 'payment' THEN CAST(:payments AS date) ELSE CAST(:today AS date) END
   AND (e.file_id IS NULL OR f.delivered_on IS NOT NULL)
   AND NOT EXISTS (SELECT FROM core.bank_answers AS a
                    WHERE a.line_id = t.line_id AND a.transfer_id = t.transfer_id AND a.code LIKE 'R%')
 ORDER BY t.line_id, t.recorded_at, t.transfer_id

-- instant --
-- Draws that go out at once, and are not known to have arrived.
SELECT t.line_id, t.transfer_id, t.reference_id, t.amount_cents, t.bank_account_id, t.customer_id
  FROM core.transfers AS t
  JOIN core.events AS e
    ON e.line_id = t.line_id AND e.type = 'DrawRequested' AND e.payload ->> 'draw_id' = t.reference_id
   AND e.payload ->> 'speed' = 'instant'
 WHERE t.kind = 'draw' AND t.state IN ('created', 'submitted') AND t.effective_on <= :today
 ORDER BY t.line_id, t.transfer_id
