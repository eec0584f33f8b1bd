-- What a customer said, and where they are reached, goes; what was asked, agreed and done, by whom and when, stays.

-- The figures, days, codes and ids of a document; words go. Names of fields that only ever hold words go whatever they hold.
CREATE FUNCTION servicing.without_words(p_fields jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(jsonb_object_agg(key, value), '{}')
      FROM jsonb_each(CASE jsonb_typeof(p_fields) WHEN 'object' THEN p_fields ELSE '{}' END)
     WHERE key NOT IN ('body', 'email', 'memo', 'name', 'narrative', 'nickname', 'phone', 'words')
       AND (jsonb_typeof(value) IN ('number', 'boolean')
            OR jsonb_typeof(value) = 'string' AND (value #>> '{}') ~ '^([a-z][a-z0-9_]{1,60}|[0-9]{4}-[0-9]{2}-[0-9]{2})$')
$$;

CREATE FUNCTION servicing.erase_customer(p_customer_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = servicing, pg_temp
AS $$
    UPDATE servicing.proposals
       SET arguments = servicing.without_words(arguments), terms = servicing.without_words(terms), summary = '',
           rows = '[]', result = CASE WHEN result IS NULL THEN NULL ELSE servicing.without_words(result) END,
           status = CASE status WHEN 'open' THEN 'void' ELSE status END, token_hash = NULL,
           decided_at = coalesce(decided_at, now())
     WHERE customer_id = p_customer_id;
    UPDATE servicing.approvals
       SET arguments = servicing.without_words(arguments), terms = servicing.without_words(terms), summary = '',
           rows = '[]', result = CASE WHEN result IS NULL THEN NULL ELSE servicing.without_words(result) END
     WHERE customer_id = p_customer_id;
    UPDATE servicing.tool_calls
       SET fields = CASE WHEN effect = 'act' AND outcome = 'done' THEN servicing.without_words(fields) ELSE '{}' END
     WHERE customer_id = p_customer_id;
    UPDATE servicing.duties SET evidence = '' WHERE customer_id = p_customer_id;
    UPDATE servicing.handoffs SET summary = '', open_tasks = '[]', evidence = '[]' WHERE customer_id = p_customer_id;
    UPDATE servicing.notes SET body = NULL, erased_at = coalesce(erased_at, now()) WHERE customer_id = p_customer_id;
    UPDATE servicing.contact_changes SET email = NULL, phone = NULL, taken_at = coalesce(taken_at, now())
     WHERE customer_id = p_customer_id;
    DELETE FROM servicing.step_up_codes WHERE customer_id = p_customer_id;
$$;
REVOKE ALL ON FUNCTION servicing.erase_customer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION servicing.erase_customer TO cashline_batch;
