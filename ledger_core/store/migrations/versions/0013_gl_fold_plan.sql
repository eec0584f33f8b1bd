-- A batch of lines is a small part of every table it reads; on a table whose statistics are young, Postgres would scan
-- all of it for each batch.
ALTER FUNCTION core.gl_fold(date, text, integer) SET enable_seqscan = off;
