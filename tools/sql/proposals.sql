-- add --
INSERT INTO servicing.proposals (
    proposal_id, customer_id, conversation_id, turn_id, line_id, tool, arguments, terms, summary, rows, language,
    needs_code, created_at, expires_at
) VALUES (
    :proposal_id, :customer_id, :conversation_id, :turn_id, :line_id, :tool, :arguments, :terms, :summary, :rows,
    :language, :needs_code, :created_at, :expires_at
)

-- supersede_open --
UPDATE servicing.proposals
SET status = 'superseded', token_hash = NULL, decided_at = :now, replaced_by = :replaced_by
WHERE conversation_id = :conversation_id AND customer_id = :customer_id AND status = 'open'
RETURNING proposal_id

-- read --
SELECT proposal_id, customer_id, conversation_id, tool, arguments, terms, summary, rows, language, status, token_hash,
       expires_at, result, needs_code
FROM servicing.proposals
WHERE proposal_id = :proposal_id AND customer_id = :customer_id

-- lock --
SELECT proposal_id, customer_id, conversation_id, tool, arguments, terms, summary, rows, language, status, token_hash,
       expires_at, result, needs_code
FROM servicing.proposals
WHERE proposal_id = :proposal_id AND customer_id = :customer_id
FOR UPDATE

-- set_token --
UPDATE servicing.proposals
SET token_hash = :token_hash
WHERE proposal_id = :proposal_id AND status = 'open' AND expires_at > :now

-- close --
UPDATE servicing.proposals
SET status = :status, token_hash = NULL, decided_at = :now, result = :result, replaced_by = :replaced_by
WHERE proposal_id = :proposal_id AND status = 'open'

-- expire --
UPDATE servicing.proposals
SET status = 'expired', token_hash = NULL, decided_at = :now
WHERE status = 'open' AND expires_at <= :now

-- void_all --
UPDATE servicing.proposals
SET status = 'void', token_hash = NULL, decided_at = :now
WHERE customer_id = :customer_id AND status = 'open'
