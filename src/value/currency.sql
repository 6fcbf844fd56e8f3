-- Currencies.  C: currency.c

-- FUNCTION(minor_unit(currency text); integer; IMMUTABLE STRICT PARALLEL SAFE)
'The number of minor digits of an ISO 4217 currency, in force or withdrawn since 1990, spelled in '
'any case; NULL where ISO 4217 has none (metals, test codes) and for NULL. An unknown code raises '
'22023.';

-- FUNCTION(known_currency(currency text); boolean; IMMUTABLE STRICT PARALLEL SAFE)
'Whether a text is the code of an ISO 4217 currency, in force or withdrawn since 1990, in any '
'case: what the tallies and documents take. A release may add codes and never takes one away, so '
'a CHECK on it goes on to hold for old rows; whether a code is in force, currency_withdrawn() '
'tells. NULL for NULL.';

-- FUNCTION(currency_withdrawn(currency text); date; IMMUTABLE STRICT PARALLEL SAFE)
'The first day of the month in which an ISO 4217 currency was withdrawn, the last time if more '
'than once; NULL for one in force, and for NULL. ISO 4217 tells the month only, and some codes '
'were in use until its end: what is certainly later is dated in a later month. The code may be '
'spelled in any case. An unknown one raises 22023. A later release may know of a withdrawal that '
'this one does not.';
