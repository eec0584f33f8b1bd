-- What books say, and what must hold in any of them. Read under a system identity, which sees all lines.

-- digest --
SELECT core.content_digest()

-- said --
-- By table and kind: how many rows, and a sum where amounts are.
SELECT 'events ' || type AS name, count(*) AS rows, 0::bigint AS sum FROM core.events GROUP BY type
 UNION ALL
SELECT 'entries ' || e.kind || ' ' || e.stage, count(DISTINCT e.entry_id), sum(p.amount_cents)::bigint
  FROM core.entries AS e JOIN core.postings AS p USING (line_id, entry_id) GROUP BY e.kind, e.stage
 UNION ALL
SELECT 'balance ' || account || ' ' || stage, count(*), sum(debit_cents - credit_cents)::bigint
  FROM core.ledger_balances GROUP BY account, stage
 UNION ALL
SELECT 'keys', count(*), 0 FROM core.idempotency_keys
 UNION ALL
SELECT 'outbox ' || topic, count(*), 0 FROM core.outbox GROUP BY topic
 UNION ALL
SELECT 'transfers ' || kind || ' ' || state, count(*), sum(amount_cents)::bigint
  FROM core.transfers GROUP BY kind, state
 UNION ALL
SELECT 'statements', count(*), sum((figures ->> 'new_balance_cents')::bigint)::bigint FROM core.statements
 UNION ALL
SELECT 'narratives ' || kind || ' ' || (reference_id IS NOT NULL), count(*), sum(length(body))::bigint
  FROM core.narratives GROUP BY kind, reference_id IS NOT NULL
 UNION ALL
SELECT 'plans running ' || (ended_on IS NULL), count(*), 0 FROM core.plans GROUP BY ended_on IS NULL
 UNION ALL
SELECT 'rates', count(*), sum(apr_bp)::bigint FROM core.rates
 UNION ALL
SELECT 'projection ' || status, count(*),
       sum(owed_cents + held_cents + disputed_cents + days_past_due + limit_cents)::bigint
  FROM core.line_projection GROUP BY status
 UNION ALL
SELECT 'decisions ' || kind || ' ' || outcome, count(*), sum(limit_cents)::bigint
  FROM core.decisions GROUP BY kind, outcome
 UNION ALL
SELECT 'accruals', count(*), sum(microcents)::bigint FROM core.accruals
 UNION ALL
SELECT 'accrual corrections', count(*), sum(microcents)::bigint FROM core.accrual_corrections
 UNION ALL
SELECT 'accrual checks', count(*), sum(version)::bigint FROM core.accrual_checks
 UNION ALL
SELECT 'differences', count(*), 0 FROM core.reconciliation_differences
 UNION ALL
SELECT 'nights', count(*), count(done_at) FROM core.business_days
 UNION ALL
SELECT 'inbox ' || consumer, count(*), 0 FROM core.inbox GROUP BY consumer

-- broken --
SELECT 'line ' || line_id || ' does not sum to zero' AS what
  FROM core.ledger_balances GROUP BY line_id HAVING sum(debit_cents - credit_cents) <> 0
 UNION ALL
SELECT 'entry ' || entry_id || ' is not balanced'
  FROM core.postings GROUP BY line_id, entry_id
HAVING sum(CASE side WHEN 'debit' THEN amount_cents ELSE -amount_cents END) <> 0
 UNION ALL
SELECT 'chain of ' || line_id || ' breaks at ' || core.first_broken_link(line_id)
  FROM core.lines WHERE core.first_broken_link(line_id) IS NOT NULL
 UNION ALL
SELECT 'balances of ' || line_id || ' differ from its postings on ' || account
  FROM (SELECT line_id, account, sum(debit_cents - credit_cents) AS cents
          FROM core.ledger_balances GROUP BY line_id, account) AS b
  FULL JOIN (SELECT line_id, account,
                    sum(CASE side WHEN 'debit' THEN amount_cents ELSE -amount_cents END) AS cents
               FROM core.postings GROUP BY line_id, account) AS p USING (line_id, account)
 WHERE b.cents IS DISTINCT FROM p.cents
 UNION ALL
SELECT 'line ' || line_id || ' has ' || version || ' versions but ' || written || ' keys'
  FROM core.lines JOIN (SELECT line_id, count(*) AS written FROM core.idempotency_keys GROUP BY line_id) AS k
       USING (line_id)
 WHERE version <> written
 UNION ALL
SELECT kind || ' ' || reference_id || ' has ' || count(*) || ' transfers'
  FROM core.transfers GROUP BY line_id, kind, reference_id HAVING count(*) > 1
