-- create_conversation --
-- A new, empty conversation.
INSERT INTO agent.conversations (conversation_id, customer_id, created_at)
VALUES (:conversation_id, :customer_id, :now)

-- owner --
-- The owner, when row-level security lets the caller see the conversation.
SELECT customer_id FROM agent.conversations WHERE conversation_id = :conversation_id

-- claim_turn --
-- Claims a client's turn id; a known one comes back as it stands.
WITH claimed AS (
    INSERT INTO agent.turns (turn_id, conversation_id, customer_id, client_turn_id, input_hash, created_at)
    VALUES (:turn_id, :conversation_id, :customer_id, :client_turn_id, :input_hash, :now)
    ON CONFLICT (conversation_id, client_turn_id) DO NOTHING
    RETURNING turn_id, input_hash, reply
)
SELECT turn_id, input_hash, reply, true AS fresh FROM claimed
UNION ALL
SELECT turn_id, input_hash, reply, false AS fresh FROM agent.turns
WHERE conversation_id = :conversation_id AND client_turn_id = :client_turn_id
LIMIT 1

-- finish_turn --
-- Stores the answer of a turn that has none yet.
UPDATE agent.turns SET reply = :reply, finished_at = :now WHERE turn_id = :turn_id AND reply IS NULL

-- add_message --
-- One message of the transcript.
INSERT INTO agent.messages (message_id, conversation_id, customer_id, turn_id, role, text, reply, created_at)
VALUES (:message_id, :conversation_id, :customer_id, :turn_id, :role, :text, :reply, :now)

-- list_messages --
-- The transcript, oldest first.
SELECT message_id, turn_id, role, text, reply, created_at
FROM agent.messages
WHERE conversation_id = :conversation_id
ORDER BY created_at, message_id
