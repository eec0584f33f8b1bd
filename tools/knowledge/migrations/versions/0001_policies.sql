-- Policy documents as ingested from their files. They hold nothing of a customer, so there is no row-level security.
GRANT USAGE ON SCHEMA knowledge TO cashline_app, cashline_batch;

CREATE TABLE knowledge.documents (
    document text NOT NULL,
    version text NOT NULL,
    title text NOT NULL,
    effective_on date NOT NULL,
    superseded_on date CHECK (superseded_on > effective_on),  -- the first day of the next version
    products text[] NOT NULL,
    states text[] NOT NULL,
    audience text NOT NULL CHECK (audience IN ('customer', 'specialist')),
    answers boolean NOT NULL,  -- false: a question near it has no answer in any policy
    content_hash text NOT NULL,
    PRIMARY KEY (document, version)
);

CREATE TABLE knowledge.sections (
    document text NOT NULL,
    version text NOT NULL,
    section text NOT NULL,
    heading text NOT NULL,
    asks text NOT NULL,  -- questions that the section answers
    body text NOT NULL,
    words tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('english', heading), 'A')
        || setweight(to_tsvector('english', asks), 'B')
        || setweight(to_tsvector('english', body), 'C')
    ) STORED,
    PRIMARY KEY (document, version, section),
    FOREIGN KEY (document, version) REFERENCES knowledge.documents ON DELETE CASCADE
);
CREATE INDEX sections_words ON knowledge.sections USING gin (words);

-- A section is found by its text, in parts short enough for the model, and by each question it answers.
CREATE TABLE knowledge.chunks (
    document text NOT NULL,
    version text NOT NULL,
    section text NOT NULL,
    chunk integer NOT NULL,
    embedding vector(384) NOT NULL,
    PRIMARY KEY (document, version, section, chunk),
    FOREIGN KEY (document, version, section) REFERENCES knowledge.sections ON DELETE CASCADE
);
CREATE INDEX chunks_embedding ON knowledge.chunks USING hnsw (embedding vector_cosine_ops);

GRANT SELECT ON ALL TABLES IN SCHEMA knowledge TO cashline_app, cashline_batch;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA knowledge TO cashline_batch;
