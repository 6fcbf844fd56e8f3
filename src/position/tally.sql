-- The tallies: aggregates from any table to a position.  C: tally.c
--
-- SSPACE is about what a state of a few currencies takes, so that the planner hashes a book of
-- 10,000 customers in PostgreSQL's default work_mem; with two to three times as much it did not (a
-- state takes 248 or 512 bytes, with amounts due 440 or 960 and its journal).  The others were set
-- in proportion, and never measured.

CREATE FUNCTION balance.tally_invoices_add(balance.position, text, text, text, numeric, numeric,
	numeric, date)
RETURNS balance.position
AS 'MODULE_PATHNAME', 'tally_invoices_date_add' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_invoices_add(balance.position, text, text, text, numeric, numeric,
	numeric, date) IS
'Aggregate transition function of tally_invoices(…, date).';

CREATE FUNCTION balance.tally_invoices_remove(balance.position, text, text, text, numeric, numeric,
	numeric, date)
RETURNS balance.position
AS 'MODULE_PATHNAME', 'tally_invoices_date_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_invoices_remove(balance.position, text, text, text, numeric,
	numeric, numeric, date) IS
'Aggregate inverse transition function of tally_invoices(…, date).';

CREATE AGGREGATE balance.tally_invoices(currency text, invoice_status text, payment_status text,
	total numeric, amount_due numeric, amount_remaining numeric, due date) (
	SFUNC = balance.tally_invoices_add, STYPE = balance.position, SSPACE = 1024,
	FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = balance.position_combine,
	MSFUNC = balance.tally_invoices_add, MINVFUNC = balance.tally_invoices_remove,
	MSTYPE = balance.position, MSSPACE = 1024,
	MFINALFUNC = balance.position_final, MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE balance.tally_invoices(text, text, text, numeric, numeric, numeric, date) IS
'Position of invoices, one a row. Amounts in major units. due is a day; whether it is over is '
'decided by a projection, in the time zone that it is given. A NULL due is no due date. Statuses '
'as in invoice_class(). A NULL currency raises 22004, an unknown one 22023, except that a void '
'invoice in one leaves no trace. A NULL amount is unknown: it is counted, and a projection that '
'needs it raises 22004. NaN and infinities raise 22003. Of no rows, the empty position.';

CREATE FUNCTION balance.tally_invoices_add(balance.position, text, text, text, numeric, numeric,
	numeric, timestamptz)
RETURNS balance.position
AS 'MODULE_PATHNAME', 'tally_invoices_instant_add' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_invoices_add(balance.position, text, text, text, numeric, numeric,
	numeric, timestamptz) IS
'Aggregate transition function of tally_invoices(…, timestamptz).';

CREATE FUNCTION balance.tally_invoices_remove(balance.position, text, text, text, numeric, numeric,
	numeric, timestamptz)
RETURNS balance.position
AS 'MODULE_PATHNAME', 'tally_invoices_instant_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_invoices_remove(balance.position, text, text, text, numeric,
	numeric, numeric, timestamptz) IS
'Aggregate inverse transition function of tally_invoices(…, timestamptz).';

CREATE AGGREGATE balance.tally_invoices(currency text, invoice_status text, payment_status text,
	total numeric, amount_due numeric, amount_remaining numeric, due timestamptz) (
	SFUNC = balance.tally_invoices_add, STYPE = balance.position, SSPACE = 1024,
	FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = balance.position_combine,
	MSFUNC = balance.tally_invoices_add, MINVFUNC = balance.tally_invoices_remove,
	MSTYPE = balance.position, MSSPACE = 1024,
	MFINALFUNC = balance.position_final, MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE balance.tally_invoices(text, text, text, numeric, numeric, numeric,
	timestamptz) IS
'Position of invoices, one a row. Amounts in major units. due is an instant. A NULL due is no due '
'date. Statuses as in invoice_class(). A NULL currency raises 22004, an unknown one 22023, except '
'that a void invoice in one leaves no trace. A NULL amount is unknown: it is counted, and a '
'projection that needs it raises 22004. NaN and infinities raise 22003. Of no rows, the empty '
'position.';

CREATE FUNCTION balance.tally_invoices_add(balance.position, text, text, text, numeric)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_invoices_add(balance.position, text, text, text, numeric) IS
'Aggregate transition function of tally_invoices(…, total).';

CREATE FUNCTION balance.tally_invoices_remove(balance.position, text, text, text, numeric)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_invoices_remove(balance.position, text, text, text, numeric) IS
'Aggregate inverse transition function of tally_invoices(…, total).';

CREATE AGGREGATE balance.tally_invoices(currency text, invoice_status text, payment_status text,
	total numeric) (
	SFUNC = balance.tally_invoices_add, STYPE = balance.position, SSPACE = 384,
	FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = balance.position_combine,
	MSFUNC = balance.tally_invoices_add, MINVFUNC = balance.tally_invoices_remove,
	MSTYPE = balance.position, MSSPACE = 384,
	MFINALFUNC = balance.position_final, MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE balance.tally_invoices(text, text, text, numeric) IS
'Position of invoices whose amounts due are unknown, for balances only: the same as passing NULL '
'for them. Statuses as in invoice_class(). A NULL currency raises 22004, an unknown one 22023, '
'except that a void invoice in one leaves no trace. A NULL amount is unknown: it is counted, and '
'a projection that needs it raises 22004. NaN and infinities raise 22003.';

CREATE FUNCTION balance.tally_charges_add(balance.position, text, text, numeric)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_charges_add(balance.position, text, text, numeric) IS
'Aggregate transition function of tally_charges().';

CREATE FUNCTION balance.tally_charges_remove(balance.position, text, text, numeric)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_charges_remove(balance.position, text, text, numeric) IS
'Aggregate inverse transition function of tally_charges().';

CREATE AGGREGATE balance.tally_charges(currency text, price_type text, amount numeric) (
	SFUNC = balance.tally_charges_add, STYPE = balance.position, SSPACE = 256,
	FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = balance.position_combine,
	MSFUNC = balance.tally_charges_add, MINVFUNC = balance.tally_charges_remove,
	MSTYPE = balance.position, MSSPACE = 256,
	MFINALFUNC = balance.position_final, MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE balance.tally_charges(text, text, numeric) IS
'Position of line items of unpaid invoices, in major units. A price_type of usage is usage; all '
'else and NULL is fixed. A NULL currency raises 22004, an unknown one 22023. A NULL amount is '
'unknown: it is counted, and a projection that needs it raises 22004. NaN and infinities raise '
'22003.';

CREATE FUNCTION balance.tally_deposits_add(balance.position, text, text, numeric)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_deposits_add(balance.position, text, text, numeric) IS
'Aggregate transition function of tally_deposits().';

CREATE FUNCTION balance.tally_deposits_remove(balance.position, text, text, numeric)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_deposits_remove(balance.position, text, text, numeric) IS
'Aggregate inverse transition function of tally_deposits().';

CREATE AGGREGATE balance.tally_deposits(currency text, status text, amount numeric) (
	SFUNC = balance.tally_deposits_add, STYPE = balance.position, SSPACE = 512,
	FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = balance.position_combine,
	MSFUNC = balance.tally_deposits_add, MINVFUNC = balance.tally_deposits_remove,
	MSTYPE = balance.position, MSSPACE = 512,
	MFINALFUNC = balance.position_final, MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE balance.tally_deposits(text, text, numeric) IS
'Position of deposit transactions, in major units, by status as given. A NULL status raises '
'22004. A NULL currency raises 22004, an unknown one 22023, except that a row that counts nowhere '
'in one leaves no trace. A NULL amount is unknown: it is counted, and a projection that needs it '
'raises 22004. NaN and infinities raise 22003.';

CREATE FUNCTION balance.tally_unit_invoices_add(balance.position, text, text, numeric)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_unit_invoices_add(balance.position, text, text, numeric) IS
'Aggregate transition function of tally_unit_invoices().';

CREATE FUNCTION balance.tally_unit_invoices_remove(balance.position, text, text, numeric)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_unit_invoices_remove(balance.position, text, text, numeric) IS
'Aggregate inverse transition function of tally_unit_invoices().';

CREATE AGGREGATE balance.tally_unit_invoices(currency text, status text, units numeric) (
	SFUNC = balance.tally_unit_invoices_add, STYPE = balance.position, SSPACE = 512,
	FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = balance.position_combine,
	MSFUNC = balance.tally_unit_invoices_add, MINVFUNC = balance.tally_unit_invoices_remove,
	MSTYPE = balance.position, MSSPACE = 512,
	MFINALFUNC = balance.position_final, MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE balance.tally_unit_invoices(text, text, numeric) IS
'Position of VCU invoices, in units. Statuses as in unit_invoice_class(); a NULL one raises '
'22004. A NULL currency raises 22004, an unknown one 22023, except that a row that counts nowhere '
'in one leaves no trace. A NULL amount is unknown: it is counted, and a projection that needs it '
'raises 22004. NaN and infinities raise 22003.';

CREATE FUNCTION balance.tally_unit_orders_add(balance.position, text, text, boolean, numeric)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_unit_orders_add(balance.position, text, text, boolean, numeric) IS
'Aggregate transition function of tally_unit_orders().';

CREATE FUNCTION balance.tally_unit_orders_remove(balance.position, text, text, boolean, numeric)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_unit_orders_remove(balance.position, text, text, boolean, numeric)
	IS
'Aggregate inverse transition function of tally_unit_orders().';

CREATE AGGREGATE balance.tally_unit_orders(currency text, status text, pay_with_balance boolean,
	units numeric) (
	SFUNC = balance.tally_unit_orders_add, STYPE = balance.position, SSPACE = 512,
	FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = balance.position_combine,
	MSFUNC = balance.tally_unit_orders_add, MINVFUNC = balance.tally_unit_orders_remove,
	MSTYPE = balance.position, MSSPACE = 512,
	MFINALFUNC = balance.position_final, MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE balance.tally_unit_orders(text, text, boolean, numeric) IS
'Position of VCU orders, in units. Statuses as in unit_order_class(); a NULL one raises 22004, a '
'NULL pay_with_balance is false. A NULL currency raises 22004, an unknown one 22023, except that '
'a void memo in one leaves no trace. A NULL amount is unknown: it is counted, and a projection '
'that needs it raises 22004. NaN and infinities raise 22003.';

CREATE FUNCTION balance.tally_credit_memos_add(balance.position, text, text, bigint, bigint)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_credit_memos_add(balance.position, text, text, bigint, bigint) IS
'Aggregate transition function of tally_credit_memos().';

CREATE FUNCTION balance.tally_credit_memos_remove(balance.position, text, text, bigint, bigint)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;

COMMENT ON FUNCTION balance.tally_credit_memos_remove(balance.position, text, text, bigint, bigint)
	IS
'Aggregate inverse transition function of tally_credit_memos().';

CREATE AGGREGATE balance.tally_credit_memos(currency text, status text, amount bigint,
	applied bigint) (
	SFUNC = balance.tally_credit_memos_add, STYPE = balance.position, SSPACE = 512,
	FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = balance.position_combine,
	MSFUNC = balance.tally_credit_memos_add, MINVFUNC = balance.tally_credit_memos_remove,
	MSTYPE = balance.position, MSSPACE = 512,
	MFINALFUNC = balance.position_final, MFINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE balance.tally_credit_memos(text, text, bigint, bigint) IS
'Position of credit memos, in minor units. Statuses as in credit_memo_class(); a NULL one raises '
'22004. A NULL currency raises 22004, an unknown one 22023, except that a void memo in one leaves '
'no trace. A NULL amount is unknown: it is counted.';
