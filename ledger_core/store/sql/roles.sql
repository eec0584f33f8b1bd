-- The roles of the platform. They belong to the server, so a superuser makes them, once, before the migrations.
-- cashline_owner owns the schemas and migrates; cashline_app serves; cashline_batch works at night.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['cashline_owner', 'cashline_app', 'cashline_batch'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', wanted);
        END IF;
    END LOOP;
END
$$;

-- Nothing hangs: a lock that is not to be had is an error that starts the work again (commands/retry.py).
ALTER ROLE cashline_app SET lock_timeout = '10s';
ALTER ROLE cashline_app SET statement_timeout = '60s';
ALTER ROLE cashline_app SET idle_in_transaction_session_timeout = '120s';
ALTER ROLE cashline_batch SET lock_timeout = '30s';
ALTER ROLE cashline_batch SET idle_in_transaction_session_timeout = '600s';
