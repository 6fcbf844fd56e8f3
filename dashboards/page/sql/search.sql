-- The customers in whose id or name the variable text occurs: 20, and those first of whom it is
-- the beginning.
\ir begin.sql

\echo @customers
\warn @customers
\if :has_names
SELECT COALESCE(json_agg(f), '[]') FROM (
	SELECT customer_id, name FROM (:names) n
	WHERE strpos(lower(customer_id), lower(:'text')) > 0
		OR strpos(lower(name), lower(:'text')) > 0
	ORDER BY NOT COALESCE(starts_with(lower(name), lower(:'text')), false)
		AND NOT starts_with(lower(customer_id), lower(:'text')), lower(name), customer_id
	LIMIT 20) f;
\else
SELECT COALESCE(json_agg(f), '[]') FROM (
	SELECT customer_id, NULL AS name FROM (
		SELECT customer_id FROM :"ledger".report_customer_balance
		UNION SELECT customer_id FROM :"ledger".report_customer_credits) n
	WHERE strpos(lower(customer_id), lower(:'text')) > 0
	ORDER BY NOT starts_with(lower(customer_id), lower(:'text')), customer_id LIMIT 20) f;
\endif

COMMIT;
