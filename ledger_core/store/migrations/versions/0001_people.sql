-- Who uses the platform. Personal data and free text live here, can be erased, and are known to the books by
-- reference alone. Every customer's row answers only under an identity set in the transaction.

GRANT USAGE ON SCHEMA core TO cashline_app, cashline_batch;

-- True when the identity of this transaction may see rows of that customer. An unset value reads as ''.
CREATE FUNCTION core.sees(p_customer_id text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE current_setting('cashline.role', true)
        WHEN 'customer' THEN p_customer_id = nullif(current_setting('cashline.customer_id', true), '')
        WHEN 'specialist' THEN true
        WHEN 'system' THEN true
        ELSE false
    END
$$;

CREATE FUNCTION core.forbid() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% of core.% is forbidden: corrections are new rows', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'CL005';
END
$$;

CREATE TABLE core.customers (
    customer_id   text PRIMARY KEY,
    display_name  text NOT NULL,
    email         text,
    phone         text,
    language      text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'es')),
    state         text NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
    timezone      text NOT NULL DEFAULT 'America/New_York',
    military      boolean NOT NULL DEFAULT false,
    story         text,
    erased_at     timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE core.bank_accounts (
    bank_account_id text PRIMARY KEY,
    customer_id     text NOT NULL REFERENCES core.customers,
    bank_name       text NOT NULL,
    last4           text NOT NULL CHECK (last4 ~ '^[0-9]{4}$'),
    status          text NOT NULL CHECK (status IN ('verified', 'pending', 'closed')),
    nickname        text,
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bank_accounts_of_customer ON core.bank_accounts (customer_id);

-- Free text that events point at: dispute narratives, memos.
CREATE TABLE core.narratives (
    narrative_id text PRIMARY KEY,
    customer_id  text NOT NULL REFERENCES core.customers,
    line_id      text,
    reference_id text,
    kind         text NOT NULL,
    body         text,
    erased_at    timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX narratives_by_reference ON core.narratives (reference_id);
CREATE INDEX narratives_of_customer ON core.narratives (customer_id);

-- Erase what a person said and is called; the references in the books stay.
CREATE FUNCTION core.erase_customer(p_customer_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = core, pg_temp
AS $$
    UPDATE core.narratives SET body = NULL, erased_at = now() WHERE customer_id = p_customer_id;
    UPDATE core.bank_accounts SET bank_name = '', last4 = '0000', nickname = NULL, status = 'closed'
     WHERE customer_id = p_customer_id;
    UPDATE core.customers SET display_name = '', email = NULL, phone = NULL, story = NULL, erased_at = now()
     WHERE customer_id = p_customer_id;
$$;
REVOKE ALL ON FUNCTION core.erase_customer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.erase_customer TO cashline_batch;

ALTER TABLE core.customers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.bank_accounts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.narratives ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON core.customers USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.bank_accounts USING (core.sees(customer_id));
CREATE POLICY by_identity ON core.narratives USING (core.sees(customer_id));

GRANT SELECT, INSERT, UPDATE ON core.customers, core.bank_accounts, core.narratives
    TO cashline_app, cashline_batch;
