-- waiting --
SELECT handoff_id, summary
FROM servicing.handoffs
WHERE conversation_id = :conversation_id AND customer_id = :customer_id AND queue = :queue AND reason = :reason
      AND state = 'waiting'
ORDER BY created_at
LIMIT 1

-- add --
INSERT INTO servicing.handoffs (
    handoff_id, customer_id, conversation_id, turn_id, queue, reason, summary, open_tasks, evidence, created_at
) VALUES (
    :handoff_id, :customer_id, :conversation_id, :turn_id, :queue, :reason, :summary, :open_tasks, :evidence,
    :created_at
)

-- evidence --
SELECT tool_call_id
FROM servicing.tool_calls
WHERE conversation_id = :conversation_id AND outcome IN ('done', 'refused', 'needs_confirmation')
ORDER BY called_at DESC, tool_call_id DESC
LIMIT 20
