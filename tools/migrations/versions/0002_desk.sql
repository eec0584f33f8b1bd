-- What human colleagues do, and what a customer must prove before a risky act.

CREATE FUNCTION servicing.is_staff() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(current_setting('cashline.role', true) IN ('specialist', 'system'), false) $$;

-- A proposal that is confirmed only with a one-time code.
ALTER TABLE servicing.proposals ADD COLUMN needs_code boolean NOT NULL DEFAULT false;
CREATE INDEX proposals_decided ON servicing.proposals (customer_id, tool, decided_at) WHERE status = 'confirmed';

-- One-time codes, hashed and bound to their proposal; of one proposal the newest alone counts.
CREATE TABLE servicing.step_up_codes (
    code_id       text PRIMARY KEY,
    proposal_id   text NOT NULL,
    customer_id   text NOT NULL,
    salt          bytea NOT NULL CHECK (octet_length(salt) = 16),
    code_hash     bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    attempts_left integer NOT NULL CHECK (attempts_left >= 0),
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL CHECK (expires_at > created_at),
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'used', 'replaced'))
);
CREATE UNIQUE INDEX step_up_codes_one_open ON servicing.step_up_codes (proposal_id) WHERE state = 'open';
CREATE INDEX step_up_codes_of_customer ON servicing.step_up_codes (customer_id, created_at);

-- Who works here, and how far their word goes. Written under the batch role alone.
CREATE TABLE servicing.staff (
    actor_id text PRIMARY KEY,
    grade    text NOT NULL CHECK (grade IN ('specialist', 'senior', 'supervisor')),
    active   boolean NOT NULL DEFAULT true
);

-- Acts above a colleague's own limit. A second person decides: the database itself refuses the first.
CREATE TABLE servicing.approvals (
    approval_id     text PRIMARY KEY,
    customer_id     text NOT NULL,
    conversation_id text NOT NULL,
    turn_id         text NOT NULL,
    line_id         text,
    tool            text NOT NULL,
    arguments       jsonb NOT NULL,
    terms           jsonb NOT NULL,
    summary         text NOT NULL,
    rows            jsonb NOT NULL,
    requested_by    text NOT NULL,
    requested_at    timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL CHECK (expires_at > requested_at),
    status          text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'approved', 'rejected', 'void', 'expired')),
    decided_by      text,
    decided_at      timestamptz,
    result          jsonb,
    CHECK ((status = 'approved') = (result IS NOT NULL)),
    CHECK (status NOT IN ('approved', 'rejected') OR decided_by IS NOT NULL),
    CONSTRAINT approvals_four_eyes CHECK (decided_by <> requested_by)
);
CREATE INDEX approvals_open ON servicing.approvals (requested_at) WHERE status = 'open';
CREATE INDEX approvals_of_customer ON servicing.approvals (customer_id, requested_at);

-- What an act of a colleague was worth, for their limits of a day.
CREATE INDEX tool_calls_of_actor ON servicing.tool_calls (actor_id, called_at) WHERE effect = 'act' AND outcome = 'done';
CREATE INDEX tool_calls_by_age ON servicing.tool_calls (called_at);

-- A new e-mail address or phone number, as the customer typed it into a form: no planner ever sees it.
CREATE TABLE servicing.contact_changes (
    change_id   text PRIMARY KEY,
    customer_id text NOT NULL,
    email       text,
    phone       text,
    asked_at    timestamptz NOT NULL,
    taken_at    timestamptz,
    CHECK (email IS NOT NULL OR phone IS NOT NULL OR taken_at IS NOT NULL)
);
CREATE INDEX contact_changes_of_customer ON servicing.contact_changes (customer_id, asked_at);

-- How a customer wants to hear from us; a customer without a row has said nothing.
CREATE TABLE servicing.contact_preferences (
    customer_id      text PRIMARY KEY,
    calls            boolean NOT NULL,
    texts            boolean NOT NULL,
    emails           boolean NOT NULL,
    paper_statements boolean NOT NULL,
    changed_at       timestamptz NOT NULL
);

-- A duty may wait for something named, never past its own date; who discharged it, and how.
ALTER TABLE servicing.duties
    ADD COLUMN held_until date CHECK (held_until <= due_on),
    ADD COLUMN held_reason text,
    ADD COLUMN outcome text,
    ADD COLUMN discharged_by text,
    ADD CHECK ((held_until IS NULL) = (held_reason IS NULL));
ALTER TABLE servicing.handoffs
    ADD COLUMN outcome text,
    ADD COLUMN closed_at timestamptz,
    ADD CHECK ((state = 'closed') = (closed_at IS NOT NULL));

-- Notes are for colleagues, and can be erased.
ALTER TABLE servicing.notes
    ALTER COLUMN body DROP NOT NULL,
    ADD COLUMN erased_at timestamptz,
    ADD CHECK ((body IS NULL) = (erased_at IS NOT NULL));
DROP POLICY by_identity ON servicing.notes;
CREATE POLICY by_identity ON servicing.notes USING (servicing.is_staff());

GRANT SELECT, INSERT, UPDATE ON servicing.step_up_codes, servicing.contact_changes, servicing.contact_preferences,
    servicing.approvals TO cashline_app, cashline_batch;
GRANT SELECT ON servicing.staff TO cashline_app, cashline_batch;
GRANT INSERT, UPDATE ON servicing.staff TO cashline_batch;
GRANT UPDATE (body, erased_at) ON servicing.notes TO cashline_app, cashline_batch;
GRANT DELETE ON servicing.tool_calls, servicing.proposals, servicing.step_up_codes TO cashline_batch;

ALTER TABLE servicing.step_up_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE servicing.step_up_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON servicing.step_up_codes USING (core.sees(customer_id));

ALTER TABLE servicing.contact_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE servicing.contact_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON servicing.contact_changes USING (core.sees(customer_id));

ALTER TABLE servicing.contact_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE servicing.contact_preferences FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON servicing.contact_preferences USING (core.sees(customer_id));

ALTER TABLE servicing.approvals ENABLE ROW LEVEL SECURITY;
ALTER TABLE servicing.approvals FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON servicing.approvals USING (servicing.is_staff());

ALTER TABLE servicing.staff ENABLE ROW LEVEL SECURITY;
ALTER TABLE servicing.staff FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON servicing.staff USING (servicing.is_staff());
