-- The HTTP answers that the pages document.
\pset format unaligned
\pset tuples_only on
SELECT s, balance.error_body('invoice-summary', s, 'message', 'detail')
FROM unnest('{P0002,22023,22003,22004,42501,28000,3F000,42P01,42703,42804,57014,53200,08006,58030,
	 XX000,40001}'::text[]) s;
SELECT s, balance.error_body('customer-credits', s, 'message', 'detail')
FROM unnest('{P0002,22023,22003,22004,42501,28000,3F000,57014,XX000}'::text[]) s;
SELECT balance.error_body('invoice-summary', 'P0002', 'a "quoted" message');
SELECT balance.error_body('customer-credits', '22023', '', NULL);
-- what the data is to blame for is no mistake of the caller's; and what may be tried again
SELECT s, balance.error_body('invoice-summary', s, 'message', 'At fault is the data of ledger "l".')
	-> 'body' -> 'code' AS code,
 balance.error_body('customer-credits', s, 'message',
 	'Details. At fault is the data of ledger "l".') FROM unnest('{22023,21000,22012}'::text[]) s;
SELECT s, balance.error_body('invoice-summary', s, 'message') -> 'http_status_code',
	balance.error_body('customer-credits', s, 'message')
	FROM unnest('{21000,40001,40P01}'::text[]) s;
SELECT balance.error_body('customer-balance', '22023', 'm');
\echo :LAST_ERROR_SQLSTATE
SELECT balance.error_body('vcu-balance', '22023', 'm');
SELECT balance.error_body('', '22023', 'm');
SELECT balance.error_body('invoice-summary', '2202', 'm');
\echo :LAST_ERROR_SQLSTATE
SELECT balance.error_body('invoice-summary', '2202a', 'm');
SELECT balance.error_body(NULL, '22023', 'm');
\echo :LAST_ERROR_SQLSTATE
SELECT balance.error_body('invoice-summary', NULL, 'm');
SELECT balance.error_body('invoice-summary', '22023', NULL);
