-- ask --
INSERT INTO servicing.contact_changes (change_id, customer_id, email, phone, asked_at)
VALUES (:change_id, :customer_id, :email, :phone, :now)

-- waiting --
-- The newest alone: an older one was thought better of.
SELECT change_id, email, phone
FROM servicing.contact_changes
WHERE customer_id = :customer_id AND taken_at IS NULL
ORDER BY asked_at DESC, change_id DESC
LIMIT 1

-- change --
SELECT change_id, email, phone
FROM servicing.contact_changes
WHERE change_id = :change_id AND customer_id = :customer_id AND taken_at IS NULL

-- take --
-- The address lives on with the customer alone.
UPDATE servicing.contact_changes
SET taken_at = :now, email = NULL, phone = NULL
WHERE change_id = :change_id

-- preferences --
SELECT calls, texts, emails, paper_statements
FROM servicing.contact_preferences
WHERE customer_id = :customer_id

-- set --
INSERT INTO servicing.contact_preferences (customer_id, calls, texts, emails, paper_statements, changed_at)
VALUES (:customer_id, :calls, :texts, :emails, :paper_statements, :now)
ON CONFLICT (customer_id) DO UPDATE
SET calls = excluded.calls, texts = excluded.texts, emails = excluded.emails,
    paper_statements = excluded.paper_statements, changed_at = excluded.changed_at
