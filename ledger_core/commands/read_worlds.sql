-- The heads of these lines and their events in order, one row a line.
SELECT l.line_id, l.customer_id, l.product_id, l.product_version, l.status, l.version, l.limit_cents, l.opened_on,
       l.chain_hash,
       (SELECT json_agg(json_build_array(e.event_id, e.seq, e.type, e.effective_on, e.payload) ORDER BY e.seq)
          FROM core.events AS e WHERE e.line_id = l.line_id) AS events
  FROM core.lines AS l
 WHERE l.line_id = ANY (%(line_ids)s)
 ORDER BY l.line_id
