-- Credit decisions with all that they were made from, kept as they were made. The journal holds what was decided
-- (CreditDecided); this table holds why: features, score, versions, how long it took. Never changed.
CREATE TABLE core.decisions (
    line_id            text NOT NULL,
    decision_id        text NOT NULL,
    customer_id        text NOT NULL,
    kind               text NOT NULL CHECK (kind IN ('limit_request', 'limit_review', 'application', 'draw')),
    decided_on         date NOT NULL,
    known_seq          bigint NOT NULL CHECK (known_seq >= 0),
    asked_cents        bigint NOT NULL CHECK (asked_cents > 0),
    outcome            text NOT NULL CHECK (outcome IN ('approved', 'counter_offer', 'declined')),
    limit_cents        bigint NOT NULL CHECK (limit_cents >= 0),
    expires_on         date,
    grade              text NOT NULL,
    reasons            text[] NOT NULL CHECK (cardinality(reasons) <= 4),
    features           integer[] NOT NULL,
    features_sha256    text NOT NULL,
    micrologits        bigint,
    default_ppm        integer CHECK (default_ppm BETWEEN 0 AND 1000000),
    path               text NOT NULL CHECK (path IN ('model', 'conservative', 'rules')),
    why_conservative   text,
    model_version      text,
    policy_version     text NOT NULL,
    challenger_version text,
    challenger_ppm     integer CHECK (challenger_ppm BETWEEN 0 AND 1000000),
    latency_us         integer NOT NULL CHECK (latency_us >= 0),
    recorded_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (line_id, decision_id),
    CONSTRAINT scored_by_a_model CHECK ((path = 'model') = (micrologits IS NOT NULL)),
    CONSTRAINT conservative_says_why CHECK ((path = 'conservative') = (why_conservative IS NOT NULL)),
    CONSTRAINT less_than_asked_has_reasons CHECK (outcome = 'approved' OR cardinality(reasons) > 0)
);
CREATE INDEX decisions_of_customer ON core.decisions (customer_id);
CREATE INDEX decisions_by_day ON core.decisions (decided_on);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.decisions FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.decisions EXECUTE FUNCTION core.forbid();
ALTER TABLE core.decisions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON core.decisions USING (core.sees(customer_id));
GRANT SELECT, INSERT ON core.decisions TO cashline_app, cashline_batch;
