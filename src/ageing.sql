-- Ageing.  C: ageing.c

CREATE FUNCTION balance.ageing(
	"position" balance.position, as_of timestamptz DEFAULT now(),
	zone text DEFAULT current_setting('TimeZone'),
	bounds int[] DEFAULT '{0,30,60,90}',
	OUT currency text, OUT bucket text, OUT from_days int, OUT to_days int,
	OUT count bigint, OUT amount numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 12;

COMMENT ON FUNCTION balance.ageing(balance.position, timestamptz, text, int[]) IS
'Draft and open invoices by how long they are past due as of an instant: per currency with an invoice the bucket current (not past due), one for each range of days past due, from_days inclusive to to_days exclusive, the last one open, and no_due_date. Amounts are what remains, in major units; they always add up to what is unpaid, and all but current and no_due_date to what is overdue. A due date is past due from the next day in the time zone named by zone, a due instant from the instant after; days are those of the zone. A range from 0 is added before bounds that start higher. No rows for a NULL position. Bounds that are NULL, empty, negative, unsorted, repeated or have NULLs raise 22023, as does an unknown zone; a NULL as_of or zone and unknown amounts raise 22004.';
