-- Carbonext's VCU balance.  C: vcu_balance.c

-- FUNCTION(to_vcu_balance("position" balance.position, start_period date, end_period date); jsonb;
--	IMMUTABLE PARALLEL SAFE COST 100)
'The object that Carbonext documents as "Balance": units per currency, as exact JSON numbers, '
'balance = credit - usedCredit - debt. The period is only shown; it does not filter. A NULL '
'position gives NULL, a NULL end of the period is open and not shown. A start after its end or an '
'infinite day raises 22023, unknown units raise 22004.';

-- FUNCTION(in_period(instant timestamptz, start_period date, end_period date, until timestamptz);
--	boolean; STABLE PARALLEL SAFE COST 5)
'Whether an instant lies in a period, as vcu_balance() has it: from start_period to end_period, '
'both inclusive days of the session''s TimeZone, which must be the name of a zone (22023); a NULL '
'start is open, and a NULL end runs to the instant until, inclusive. A NULL instant raises 22004, '
'so that a row without its date never drops out silently; so does a NULL until that is needed.';

-- FUNCTION(unit_rows("position" balance.position, OUT currency text, OUT minor_unit int,
--	FIGURES(VCU_BALANCE)); SETOF record; IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 2)
'The figures of to_vcu_balance() as rows, one per currency (in upper case), under the names of '
'Carbonext''s "Balance": VCUs, balance = credit - usedCredit - debt. minor_unit is the number of '
'decimals of the currency, NULL where ISO 4217 has none; units may have more. No rows for a NULL '
'position; unknown units raise 22004.';
