-- What was said. Personal data, erasable; the books know none of it. Rows answer under the identity of the
-- transaction. LangGraph's own tables know no customer: ownership is checked here before they are asked.

GRANT USAGE ON SCHEMA agent TO cashline_app, cashline_batch;

CREATE TABLE agent.conversations (
    conversation_id text PRIMARY KEY,
    customer_id     text NOT NULL,
    created_at      timestamptz NOT NULL
);
CREATE INDEX conversations_of_customer ON agent.conversations (customer_id, created_at);

-- A client's turn id is claimed before the turn runs; `reply` is set once, when it has been answered.
CREATE TABLE agent.turns (
    turn_id         text PRIMARY KEY,
    conversation_id text NOT NULL REFERENCES agent.conversations ON DELETE CASCADE,
    customer_id     text NOT NULL,
    client_turn_id  text NOT NULL CHECK (length(client_turn_id) BETWEEN 1 AND 200),
    input_hash      text NOT NULL,
    reply           jsonb,
    created_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    UNIQUE (conversation_id, client_turn_id)
);

CREATE TABLE agent.messages (
    message_id      text PRIMARY KEY,
    conversation_id text NOT NULL REFERENCES agent.conversations ON DELETE CASCADE,
    customer_id     text NOT NULL,
    turn_id         text NOT NULL REFERENCES agent.turns ON DELETE CASCADE,
    role            text NOT NULL CHECK (role IN ('customer', 'assistant', 'specialist')),
    text            text NOT NULL,
    reply           jsonb,
    created_at      timestamptz NOT NULL
);
CREATE INDEX messages_of_conversation ON agent.messages (conversation_id, created_at, message_id);

ALTER TABLE agent.conversations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE agent.turns ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE agent.messages ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY by_identity ON agent.conversations USING (core.sees(customer_id));
CREATE POLICY by_identity ON agent.turns USING (core.sees(customer_id));
CREATE POLICY by_identity ON agent.messages USING (core.sees(customer_id));

GRANT SELECT, INSERT, UPDATE ON agent.conversations, agent.turns, agent.messages TO cashline_app;
