-- A statement is the document of a StatementIssued of its line: none is written without that event.
CREATE FUNCTION core.check_statements() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_statement_id text;
BEGIN
    SELECT a.statement_id INTO v_statement_id
      FROM added AS a
     WHERE NOT EXISTS (SELECT FROM core.events AS e
                        WHERE e.line_id = a.line_id AND e.customer_id = a.customer_id AND e.type = 'StatementIssued'
                          AND e.payload ->> 'statement_id' = a.statement_id
                          AND e.payload -> 'figures' = a.figures)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'statement % was never issued', v_statement_id USING ERRCODE = 'CL005';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER of_events AFTER INSERT ON core.statements REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION core.check_statements();
REVOKE ALL ON FUNCTION core.check_statements FROM PUBLIC;
