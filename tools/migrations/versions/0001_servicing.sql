-- What the tools keep beside the books. Words in here are personal data: they can be erased, and the books know
-- none of them. Every row of a customer answers only under an identity that may see that customer.

GRANT USAGE ON SCHEMA servicing TO cashline_app, cashline_batch;

-- Exact terms that wait for a yes. The id is the idempotency key of the act.
CREATE TABLE servicing.proposals (
    proposal_id     text PRIMARY KEY,
    customer_id     text NOT NULL,
    conversation_id text NOT NULL,
    turn_id         text NOT NULL,
    line_id         text,
    tool            text NOT NULL,
    arguments       jsonb NOT NULL,
    terms           jsonb NOT NULL,
    summary         text NOT NULL,
    rows            jsonb NOT NULL,
    language        text NOT NULL CHECK (language IN ('en', 'es')),
    status          text NOT NULL DEFAULT 'open'
                    CHECK (status IN ('open', 'confirmed', 'declined', 'void', 'superseded', 'expired')),
    token_hash      bytea CHECK (octet_length(token_hash) = 32),
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL CHECK (expires_at > created_at),
    decided_at      timestamptz,
    result          jsonb,
    replaced_by     text,
    CHECK ((status = 'confirmed') = (result IS NOT NULL)),
    CHECK (status = 'open' OR token_hash IS NULL)
);
CREATE UNIQUE INDEX proposals_one_open ON servicing.proposals (conversation_id) WHERE status = 'open';
CREATE INDEX proposals_of_customer ON servicing.proposals (customer_id, created_at);

-- One row per tool call, never changed. A call that changed something is found again by its key.
CREATE TABLE servicing.tool_calls (
    tool_call_id    text PRIMARY KEY,
    customer_id     text,
    actor_id        text NOT NULL,
    conversation_id text NOT NULL,
    turn_id         text NOT NULL,
    tool            text NOT NULL,
    effect          text NOT NULL CHECK (effect IN ('read', 'propose', 'act')),
    key             text NOT NULL,
    arguments_hash  bytea NOT NULL CHECK (octet_length(arguments_hash) = 32),
    outcome         text NOT NULL
                    CHECK (outcome IN ('done', 'refused', 'fixable', 'needs_confirmation', 'failed')),
    fields          jsonb NOT NULL,
    called_at       timestamptz NOT NULL
);
CREATE UNIQUE INDEX tool_calls_once ON servicing.tool_calls (actor_id, key)
    WHERE effect <> 'read' AND outcome IN ('done', 'needs_confirmation');
CREATE INDEX tool_calls_of_conversation ON servicing.tool_calls (conversation_id, called_at);

-- What a customer's words started: whose it is, and by when.
CREATE TABLE servicing.duties (
    duty_id         text PRIMARY KEY,
    customer_id     text NOT NULL,
    line_id         text,
    conversation_id text NOT NULL,
    turn_id         text NOT NULL,
    "right"         text NOT NULL,
    queue           text NOT NULL,
    started_on      date NOT NULL,
    started_at      timestamptz NOT NULL,
    due_on          date NOT NULL CHECK (due_on >= started_on),
    due_at          timestamptz,
    evidence        text NOT NULL,
    state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'discharged')),
    discharged_at   timestamptz,
    CHECK ((state = 'discharged') = (discharged_at IS NOT NULL))
);
CREATE UNIQUE INDEX duties_once ON servicing.duties (conversation_id, "right", turn_id);
CREATE INDEX duties_open ON servicing.duties (queue, due_on) WHERE state = 'open';
CREATE INDEX duties_of_customer ON servicing.duties (customer_id);

-- A conversation passed to a human colleague, with what they need so that nobody has to repeat themselves.
CREATE TABLE servicing.handoffs (
    handoff_id      text PRIMARY KEY,
    customer_id     text NOT NULL,
    conversation_id text NOT NULL,
    turn_id         text NOT NULL,
    queue           text NOT NULL,
    reason          text NOT NULL,
    summary         text NOT NULL,
    open_tasks      jsonb NOT NULL,
    evidence        jsonb NOT NULL,
    created_at      timestamptz NOT NULL,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'taken', 'closed')),
    taken_by        text,
    taken_at        timestamptz
);
CREATE INDEX handoffs_waiting ON servicing.handoffs (queue, created_at) WHERE state = 'waiting';
CREATE INDEX handoffs_of_customer ON servicing.handoffs (customer_id);

-- What a specialist writes about a customer: data, never an instruction.
CREATE TABLE servicing.notes (
    note_id         text PRIMARY KEY,
    customer_id     text NOT NULL,
    conversation_id text,
    actor_id        text NOT NULL,
    body            text NOT NULL,
    created_at      timestamptz NOT NULL
);
CREATE INDEX notes_of_customer ON servicing.notes (customer_id, created_at);

GRANT SELECT, INSERT ON servicing.tool_calls, servicing.notes TO cashline_app;
GRANT SELECT, INSERT, UPDATE ON servicing.proposals, servicing.duties, servicing.handoffs TO cashline_app;
GRANT SELECT, INSERT, UPDATE ON servicing.proposals, servicing.duties, servicing.handoffs TO cashline_batch;
GRANT SELECT ON servicing.tool_calls, servicing.notes TO cashline_batch;

ALTER TABLE servicing.proposals ENABLE ROW LEVEL SECURITY;
ALTER TABLE servicing.proposals FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON servicing.proposals USING (core.sees(customer_id));

ALTER TABLE servicing.tool_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE servicing.tool_calls FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON servicing.tool_calls USING (core.sees(customer_id));

ALTER TABLE servicing.duties ENABLE ROW LEVEL SECURITY;
ALTER TABLE servicing.duties FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON servicing.duties USING (core.sees(customer_id));

ALTER TABLE servicing.handoffs ENABLE ROW LEVEL SECURITY;
ALTER TABLE servicing.handoffs FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON servicing.handoffs USING (core.sees(customer_id));

ALTER TABLE servicing.notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE servicing.notes FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON servicing.notes USING (core.sees(customer_id));
