-- waiting --
SELECT handoff_id, customer_id, conversation_id, queue, reason, summary, created_at, state, taken_by
FROM servicing.handoffs
WHERE state IN ('waiting', 'taken') AND (CAST(:queue AS text) IS NULL OR queue = :queue)
ORDER BY created_at, handoff_id
LIMIT 100

-- duties --
SELECT duty_id, customer_id, line_id, conversation_id, "right", queue, started_on, due_on, due_at, held_until, held_reason
FROM servicing.duties
WHERE state = 'open' AND (CAST(:queue AS text) IS NULL OR queue = :queue)
      AND (CAST(:customer_id AS text) IS NULL OR customer_id = :customer_id)
ORDER BY coalesce(due_at, due_on::timestamptz), duty_id
LIMIT 100

-- handoff --
SELECT handoff_id, state, taken_by, queue
FROM servicing.handoffs
WHERE handoff_id = :handoff_id AND customer_id = :customer_id
FOR UPDATE

-- take --
UPDATE servicing.handoffs
SET state = 'taken', taken_by = :actor_id, taken_at = :now
WHERE handoff_id = :handoff_id

-- close --
UPDATE servicing.handoffs
SET state = 'closed', outcome = :outcome, closed_at = :now
WHERE handoff_id = :handoff_id

-- duty --
SELECT duty_id, "right", queue, due_on, state, outcome, held_until
FROM servicing.duties
WHERE duty_id = :duty_id AND customer_id = :customer_id
FOR UPDATE

-- discharge --
UPDATE servicing.duties
SET state = 'discharged', outcome = :outcome, discharged_by = :actor_id, discharged_at = :now, held_until = NULL,
    held_reason = NULL
WHERE duty_id = :duty_id

-- hold --
UPDATE servicing.duties
SET held_until = :until_on, held_reason = :reason
WHERE duty_id = :duty_id

-- add_note --
INSERT INTO servicing.notes (note_id, customer_id, conversation_id, actor_id, body, created_at)
VALUES (:note_id, :customer_id, :conversation_id, :actor_id, :body, :now)

-- notes --
SELECT note_id, actor_id, body, created_at
FROM servicing.notes
WHERE customer_id = :customer_id AND erased_at IS NULL
ORDER BY created_at DESC, note_id DESC
LIMIT 50

-- erase_note --
UPDATE servicing.notes
SET body = NULL, erased_at = :now
WHERE note_id = :note_id AND customer_id = :customer_id AND erased_at IS NULL
