-- Carbonext's VCU balance.  C: vcu_balance.c

CREATE FUNCTION balance.to_vcu_balance("position" balance.position, start_period date,
	end_period date)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 100 PARALLEL SAFE;

COMMENT ON FUNCTION balance.to_vcu_balance(balance.position, date, date) IS
'The object that Carbonext documents as "Balance": units per currency, as exact JSON numbers, '
'balance = credit - usedCredit - debt. The period is only shown; it does not filter. A NULL '
'position gives NULL, a NULL end of the period is open and not shown. A start after its end or an '
'infinite day raises 22023, unknown units raise 22004.';

CREATE FUNCTION balance.in_period(instant timestamptz, start_period date, end_period date,
	until timestamptz, zone text DEFAULT balance.session_zone())
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 5 PARALLEL SAFE;

COMMENT ON FUNCTION balance.in_period(timestamptz, date, date, timestamptz, text) IS
'Whether an instant lies in a period, as vcu_balance() has it: from start_period to end_period, '
'both inclusive days of zone, which must be the name of one (22023); a NULL start is open, and a '
'NULL end runs to the instant until, inclusive. A NULL instant raises 22004, so that a row without '
'its date never drops out silently; so do a NULL until and a NULL zone that are needed. Where zone '
'is left out, errors as session_zone().';

CREATE FUNCTION balance.unit_rows(
	"position" balance.position,
	OUT currency text, OUT minor_unit int,
	-- FIGURES(VCU_BALANCE)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 2;

COMMENT ON FUNCTION balance.unit_rows(balance.position) IS
'The figures of to_vcu_balance() as rows, one per currency (in upper case), under the names of '
'Carbonext''s "Balance": VCUs, balance = credit - usedCredit - debt. minor_unit is the number of '
'decimals of the currency, NULL where ISO 4217 has none; units may have more. No rows for a NULL '
'position; unknown units raise 22004.';
