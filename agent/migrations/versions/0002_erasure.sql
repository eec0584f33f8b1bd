-- Conversations of a customer and what was remembered of them.
CREATE FUNCTION agent.erase_customer(p_customer_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = agent, pg_temp
AS $$
    DELETE FROM agent.checkpoint_writes
     WHERE thread_id IN (SELECT conversation_id FROM agent.conversations WHERE customer_id = p_customer_id);
    DELETE FROM agent.checkpoint_blobs
     WHERE thread_id IN (SELECT conversation_id FROM agent.conversations WHERE customer_id = p_customer_id);
    DELETE FROM agent.checkpoints
     WHERE thread_id IN (SELECT conversation_id FROM agent.conversations WHERE customer_id = p_customer_id);
    DELETE FROM agent.conversations WHERE customer_id = p_customer_id;
$$;
REVOKE ALL ON FUNCTION agent.erase_customer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agent.erase_customer TO cashline_batch;
