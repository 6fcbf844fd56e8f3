-- The error bodies that the pages document.  C: error_body.c

CREATE FUNCTION balance.error_body(
	api text, sqlstate text, message text, detail text DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION balance.error_body(text, text, text, text) IS
'The HTTP answer that an API''s page documents for a PostgreSQL error: {"http_status_code": …, '
'"body": …}. api is invoice-summary (body is Flexprice''s errors.ErrorResponse, with 400 or 500) '
'or customer-credits (DayZero''s HTTPValidationError with 422, or {"detail": …}). A bad argument '
'is 400 or 422, bad data in the ledger is 500: pass the error''s DETAIL, which tells one from the '
'other. 40001 and its like, which are to be tried again, are 500 and 503. The pages of '
'customer-balance and vcu-balance document no errors; they and other words raise 22023. A NULL '
'api, sqlstate or message raises 22004, a malformed sqlstate 22023; detail may be NULL.';
