-- How far long calls are.  C: progress.c

CREATE FUNCTION balance.progress(
	OUT pid integer, OUT role_name text, OUT function_name text, OUT ledger text,
	OUT relation text, OUT phase text, OUT done bigint, OUT total bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 1;

COMMENT ON FUNCTION balance.progress() IS
'The long calls that are under way in this database, in any session: whole books '
'(customer_balances, invoice_summaries, vcu_balances, positions_at and what calls them), verify, '
'maintain, repair, fold and prune_history. done counts what the phase works on: customers that '
'have been dealt with (making documents, appending to the store, folding customers), relations '
'(checking relations, comparing the store) or rows (pruning days), and lags by up to 63. total is '
'how many there are, by the planner''s estimate where they are customers; NULL if nobody knows. '
'relation is NULL where all of the ledger''s are read. As with pg_stat_activity, who is not the '
'role, nor has pg_read_all_stats, sees the pid alone; within a transaction the answer stays as it '
'was first. pg_cancel_backend(pid) ends such a call, and leaves nothing behind. A call reports '
'nothing while track_activities is off; COPY and other commands of PostgreSQL''s own that report '
'progress show none while such a call runs in them, and theirs again behind it.';
