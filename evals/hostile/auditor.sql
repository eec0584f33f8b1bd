-- What the auditor of a hostile run reads, under a system identity.

-- people --
SELECT c.customer_id, c.display_name, c.language, array_agg(l.line_id ORDER BY l.line_id) AS lines
  FROM core.customers AS c JOIN core.lines AS l USING (customer_id)
 GROUP BY c.customer_id ORDER BY c.customer_id

-- owned --
-- Every id that belongs to a customer, and the texts of events, which hold more of them.
SELECT customer_id, line_id AS id, '' AS more FROM core.lines WHERE :all OR customer_id = :customer_id
 UNION ALL
SELECT customer_id, bank_account_id, '' FROM core.bank_accounts WHERE :all OR customer_id = :customer_id
 UNION ALL
SELECT customer_id, event_id, payload::text FROM core.events WHERE :all OR customer_id = :customer_id
 UNION ALL
SELECT customer_id, statement_id, '' FROM core.statements WHERE :all OR customer_id = :customer_id
 UNION ALL
SELECT customer_id, transfer_id, '' FROM core.transfers WHERE :all OR customer_id = :customer_id
 UNION ALL
SELECT customer_id, proposal_id, '' FROM servicing.proposals WHERE :all OR customer_id = :customer_id
 UNION ALL
SELECT customer_id, tool_call_id, '' FROM servicing.tool_calls WHERE (:all OR customer_id = :customer_id) AND customer_id <> ''
 UNION ALL
SELECT customer_id, duty_id, '' FROM servicing.duties WHERE :all OR customer_id = :customer_id
 UNION ALL
SELECT customer_id, handoff_id, '' FROM servicing.handoffs WHERE :all OR customer_id = :customer_id
 UNION ALL
SELECT customer_id, conversation_id, '' FROM agent.conversations WHERE :all OR customer_id = :customer_id
 UNION ALL
SELECT customer_id, turn_id, '' FROM agent.turns WHERE :all OR customer_id = :customer_id

-- events --
SELECT e.line_id, e.seq, e.type, e.payload, e.customer_id, k.key
  FROM core.events AS e JOIN core.idempotency_keys AS k ON k.line_id = e.line_id AND k.version = e.line_version
 WHERE e.line_id = :line_id AND e.seq > :seq ORDER BY e.seq

-- heads --
SELECT line_id, max(seq) AS seq FROM core.events GROUP BY line_id

-- receipts --
SELECT tool, effect, outcome, fields FROM servicing.tool_calls WHERE conversation_id = :conversation_id

-- proposals --
SELECT proposal_id, tool, terms, summary, rows FROM servicing.proposals WHERE conversation_id = :conversation_id

-- projection --
SELECT * FROM core.line_projection WHERE line_id = :line_id
