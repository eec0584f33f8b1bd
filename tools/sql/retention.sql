-- receipts --
DELETE FROM servicing.tool_calls
WHERE tool_call_id IN (
    SELECT tool_call_id FROM servicing.tool_calls WHERE called_at < :before ORDER BY called_at LIMIT :most
)

-- proposals --
-- Receipts go first: none outlives its proposal.
DELETE FROM servicing.proposals
WHERE proposal_id IN (
    SELECT p.proposal_id
    FROM servicing.proposals AS p
    WHERE p.created_at < :before AND p.status <> 'open'
    ORDER BY p.created_at
    LIMIT :most
)

-- codes --
DELETE FROM servicing.step_up_codes
WHERE code_id IN (
    SELECT code_id FROM servicing.step_up_codes WHERE created_at < :before ORDER BY created_at LIMIT :most
)
