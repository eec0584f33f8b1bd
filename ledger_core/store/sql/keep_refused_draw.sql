-- A draw that rules refused, once for each wish and reason on a day.
INSERT INTO core.decisions
       (line_id, decision_id, customer_id, kind, decided_on, known_seq, asked_cents, outcome, limit_cents, grade, reasons,
        features, features_sha256, path, policy_version, latency_us, product_id, state_code)
SELECT l.line_id, %(decision_id)s, l.customer_id, 'draw', %(decided_on)s,
       (SELECT max(e.seq) FROM core.events AS e WHERE e.line_id = l.line_id), %(asked_cents)s, 'declined', p.limit_cents,
       'rules', %(reasons)s, '{}', %(features_sha256)s, 'rules', %(policy_version)s, %(latency_us)s, l.product_id,
       (SELECT e.payload ->> 'state_code' FROM core.events AS e WHERE e.line_id = l.line_id AND e.type = 'LineOpened')
  FROM core.lines AS l
  JOIN core.line_projection AS p ON p.line_id = l.line_id
 WHERE l.line_id = %(line_id)s
ON CONFLICT DO NOTHING
