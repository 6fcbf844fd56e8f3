-- What a movement must have.  C: movements.c

CREATE FUNCTION balance.required_amount(amount numeric, name text)
RETURNS numeric
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;

COMMENT ON FUNCTION balance.required_amount(numeric, text) IS
'The amount. A NULL raises 22004 with the name, NaN and infinities raise 22003. Statements and '
'roll-forwards call it where an amount that is unknown would change a sum silently.';

CREATE FUNCTION balance.required_instant(instant timestamptz, name text)
RETURNS timestamptz
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;

COMMENT ON FUNCTION balance.required_instant(timestamptz, text) IS
'The instant. A NULL raises 22004 with the name. Statements and roll-forwards call it where a '
'row without a date would drop out silently.';
