-- What to send along with a question: versions, settings, and the state of one ledger,
-- without ids, names or amounts.  To run it:
--     psql -X -d your_database -v ledger=billing -f support.sql > support.txt
\pset null '(null)'
\echo '== versions'
SELECT pg_catalog.version() AS postgresql, balance.version() AS library,
	(SELECT extversion FROM pg_extension WHERE extname = 'balance') AS extension;
SELECT extname, extversion FROM pg_extension ORDER BY 1;
\echo '== settings that matter'
SELECT name, setting, source FROM pg_settings
WHERE name ~ '^balance[.]' OR name IN ('TimeZone', 'server_encoding', 'work_mem', 'jit',
	'max_parallel_workers_per_gather', 'session_replication_role', 'default_transaction_isolation',
	'wal_level')
ORDER BY 1;
\echo '== relations of the ledger'
SELECT c.relname, c.relkind, c.relpersistence, c.relrowsecurity AS row_security,
	c.reltuples::bigint AS about_rows, pg_size_pretty(pg_total_relation_size(c.oid)) AS size,
	(SELECT count(*) FROM pg_inherits WHERE inhparent = c.oid) AS partitions,
	(SELECT count(*) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal) AS triggers
FROM pg_class c
WHERE c.relnamespace = :'ledger'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY 1;
\echo '== columns that are read, with their types'
SELECT c.relname, string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod)), ', '
	ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = :'ledger'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
	AND a.attnum > 0 AND NOT a.attisdropped AND c.relname !~ '^report_'
GROUP BY 1 ORDER BY 1;
\echo '== shape'
SELECT * FROM balance.check_ledger(:'ledger'::regnamespace);
\echo '== data, how many rows violate which rule'
SELECT rule, rows FROM balance.verify_summary(:'ledger'::regnamespace);
\echo '== maintained balances'
SELECT * FROM balance.maintenance(:'ledger'::regnamespace);
