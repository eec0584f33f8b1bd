-- near --
-- Sections by likeness in meaning: the closest of their texts and questions. 1 is the same, 0 unrelated.
SELECT c.document, c.version, c.section, 1 - (c.embedding <=> CAST(:vector AS vector)) AS likeness, d.answers
FROM knowledge.chunks c
JOIN knowledge.documents d USING (document, version)
WHERE d.effective_on <= :as_of AND (d.superseded_on IS NULL OR d.superseded_on > :as_of)
  AND (d.audience = 'customer' OR :audience = 'specialist')
  AND (CAST(:product AS text) IS NULL OR :product = ANY (d.products))
  AND (CAST(:state AS text) IS NULL OR d.states && ARRAY['all', :state])
ORDER BY c.embedding <=> CAST(:vector AS vector)
LIMIT :candidates

-- worded --
-- Sections that share words with the query, best first. Any word may match; a rarer section heading counts most.
WITH asked AS (
    SELECT CAST(replace(CAST(plainto_tsquery('english', :words) AS text), '&', '|') AS tsquery) AS query
)
SELECT s.document, s.version, s.section
FROM asked, knowledge.sections s
JOIN knowledge.documents d USING (document, version)
WHERE s.words @@ asked.query AND d.answers
  AND d.effective_on <= :as_of AND (d.superseded_on IS NULL OR d.superseded_on > :as_of)
  AND (d.audience = 'customer' OR :audience = 'specialist')
  AND (CAST(:product AS text) IS NULL OR :product = ANY (d.products))
  AND (CAST(:state AS text) IS NULL OR d.states && ARRAY['all', :state])
ORDER BY ts_rank(s.words, asked.query, 1) DESC, s.document, s.section
LIMIT :candidates

-- passages --
SELECT d.document, d.title, s.section, s.heading, d.version, d.effective_on, s.body
FROM knowledge.sections s
JOIN knowledge.documents d USING (document, version)
JOIN unnest(CAST(:documents AS text[]), CAST(:versions AS text[]), CAST(:sections AS text[]))
     WITH ORDINALITY AS wanted (document, version, section, place)
  ON (s.document, s.version, s.section) = (wanted.document, wanted.version, wanted.section)
ORDER BY wanted.place
