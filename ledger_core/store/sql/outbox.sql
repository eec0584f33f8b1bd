-- waiting --
-- The oldest undelivered message of each line, locked; lines that another relay holds are left to it.
SELECT o.line_id, o.version, o.position, o.topic, o.payload
  FROM core.outbox AS o
 WHERE o.delivered_at IS NULL
   AND NOT EXISTS (
       SELECT FROM core.outbox AS earlier
        WHERE earlier.line_id = o.line_id AND earlier.delivered_at IS NULL
          AND (earlier.version, earlier.position) < (o.version, o.position))
 ORDER BY o.line_id, o.version, o.position
 LIMIT :limit
   FOR UPDATE SKIP LOCKED

-- delivered --
UPDATE core.outbox SET delivered_at = now()
 WHERE line_id = :line_id AND version = :version AND position = :position

-- first_time --
-- One row when the consumer sees this message for the first time.
INSERT INTO core.inbox (consumer, message_id) VALUES (:consumer, :message_id)
ON CONFLICT DO NOTHING RETURNING message_id
