-- Two-account transfers in the style of pgledger: balances on the accounts, rows locked in order of id, entries with
-- the balance before and after. No keys, limits, chain or outbox.
CREATE SCHEMA peer;
CREATE TABLE peer.accounts (
    id         bigint PRIMARY KEY,
    balance    bigint NOT NULL DEFAULT 0,
    version    bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE peer.transfers (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_account_id bigint NOT NULL REFERENCES peer.accounts,
    to_account_id   bigint NOT NULL REFERENCES peer.accounts,
    amount          bigint NOT NULL CHECK (amount > 0),
    event_at        timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CHECK (from_account_id <> to_account_id)
);
CREATE INDEX ON peer.transfers (from_account_id);
CREATE INDEX ON peer.transfers (to_account_id);
CREATE TABLE peer.entries (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id       bigint NOT NULL REFERENCES peer.accounts,
    transfer_id      bigint NOT NULL REFERENCES peer.transfers,
    amount           bigint NOT NULL,
    previous_balance bigint NOT NULL,
    current_balance  bigint NOT NULL,
    account_version  bigint NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON peer.entries (account_id);
CREATE INDEX ON peer.entries (transfer_id);
INSERT INTO peer.accounts (id) SELECT generate_series(1, 10000);

CREATE FUNCTION peer.enter(p_account_id bigint, p_transfer_id bigint, p_amount bigint) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_account peer.accounts;
BEGIN
    UPDATE peer.accounts SET balance = balance + p_amount, version = version + 1, updated_at = now()
     WHERE id = p_account_id RETURNING * INTO v_account;
    INSERT INTO peer.entries
           (account_id, transfer_id, amount, previous_balance, current_balance, account_version)
    VALUES (p_account_id, p_transfer_id, p_amount, v_account.balance - p_amount, v_account.balance,
            v_account.version);
END
$$;

CREATE FUNCTION peer.transfer(p_from bigint, p_to bigint, p_amount bigint) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_id bigint;
BEGIN
    PERFORM FROM peer.accounts WHERE id IN (p_from, p_to) ORDER BY id FOR UPDATE;
    INSERT INTO peer.transfers (from_account_id, to_account_id, amount, event_at)
    VALUES (p_from, p_to, p_amount, now()) RETURNING id INTO v_id;
    PERFORM peer.enter(p_from, v_id, -p_amount);
    PERFORM peer.enter(p_to, v_id, p_amount);
    RETURN v_id;
END
$$;
GRANT USAGE ON SCHEMA peer TO cashline_app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA peer TO cashline_app;
