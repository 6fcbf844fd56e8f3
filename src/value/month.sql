-- Months of instants and of due dates.  C: month.c

CREATE FUNCTION balance.month_of_instant(instant timestamptz, zone text)
RETURNS date
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.month_of_instant(timestamptz, text) IS
'The first day of the month that an instant is in, in a zone of the time-zone database: the month '
'whose days, as statement() and roll_forward() take them, have it. Infinities are themselves, NULL '
'is NULL, an unknown zone raises 22023.';

CREATE FUNCTION balance.month_past_due_date(due date)
RETURNS date
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.month_past_due_date(date) IS
'The first day of the earliest month at whose end what is due on a day is past due: its own, or '
'the next one of its last day, as something is past due from the next day on. Infinities are '
'themselves, NULL is NULL.';

CREATE FUNCTION balance.month_past_due_instant(due timestamptz, zone text)
RETURNS date
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.month_past_due_instant(timestamptz, text) IS
'The first day of the earliest month at whose end, its last microsecond, what is due at an instant '
'is past due, in a zone of the time-zone database. Infinities are themselves, NULL is NULL, an '
'unknown zone raises 22023.';
