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
