-- first_result --
SELECT tool_call_id, tool, effect, arguments_hash, outcome, fields, called_at
FROM servicing.tool_calls
WHERE actor_id = :actor_id AND key = :key AND effect <> 'read' AND outcome IN ('done', 'needs_confirmation')

-- add --
INSERT INTO servicing.tool_calls (
    tool_call_id, customer_id, actor_id, conversation_id, turn_id, tool, effect, key, arguments_hash, outcome, fields,
    called_at
) VALUES (
    :tool_call_id, :customer_id, :actor_id, :conversation_id, :turn_id, :tool, :effect, :key, :arguments_hash,
    :outcome, :fields, :called_at
)
ON CONFLICT (tool_call_id) DO NOTHING
