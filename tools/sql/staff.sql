-- grade --
SELECT grade
FROM servicing.staff
WHERE actor_id = :actor_id AND active

-- put --
INSERT INTO servicing.staff (actor_id, grade) VALUES (:actor_id, :grade)
ON CONFLICT (actor_id) DO UPDATE SET grade = excluded.grade, active = true

-- remove --
UPDATE servicing.staff SET active = false WHERE actor_id = :actor_id AND active

-- everybody --
SELECT actor_id, grade FROM servicing.staff WHERE active ORDER BY actor_id

-- spent --
-- What a colleague's own acts of these tools came to; what a second person approved is not theirs alone.
SELECT coalesce(sum((fields ->> :amount)::bigint), 0)
FROM servicing.tool_calls
WHERE actor_id = :actor_id AND tool = ANY (:tools) AND effect = 'act' AND outcome = 'done' AND called_at > :since
      AND key NOT LIKE 'appr\_%'
