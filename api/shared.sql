-- take --
-- Counts one use of a key in a minute and answers how many there have been; minutes gone by start at one.
INSERT INTO shared.rates AS rates (key, minute, used)
VALUES (:key, :window, 1)
ON CONFLICT (key) DO UPDATE
    SET used = CASE WHEN rates.minute = excluded.minute THEN rates.used + 1 ELSE 1 END, minute = excluded.minute
RETURNING used
