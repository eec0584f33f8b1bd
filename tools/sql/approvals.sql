-- add --
INSERT INTO servicing.approvals (
    approval_id, customer_id, conversation_id, turn_id, line_id, tool, arguments, terms, summary, rows, requested_by,
    requested_at, expires_at
) VALUES (
    :approval_id, :customer_id, :conversation_id, :turn_id, :line_id, :tool, :arguments, :terms, :summary, :rows,
    :requested_by, :requested_at, :expires_at
)

-- read --
SELECT approval_id, customer_id, conversation_id, turn_id, tool, arguments, terms, summary, rows, requested_by,
       expires_at, status, result
FROM servicing.approvals
WHERE approval_id = :approval_id

-- lock --
SELECT approval_id, customer_id, conversation_id, turn_id, tool, arguments, terms, summary, rows, requested_by,
       expires_at, status, result
FROM servicing.approvals
WHERE approval_id = :approval_id
FOR UPDATE

-- close --
UPDATE servicing.approvals
SET status = :status, decided_by = :decided_by, decided_at = :now, result = :result
WHERE approval_id = :approval_id AND status = 'open'

-- open_ones --
SELECT approval_id, customer_id, line_id, tool, summary, requested_by, requested_at, expires_at
FROM servicing.approvals
WHERE status = 'open' AND expires_at > :now
ORDER BY requested_at, approval_id
LIMIT 100

-- expire --
UPDATE servicing.approvals
SET status = 'expired', decided_at = :now
WHERE status = 'open' AND expires_at <= :now
