-- Ageing.  C: ageing.c

CREATE FUNCTION balance.ageing(
	"position" balance.position, as_of timestamptz DEFAULT now(),
	zone text DEFAULT balance.session_zone(),
	bounds int[] DEFAULT '{30,60,90}',
	OUT currency text, OUT bucket text, OUT from_days int, OUT to_days int,
	OUT count bigint, OUT amount numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 12;

COMMENT ON FUNCTION balance.ageing(balance.position, timestamptz, text, int[]) IS
'Draft and open invoices by how long they are past due as of an instant: per currency with an '
'invoice the bucket current (not past due), one for each range of days past due, 1-30, 31-60, '
'61-90 and 90+ by default, and no_due_date. bounds are the last days of the ranges; from_days and '
'to_days are the first and the last day of each, both inclusive, and to_days is NULL where there '
'is no last one. Amounts are what remains, in major units; they always add up to what is unpaid, '
'and all but current and no_due_date to what is overdue. A due date is past due from the next day '
'in the time zone named by zone, a due instant from the instant after; days are those of the zone, '
'and what has been past due for less than one is in the first range. as_of moves only the days '
'past due: the amounts are those that were tallied. No rows for a NULL position. Bounds that are '
'empty, below 1, unsorted or repeated raise 22023, as does what is no name of a time zone; a NULL '
'as_of, zone, bounds or element of them and unknown amounts raise 22004. Where zone is left out, '
'errors as session_zone().';
