-- The lives of a few hundred lines multiplied, as the server's superuser with triggers off. Each copy has its own
-- line, customer and bank account; ids inside its facts are unique within the line, as they have to be. Its history
-- came in one append, as when a book is taken over: one version, one link, no keys.

-- keep --
CREATE UNLOGGED TABLE lived.{table} AS SELECT * FROM core.{table}

-- keep_by_line --
CREATE INDEX ON lived.{table} ({key})

-- empty --
TRUNCATE {tables} CASCADE

-- said --
-- What the link of a copy hashes, with the ids of the life it is a copy of.
CREATE UNLOGGED TABLE lived.said AS
WITH events AS (
    SELECT e.line_id, jsonb_agg(core.canonical_event(
               e.event_id, e.type, e.version, e.effective_on, e.payload) ORDER BY e.seq) AS content
      FROM lived.events AS e GROUP BY e.line_id
), postings AS (
    SELECT p.line_id, p.entry_id, jsonb_agg(jsonb_build_array(p.account, p.side, p.amount_cents) ORDER BY p.position)
               AS content
      FROM lived.postings AS p GROUP BY p.line_id, p.entry_id
), entries AS (
    SELECT e.line_id, jsonb_agg(core.canonical_entry(
               e.entry_id, e.kind, e.stage, e.effective_on, e.event_id, e.reason, p.content)
               ORDER BY e.line_version, e.position) AS content
      FROM lived.entries AS e LEFT JOIN postings AS p USING (line_id, entry_id) GROUP BY e.line_id
)
SELECT l.line_id AS life,
       jsonb_build_array(l.line_id, 1, coalesce(events.content, '[]'), coalesce(entries.content, '[]'))::text AS said
  FROM lived.lines AS l LEFT JOIN events USING (line_id) LEFT JOIN entries USING (line_id)

-- numbers --
-- Copies of all kinds lie mixed, in the order of their ids.
CREATE UNLOGGED TABLE lived.numbers AS
SELECT row_number() OVER (ORDER BY c.nth::numeric / w.copies, w.life) AS n, w.life
  FROM unnest(%(lives)s::text[], %(copies)s::integer[]) AS w (life, copies)
 CROSS JOIN LATERAL generate_series(1, w.copies) AS c (nth)

-- copies_table --
CREATE UNLOGGED TABLE lived.copies (
    n bigint, life text, line_id text, customer_id text, bank_account_id text, chain_hash bytea)

-- copies --
INSERT INTO lived.copies
SELECT c.n, c.life, c.line_id, c.customer_id, c.bank_account_id,
       sha256(sha256(convert_to(c.line_id, 'UTF8')) || convert_to(
           replace(replace(s.said, c.life, c.line_id), 'bank_' || right(c.life, 26), c.bank_account_id), 'UTF8'))
  FROM (SELECT n, life, 'line_' || lpad(n::text, 26, '0') AS line_id, 'cus_' || lpad(n::text, 26, '0') AS customer_id,
               'bank_' || lpad(n::text, 26, '0') AS bank_account_id
          FROM lived.numbers WHERE n %% %(of)s = %(share)s) AS c
  JOIN lived.said AS s ON s.life = c.life

-- copies_by_number --
CREATE INDEX ON lived.copies (n)

-- customers --
INSERT INTO core.customers (customer_id, display_name, language, state, timezone, military)
SELECT c.customer_id, '', 'en', 'OH', 'America/New_York', l.military
  FROM lived.copies AS c JOIN lived.customers AS l ON l.customer_id = 'cus_' || right(c.life, 26) ORDER BY c.n

-- bank_accounts --
INSERT INTO core.bank_accounts (bank_account_id, customer_id, bank_name, last4, status)
SELECT bank_account_id, customer_id, '', '0000', 'verified' FROM lived.copies ORDER BY n

-- lines --
INSERT INTO core.lines (line_id, customer_id, product_id, product_version, status, version, last_seq, limit_cents,
                        opened_on, chain_hash)
SELECT c.line_id, c.customer_id, l.product_id, l.product_version, l.status, 1, l.last_seq, l.limit_cents,
       l.opened_on, c.chain_hash
  FROM lived.copies AS c JOIN lived.lines AS l ON l.line_id = c.life ORDER BY c.n

-- chain_links --
INSERT INTO core.chain_links (line_id, version, customer_id, prev_hash, hash)
SELECT line_id, 1, customer_id, sha256(convert_to(line_id, 'UTF8')), chain_hash FROM lived.copies ORDER BY n

-- line_projection --
INSERT INTO core.line_projection
SELECT r.*
  FROM lived.copies AS c JOIN (SELECT p.line_id, to_jsonb(p) AS whole FROM lived.line_projection AS p) AS l ON l.line_id = c.life
 CROSS JOIN LATERAL jsonb_populate_record(NULL::lived.line_projection, l.whole || jsonb_build_object(
           'line_id', c.line_id, 'customer_id', c.customer_id, 'version', 1)) AS r
 ORDER BY c.n

-- events --
INSERT INTO core.events (line_id, seq, event_id, customer_id, line_version, type, version, effective_on, payload)
SELECT c.line_id, e.seq, e.event_id, c.customer_id, 1, e.type, e.version, e.effective_on,
       CASE WHEN e.payload ? 'bank_account_id'
            THEN jsonb_set(e.payload, '{bank_account_id}', to_jsonb(c.bank_account_id)) ELSE e.payload END
  FROM (SELECT * FROM lived.copies ORDER BY n) AS c CROSS JOIN LATERAL (SELECT * FROM lived.events AS e WHERE e.line_id = c.life ORDER BY seq) AS e

-- entries --
INSERT INTO core.entries (line_id, entry_id, customer_id, line_version, position, kind, stage, effective_on, event_id,
                          reason)
SELECT c.line_id, e.entry_id, c.customer_id, 1, e.nth, e.kind, e.stage, e.effective_on, e.event_id, e.reason
  FROM (SELECT * FROM lived.copies ORDER BY n) AS c CROSS JOIN LATERAL (
       SELECT e.*, row_number() OVER (ORDER BY e.line_version, e.position) AS nth
         FROM lived.entries AS e WHERE e.line_id = c.life) AS e

-- postings --
INSERT INTO core.postings (line_id, entry_id, position, customer_id, account, side, amount_cents)
SELECT c.line_id, p.entry_id, p.position, c.customer_id, p.account, p.side, p.amount_cents
  FROM (SELECT * FROM lived.copies ORDER BY n) AS c CROSS JOIN LATERAL (
       SELECT * FROM lived.postings AS p WHERE p.line_id = c.life ORDER BY entry_id, position) AS p

-- ledger_balances --
INSERT INTO core.ledger_balances (line_id, account, stage, customer_id, debit_cents, credit_cents)
SELECT c.line_id, b.account, b.stage, c.customer_id, b.debit_cents, b.credit_cents
  FROM (SELECT * FROM lived.copies ORDER BY n) AS c CROSS JOIN LATERAL (
       SELECT * FROM lived.ledger_balances AS b WHERE b.line_id = c.life ORDER BY account, stage) AS b

-- statements --
INSERT INTO core.statements (line_id, number, statement_id, customer_id, cycle_start, cycle_end, due_on, figures)
SELECT c.line_id, s.number, s.statement_id, c.customer_id, s.cycle_start, s.cycle_end, s.due_on, s.figures
  FROM (SELECT * FROM lived.copies ORDER BY n) AS c CROSS JOIN LATERAL (
       SELECT * FROM lived.statements AS s WHERE s.line_id = c.life ORDER BY number) AS s

-- transfers --
INSERT INTO core.transfers
SELECT r.*
  FROM (SELECT * FROM lived.copies ORDER BY n) AS c
 CROSS JOIN LATERAL (SELECT to_jsonb(t) AS whole FROM lived.transfers AS t WHERE t.line_id = c.life
                      ORDER BY t.transfer_id) AS t
 CROSS JOIN LATERAL jsonb_populate_record(NULL::lived.transfers, t.whole || jsonb_build_object(
           'line_id', c.line_id, 'customer_id', c.customer_id, 'bank_account_id', c.bank_account_id)) AS r

-- plans --
INSERT INTO core.plans (line_id, plan_id, customer_id, started_on, ended_on)
SELECT c.line_id, p.plan_id, c.customer_id, p.started_on, p.ended_on
  FROM lived.copies AS c JOIN lived.plans AS p ON p.line_id = c.life ORDER BY c.n

-- rates --
INSERT INTO core.rates (line_id, from_on, customer_id, apr_bp, seq)
SELECT c.line_id, r.from_on, c.customer_id, r.apr_bp, r.seq
  FROM (SELECT * FROM lived.copies ORDER BY n) AS c CROSS JOIN LATERAL (
       SELECT * FROM lived.rates AS r WHERE r.line_id = c.life ORDER BY from_on) AS r

-- accrual_corrections --
-- What the nights accrued before, as the opening of a book that is taken over.
INSERT INTO core.accrual_corrections (line_id, version, corrected_on, customer_id, microcents)
SELECT c.line_id, 1, CAST('{ends}' AS date) - 30, c.customer_id, a.microcents
  FROM lived.copies AS c
  JOIN (SELECT line_id, sum(microcents) AS microcents
          FROM (SELECT line_id, microcents FROM lived.accruals
                 UNION ALL SELECT line_id, microcents FROM lived.accrual_corrections) AS both_of
         GROUP BY line_id) AS a ON a.line_id = c.life
 ORDER BY c.n

-- accrual_checks --
INSERT INTO core.accrual_checks (line_id, customer_id, version, last_seq, checked_on)
SELECT c.line_id, c.customer_id, CASE WHEN a.version = l.version THEN 1 ELSE 0 END, a.last_seq, a.checked_on
  FROM lived.copies AS c JOIN lived.accrual_checks AS a ON a.line_id = c.life JOIN lived.lines AS l ON l.line_id = c.life
 ORDER BY c.n

-- gl_watermarks --
-- The general ledger has folded what was taken over.
INSERT INTO core.gl_watermarks (line_id, version, seq, billed_through)
SELECT c.line_id, 1, l.last_seq, w.billed_through
  FROM lived.copies AS c JOIN lived.lines AS l ON l.line_id = c.life LEFT JOIN lived.gl_watermarks AS w ON w.line_id = c.life
 ORDER BY c.n
