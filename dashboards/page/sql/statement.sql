-- A customer's statement, of the variables start and finish, or else of this month and
-- the two before.
\ir begin.sql

\if :{?start}
\else
SELECT (date_trunc('month', current_date) - interval '2 months')::date AS start,
	current_date AS finish \gset
\endif

\echo @period
\warn @period
SELECT json_build_object('start', :'start'::date, 'finish', :'finish'::date);

\echo @statement
\warn @statement
SELECT COALESCE(json_agg(s ORDER BY place), '[]') FROM (
	SELECT s.place, s.currency, balance.minor_unit(s.currency) AS minor_unit, s.day, s.kind,
		s.document_id, s.number, s.amount::text, s.balance::text
	FROM balance.statement(:'customer', :'start', :'finish', ledger => :'ledger_name')
		WITH ORDINALITY s (currency, day, at, kind, document_id, number, amount, balance, place)) s;

COMMIT;
