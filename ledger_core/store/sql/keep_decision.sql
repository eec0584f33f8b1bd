-- A credit decision with its evidence.
INSERT INTO core.decisions
       (line_id, decision_id, customer_id, kind, decided_on, known_seq, asked_cents, outcome, limit_cents, expires_on,
        grade, reasons, features, features_sha256, micrologits, default_ppm, path, why_conservative, model_version,
        policy_version, challenger_version, challenger_ppm, latency_us)
VALUES (%(line_id)s, %(decision_id)s, %(customer_id)s, %(kind)s, %(decided_on)s, %(known_seq)s, %(asked_cents)s,
        %(outcome)s, %(limit_cents)s, %(expires_on)s, %(grade)s, %(reasons)s, %(features)s, %(features_sha256)s,
        %(micrologits)s, %(default_ppm)s, %(path)s, %(why_conservative)s, %(model_version)s, %(policy_version)s,
        %(challenger_version)s, %(challenger_ppm)s, %(latency_us)s)
