-- What a played scenario has changed, read under a system identity.

-- facts --
SELECT e.type, count(*) AS n FROM core.events AS e JOIN core.lines AS l USING (line_id)
 WHERE l.customer_id = :customer_id AND e.recorded_at >= :since GROUP BY e.type

-- duties --
SELECT DISTINCT "right" FROM servicing.duties WHERE conversation_id = :conversation_id

-- handoffs --
SELECT DISTINCT queue FROM servicing.handoffs WHERE conversation_id = :conversation_id

-- messages --
SELECT role, text FROM agent.messages WHERE conversation_id = :conversation_id ORDER BY created_at, message_id

-- now --
SELECT clock_timestamp()
