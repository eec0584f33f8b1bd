-- standing --
-- What stands against an erasure: lines that live, duties that run, and the newest decision and fact of any line.
SELECT (SELECT count(*) FROM core.line_projection WHERE customer_id = :customer_id AND status <> 'closed') AS lines,
       (SELECT count(*) FROM servicing.duties WHERE customer_id = :customer_id AND state = 'open') AS duties,
       (SELECT max(d.decided_on) FROM core.decisions AS d WHERE d.customer_id = :customer_id) AS decided_on,
       (SELECT max(e.effective_on) FROM core.events AS e JOIN core.lines AS l USING (line_id)
         WHERE l.customer_id = :customer_id) AS lived_on,
       EXISTS (SELECT FROM core.customers WHERE customer_id = :customer_id AND erased_at IS NULL) AS there

-- core --
SELECT core.erase_customer(:customer_id)

-- servicing --
SELECT servicing.erase_customer(:customer_id)

-- agent --
SELECT agent.erase_customer(:customer_id)
