-- of_conversation --
SELECT duty_id, queue, started_on, due_on, due_at
FROM servicing.duties
WHERE conversation_id = :conversation_id AND customer_id = :customer_id AND "right" = :right AND state = 'open'
ORDER BY started_at
LIMIT 1

-- add --
INSERT INTO servicing.duties (
    duty_id, customer_id, line_id, conversation_id, turn_id, "right", queue, started_on, started_at, due_on, due_at,
    evidence
) VALUES (
    :duty_id, :customer_id, :line_id, :conversation_id, :turn_id, :right, :queue, :started_on, :started_at, :due_on,
    :due_at, :evidence
)

-- open_since --
SELECT min(started_on)
FROM servicing.duties
WHERE customer_id = :customer_id AND "right" = ANY (:rights) AND state = 'open'
