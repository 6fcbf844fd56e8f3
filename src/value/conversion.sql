-- Amounts in another currency.  C: conversion.c

CREATE FUNCTION balance.converted(amount numeric, rate numeric, reporting_currency text)
RETURNS numeric
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.converted(numeric, numeric, text) IS
'An amount in major units times a rate, in major units of the reporting currency: the exact '
'product, rounded once, half away from zero, to the minor unit of that currency. NULL for NULL. A '
'rate that is not positive, an unknown currency and one without a minor unit raise 22023; NaN and '
'infinities, and a product of more than 16383 fractional digits, 22003.';

CREATE FUNCTION balance.known_rate(rate numeric, rates bigint, currency text,
	reporting_currency text, on_day date)
RETURNS numeric
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION balance.known_rate(numeric, bigint, text, text, date) IS
'The rate, of which rates says how many of the same day a ledger declares. None, or NULL, raises '
'P0002 with both currencies and the day, several raise 21000, a NULL rate 22004, one that is not '
'positive 22023, NaN and infinity 22003. NULL if a currency or the day is NULL. Reports in a '
'reporting currency call it.';
