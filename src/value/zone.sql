-- Time zones and days.  C: zone.c

CREATE FUNCTION balance.session_zone()
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION balance.session_zone() IS
'The session''s TimeZone, which arguments named zone default to. Raises 0A000 where another server '
'has opened the session to read rows for one of its own, as Citus and postgres_fdw do and '
'application_name tells: what its zone is does not come with its query, and days of this server''s '
'would be wrong without a word. What it returns need not be a zone as day_in() takes it (22023 '
'there): TimeZone may be an offset, localtime or Factory. Pass the zone there; '
'create_report_views(zone, ledger) makes report views for one.';

CREATE FUNCTION balance.day_in(instant timestamptz, zone text)
RETURNS date
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.day_in(timestamptz, text) IS
'The day of an instant in a zone, which is a name that pg_timezone_names lists, in any case, other '
'than localtime, posixrules and Factory, which are of no place; never an abbreviation or an '
'offset, which raise 22023: unlike AT TIME ZONE, CET has summers. Infinite instants have infinite '
'days; NULL for a NULL.';

CREATE FUNCTION balance.iso_text(day date)
RETURNS text
AS 'MODULE_PATHNAME', 'iso_text_of_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.iso_text(date) IS
'A day as PostgreSQL prints it in the DateStyle ISO, whatever that is set to, such as 2026-01-31; '
'NULL for NULL. What queries of verify() call.';

CREATE FUNCTION balance.iso_text(instant timestamptz, zone text)
RETURNS text
AS 'MODULE_PATHNAME', 'iso_text_of_instant' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.iso_text(timestamptz, text) IS
'An instant as PostgreSQL prints it in the DateStyle ISO and a zone, whatever these are set to, '
'such as 2026-01-31 12:00:00+01. The zone is as in day_in() (22023). NULL for a NULL. What queries '
'of verify() call.';
