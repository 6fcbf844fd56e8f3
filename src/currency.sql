-- Currencies.  C: currency.c

CREATE FUNCTION balance.minor_unit(currency text)
RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.minor_unit(text) IS
'The number of minor digits of an ISO 4217 currency in force, spelled in any case; NULL where ISO 4217 has none (metals, test codes) and for NULL. An unknown code raises 22023.';

CREATE FUNCTION balance.known_currency(currency text)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.known_currency(text) IS
'Whether a text is the code of an ISO 4217 currency in force, in any case. NULL for NULL.';
