-- One round trip: the line, its events in order, and the answer this key got before.
-- Row-level security hides what the identity may not see.
SELECT l.line_id, l.customer_id, l.product_id, l.product_version, l.status, l.version, l.limit_cents, l.opened_on,
       l.chain_hash,
       (SELECT json_agg(json_build_array(e.event_id, e.seq, e.type, e.version, e.effective_on, e.recorded_at,
                                         e.payload) ORDER BY e.seq)
          FROM core.events AS e WHERE e.line_id = l.line_id) AS events,
       k.input_hash, k.result
  FROM core.lines AS l
  LEFT JOIN core.idempotency_keys AS k ON k.line_id = l.line_id AND k.key = %(key)s
 WHERE l.line_id = %(line_id)s
