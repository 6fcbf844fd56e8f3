-- The tallies: aggregates from any table to a position.  C: tally.c
--
-- SSPACE is about what a state of a few currencies takes, so that the planner hashes a book of
-- 10,000 customers in PostgreSQL's default work_mem; with two to three times as much it did not (a
-- state takes 248 or 512 bytes, with amounts due 440 or 960 and its journal).  The others were set
-- in proportion, and never measured.

-- AGGREGATE(tally_invoices; tally_invoices_date; 2; 1024; text, text, text, numeric, numeric,
--	numeric, date;
--	currency text, invoice_status text, payment_status text, total numeric, amount_due numeric,
--	amount_remaining numeric, due date)
'Position of invoices, one a row. Amounts in major units. due is a day; whether it is over is '
'decided by a projection, in the time zone that it is given. A NULL due is no due date. Statuses '
'as in invoice_class(). A NULL currency raises 22004, an unknown one 22023, except that a void '
'invoice in one leaves no trace. A NULL amount is unknown: it is counted, and a projection that '
'needs it raises 22004. NaN and infinities raise 22003. Of no rows, the empty position.';

-- AGGREGATE(tally_invoices; tally_invoices_instant; 2; 1024; text, text, text, numeric, numeric,
--	numeric, timestamptz;
--	currency text, invoice_status text, payment_status text, total numeric, amount_due numeric,
--	amount_remaining numeric, due timestamptz)
'Position of invoices, one a row. Amounts in major units. due is an instant. A NULL due is no due '
'date. Statuses as in invoice_class(). A NULL currency raises 22004, an unknown one 22023, except '
'that a void invoice in one leaves no trace. A NULL amount is unknown: it is counted, and a '
'projection that needs it raises 22004. NaN and infinities raise 22003. Of no rows, the empty '
'position.';

-- AGGREGATE(tally_invoices; tally_invoices; 2; 384; text, text, text, numeric;
--	currency text, invoice_status text, payment_status text, total numeric)
'Position of invoices whose amounts due are unknown, for balances only: the same as passing NULL '
'for them. Statuses as in invoice_class(). A NULL currency raises 22004, an unknown one 22023, '
'except that a void invoice in one leaves no trace. A NULL amount is unknown: it is counted, and '
'a projection that needs it raises 22004. NaN and infinities raise 22003.';

-- AGGREGATE(tally_invoices_minor; tally_invoices_minor_date; 2; 1024; text, text, text, bigint,
--	bigint, bigint, date;
--	currency text, invoice_status text, payment_status text, total bigint, amount_due bigint,
--	amount_remaining bigint, due date)
'Position of invoices, one a row, whose amounts are in minor units of their currency: 1250 of USD '
'is 12.50, of JPY 1250, of KWD 1.250, as minor_unit() says; where ISO 4217 gives a currency no '
'minor unit they are amounts themselves. The same position as tally_invoices() has of the amounts '
'in major units, without a numeric a row. Otherwise as tally_invoices(): due is a day, NULLs and '
'errors are the same.';

-- AGGREGATE(tally_invoices_minor; tally_invoices_minor_instant; 2; 1024; text, text, text, bigint,
--	bigint, bigint, timestamptz;
--	currency text, invoice_status text, payment_status text, total bigint, amount_due bigint,
--	amount_remaining bigint, due timestamptz)
'Position of invoices, one a row, whose amounts are in minor units of their currency, as '
'minor_unit() has them, and whose due is an instant. The same position as tally_invoices() has of '
'the amounts in major units; NULLs and errors are the same.';

-- AGGREGATE(tally_invoices_minor; tally_invoices_minor; 2; 384; text, text, text, bigint;
--	currency text, invoice_status text, payment_status text, total bigint)
'Position of invoices whose amounts due are unknown, for balances only, with totals in minor units '
'of their currency, as minor_unit() has them: the same as passing NULL for amounts due. NULLs and '
'errors as in tally_invoices().';

-- AGGREGATE(tally_charges; tally_charges; 2; 256; text, text, numeric;
--	currency text, price_type text, amount numeric)
'Position of line items of unpaid invoices, in major units. A price_type of usage is usage; all '
'else and NULL is fixed. A NULL currency raises 22004, an unknown one 22023. A NULL amount is '
'unknown: it is counted, and a projection that needs it raises 22004. NaN and infinities raise '
'22003.';

-- AGGREGATE(tally_charges_minor; tally_charges_minor; 2; 256; text, text, bigint;
--	currency text, price_type text, amount bigint)
'Position of line items of unpaid invoices, in minor units of their currency, as minor_unit() has '
'them: the same position as tally_charges() has of the amounts in major units. NULLs and errors as '
'there.';

-- AGGREGATE(tally_deposits; tally_deposits; 2; 512; text, text, numeric;
--	currency text, status text, amount numeric)
'Position of deposit transactions, in major units, by status as given. A NULL status raises '
'22004. A NULL currency raises 22004, an unknown one 22023, except that a row that counts nowhere '
'in one leaves no trace. A NULL amount is unknown: it is counted, and a projection that needs it '
'raises 22004. NaN and infinities raise 22003.';

-- AGGREGATE(tally_deposits_minor; tally_deposits_minor; 2; 512; text, text, bigint;
--	currency text, status text, amount bigint)
'Position of deposit transactions, in minor units of their currency, as minor_unit() has them, by '
'status as given: the same position as tally_deposits() has of the amounts in major units. NULLs '
'and errors as there.';

-- AGGREGATE(tally_unit_invoices; tally_unit_invoices; 2; 512; text, text, numeric;
--	currency text, status text, units numeric)
'Position of VCU invoices, in units. Statuses as in unit_invoice_class(); a NULL one raises '
'22004. A NULL currency raises 22004, an unknown one 22023, except that a row that counts nowhere '
'in one leaves no trace. A NULL amount is unknown: it is counted, and a projection that needs it '
'raises 22004. NaN and infinities raise 22003.';

-- AGGREGATE(tally_unit_orders; tally_unit_orders; 2; 512; text, text, boolean, numeric;
--	currency text, status text, pay_with_balance boolean, units numeric)
'Position of VCU orders, in units. Statuses as in unit_order_class(); a NULL one raises 22004, a '
'NULL pay_with_balance is false. A NULL currency raises 22004, an unknown one 22023, except that '
'a void memo in one leaves no trace. A NULL amount is unknown: it is counted, and a projection '
'that needs it raises 22004. NaN and infinities raise 22003.';

-- AGGREGATE(tally_credit_memos; tally_credit_memos; 2; 512; text, text, bigint, bigint;
--	currency text, status text, amount bigint, applied bigint)
'Position of credit memos, in minor units. Statuses as in credit_memo_class(); a NULL one raises '
'22004. A NULL currency raises 22004, an unknown one 22023, except that a void memo in one leaves '
'no trace. A NULL amount is unknown: it is counted.';
