-- one_at_a_time --
-- Until the tx ends: what the next one counts, this one has written.
SELECT pg_advisory_xact_lock(hashtextextended('cashline.limits:' || :actor_id, 0))

-- proposals_since --
SELECT count(*)
FROM servicing.proposals
WHERE customer_id = :customer_id AND created_at > :since

-- money_acts --
SELECT count(*)
FROM servicing.tool_calls
WHERE conversation_id = :conversation_id AND actor_id = :customer_id AND tool = ANY (:tools) AND effect = 'act'
      AND outcome = 'done' AND NOT fields ? 'declined'

-- acts_since --
SELECT count(*) AS acts, coalesce(sum((fields ->> 'amount_cents')::bigint), 0) AS cents
FROM servicing.tool_calls
WHERE actor_id = :customer_id AND tool = :tool AND effect = 'act' AND outcome = 'done' AND called_at > :since
      AND NOT fields ? 'declined'
