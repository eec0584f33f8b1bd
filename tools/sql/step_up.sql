-- sent_since --
SELECT count(*)
FROM servicing.step_up_codes
WHERE customer_id = :customer_id AND created_at > :since

-- replace --
UPDATE servicing.step_up_codes
SET state = 'replaced'
WHERE proposal_id = :proposal_id AND state = 'open'

-- add --
INSERT INTO servicing.step_up_codes (
    code_id, proposal_id, customer_id, salt, code_hash, attempts_left, created_at, expires_at
) VALUES (
    :code_id, :proposal_id, :customer_id, :salt, :code_hash, :attempts_left, :created_at, :expires_at
)

-- open --
SELECT code_id, salt, code_hash, attempts_left, expires_at
FROM servicing.step_up_codes
WHERE proposal_id = :proposal_id AND state = 'open'

-- count_guess --
UPDATE servicing.step_up_codes
SET attempts_left = attempts_left - 1
WHERE code_id = :code_id

-- use --
UPDATE servicing.step_up_codes
SET state = 'used'
WHERE code_id = :code_id
