-- Nights over a million lines: accruals that are only ever appended to, lines shared out among workers, the steps
-- that a worker has done, the differences a reconciliation found, and days past due that move without a replay.

-- The share of a line when the lines are shared out among so many workers: 0 up to p_of, not p_of itself. Its
-- seed is its own, so that it has nothing to do with the thirtieth that a night reconciles.
CREATE FUNCTION core.share_of(p_line_id text, p_of integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT ((hashtextextended(p_line_id, 17) & 9223372036854775807) % p_of)::integer
$$;

-- The day leads the key, so that a night adds to the end of the index and costs the same after years; it serves
-- questions about a day as well. A foreign key would lock each line's head once per night and row: the lines are
-- looked up for the whole statement at once instead. They are never deleted.
ALTER TABLE core.accruals DROP CONSTRAINT accruals_pkey, DROP CONSTRAINT accruals_line_id_customer_id_fkey;
ALTER TABLE core.accruals ADD PRIMARY KEY (accrued_on, line_id, bucket);
DROP INDEX core.accruals_by_day;
CREATE FUNCTION core.check_accrued_lines() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (SELECT FROM written AS w
                WHERE NOT EXISTS (SELECT FROM core.lines AS l
                                   WHERE l.line_id = w.line_id AND l.customer_id = w.customer_id)) THEN
        RAISE EXCEPTION 'interest of a line that is not there' USING ERRCODE = '23503';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER of_lines AFTER INSERT ON core.accruals REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION core.check_accrued_lines();

CREATE INDEX statements_by_due ON core.statements (due_on);
CREATE INDEX ledger_balances_of_credit ON core.ledger_balances (line_id)
 WHERE account = 'customer_credit' AND stage = 'posted';

-- Days past due as of a date: they grow without a fact, and the projection is else written with facts alone.
-- due_on is the day of the oldest unpaid minimum; where none is unpaid it lies ahead.
CREATE FUNCTION core.age(p_today date, p_share integer, p_of integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
DECLARE
    v_count bigint;
BEGIN
    UPDATE core.line_projection
       SET days_past_due = p_today - due_on
     WHERE due_on < p_today AND status <> 'closed' AND days_past_due <> p_today - due_on
       AND core.share_of(line_id, p_of) = p_share;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;
REVOKE ALL ON FUNCTION core.age FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.age TO cashline_batch;

-- The steps of a night that a worker has done with its share of the lines.
CREATE TABLE core.night_steps (
    business_date date NOT NULL,
    of            integer NOT NULL CHECK (of > 0),
    share         integer NOT NULL CHECK (share >= 0 AND share < of),
    step          text NOT NULL,
    report        jsonb NOT NULL,
    microseconds  bigint NOT NULL,
    done_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (business_date, of, share, step)
);
GRANT SELECT, INSERT ON core.night_steps TO cashline_batch;

-- What a reconciliation could not explain; nothing writes it away. about: `interest` in micro-cents, or a ledger
-- account, debits less credits in cents.
CREATE TABLE core.reconciliation_differences (
    found_on    date NOT NULL,
    line_id     text NOT NULL,
    about       text NOT NULL,
    customer_id text NOT NULL,
    written     bigint NOT NULL,
    replayed    bigint NOT NULL CHECK (replayed <> written),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (found_on, line_id, about),
    FOREIGN KEY (line_id, customer_id) REFERENCES core.lines (line_id, customer_id)
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON core.reconciliation_differences
    FOR EACH ROW EXECUTE FUNCTION core.forbid();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON core.reconciliation_differences EXECUTE FUNCTION core.forbid();
ALTER TABLE core.reconciliation_differences ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON core.reconciliation_differences USING (core.sees(customer_id));
GRANT SELECT ON core.reconciliation_differences TO cashline_app;
GRANT SELECT, INSERT ON core.reconciliation_differences TO cashline_batch;
