-- Currencies.  C: currency.c

CREATE FUNCTION balance.minor_unit(currency text)
RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.minor_unit(text) IS
'The number of minor digits of an ISO 4217 currency, in force or withdrawn since 1990, spelled in '
'any case; NULL where ISO 4217 has none (metals, test codes) and for NULL. An unknown code raises '
'22023.';

CREATE FUNCTION balance.major_units(amount numeric, currency text)
RETURNS numeric
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.major_units(numeric, text) IS
'An amount in minor units in major units of its currency, exact: 1250 of USD is 12.5. Where ISO '
'4217 gives a currency no minor unit it is the amount itself. NULL for NULL. An unknown code '
'raises 22023, NaN and infinities raise 22003.';

CREATE FUNCTION balance.from_minor_units(units bigint, currency text)
RETURNS numeric
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.from_minor_units(bigint, text) IS
'An amount that a ledger keeps in minor units, in major units of its currency, exact: what queries '
'over a ledger call. NULL for NULL, and where the code is unknown, which the tallies and verify() '
'report; major_units() raises an error then.';

CREATE FUNCTION balance.known_currency(currency text)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.known_currency(text) IS
'Whether a text is the code of an ISO 4217 currency, in force or withdrawn since 1990, in any '
'case: what the tallies and documents take. A release may add codes and never takes one away, so '
'a CHECK on it goes on to hold for old rows; whether a code is in force, currency_withdrawn() '
'tells. NULL for NULL.';

CREATE FUNCTION balance.currency_withdrawn(currency text)
RETURNS date
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.currency_withdrawn(text) IS
'The first day of the month in which an ISO 4217 currency was withdrawn, the last time if more '
'than once; NULL for one in force, and for NULL. ISO 4217 tells the month only, and some codes '
'were in use until its end: what is certainly later is dated in a later month. The code may be '
'spelled in any case. An unknown one raises 22023. A later release may know of a withdrawal that '
'this one does not.';
