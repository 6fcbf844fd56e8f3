-- What was recorded of one relation.  C: history.c

CREATE FUNCTION balance.recorded_position(
	ledger regnamespace, relation text, customer_id text, day date)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100;

COMMENT ON FUNCTION balance.recorded_position(regnamespace, text, text, date) IS
'What position_recorded() adds up: the position of one relation, for the id as its column prints '
'it. NULL for an argument that is NULL or a relation that is not there. Errors as '
'position_recorded(), also where the customer_id alone is NULL.';
