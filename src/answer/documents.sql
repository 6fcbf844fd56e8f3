-- Documents over a ledger, of one customer and of all.  C: documents.c

CREATE FUNCTION balance.customer_balance(
	customer_id text, ledger regnamespace DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.customer_balance(text, regnamespace) IS
'A customer''s balance as Wingback documents it, over the ledger''s invoice and deposit relations '
'(the setting balance.ledger where ledger is NULL). Totals are decimal strings in major units. '
'NULL for a NULL customer_id. Raises P0002 if the ledger has customers but not this one, 22023 for '
'an unknown status or currency, 22004 for NULL amounts, 22003 for those that are not finite; 21000 '
'where ids cannot be told apart, or one is there twice and either could be meant; 3F000, 42P01, '
'42703, 42804 and 42702 where a ledger, a relation or a column is not there, or not as it can be '
'read, as check_ledger() tells; 42501 without the right to read them; 40001, to be retried, where '
'a relation that is read was rewritten, truncated or replaced after the statement''s snapshot. In '
'a SECURITY DEFINER function pass the ledger, or SET balance.ledger in its definition: what its '
'caller has set raises 42501.';

CREATE FUNCTION balance.customer_balances(
	include_empty boolean DEFAULT false, ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT document jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

COMMENT ON FUNCTION balance.customer_balances(boolean, regnamespace) IS
'customer_balance() of every customer of the ledger (the setting balance.ledger where it is '
'NULL), in one pass over its invoices and deposits and in no order. Customers without any '
'document are left out, or listed with [] if include_empty. If the ledger has a relation '
'"customer", rows of anyone who is not in it have no document; without one, whoever has a row is '
'a customer. Units and errors as customer_balance(); one bad row raises for all, verify() finds '
'them. A NULL include_empty raises 22004.';

CREATE FUNCTION balance.invoice_summary(
	customer_id text, as_of timestamptz DEFAULT now(),
	zone text DEFAULT balance.session_zone(),
	ledger regnamespace DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.invoice_summary(text, timestamptz, text, regnamespace) IS
'A customer''s invoice summary as Flexprice documents it, over the ledger''s invoice and '
'invoice_line_item relations (the setting balance.ledger where ledger is NULL). Amounts are '
'decimal strings in major units. The figures are today''s, also for an as_of in the past: as_of '
'decides only what is overdue, a due date from the next day in zone on, a due instant from the '
'instant after. zone is a name as day_in() takes it, no offset; the session''s TimeZone must be '
'one where it is the default. NULL for a NULL customer_id. Raises P0002 if the ledger has '
'customers but not this one, 22023 for an unknown status, currency or zone, 22004 for NULL '
'amounts, as_of and zone; other errors as customer_balance() and, of a zone that is left out, '
'session_zone(). In a SECURITY DEFINER function pass the ledger, as there.';

CREATE FUNCTION balance.invoice_summaries(
	as_of timestamptz DEFAULT now(),
	zone text DEFAULT balance.session_zone(),
	include_empty boolean DEFAULT false, ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT document jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

COMMENT ON FUNCTION balance.invoice_summaries(timestamptz, text, boolean, regnamespace) IS
'invoice_summary() of every customer of the ledger (the setting balance.ledger where it is NULL), '
'in one pass over its invoices and line items and in no order. Customers without any document are '
'left out, or listed with no summaries if include_empty. If the ledger has a relation "customer", '
'rows of anyone who is not in it have no document; without one, whoever has a row is a customer. '
'Units, as_of, time zone and errors as invoice_summary(), so the figures are today''s, and as_of '
'decides only what is overdue; one bad row raises for all, verify() finds them. A NULL as_of, '
'zone or include_empty raises 22004.';

CREATE FUNCTION balance.vcu_balance(
	customer_id text, start_period date DEFAULT NULL,
	end_period date DEFAULT NULL, ledger regnamespace DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.vcu_balance(text, date, date, regnamespace) IS
'A customer''s VCU balance as Carbonext documents it, over the ledger''s vcu_invoice and vcu_order '
'relations (the setting balance.ledger where ledger is NULL). Units are exact JSON numbers. Paid '
'invoices fall in the period by the day they were paid (by the day they were created where paid_at '
'is NULL), everything else by the day it was created; days are those of the session''s TimeZone, '
'which must be the name of a zone (22023), both ends are inclusive, an open end runs to the start '
'of the statement. NULL for a NULL customer_id. Raises P0002 if the ledger has customers but not '
'this one, 22023 for a start after its end or outside the years 0001 to 9999, and for an unknown '
'status or currency in the period; 22004 for NULL units or dates; other errors as '
'customer_balance() and, where there is a period, session_zone(). In a SECURITY DEFINER function '
'pass the ledger, as there.';

CREATE FUNCTION balance.vcu_balances(
	start_period date DEFAULT NULL, end_period date DEFAULT NULL,
	include_empty boolean DEFAULT false, ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT document jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

COMMENT ON FUNCTION balance.vcu_balances(date, date, boolean, regnamespace) IS
'vcu_balance() of every customer of the ledger (the setting balance.ledger where it is NULL), in '
'one pass over its VCU invoices and orders and in no order. Customers without any row in the '
'period are left out, or listed with no balances if include_empty. If the ledger has a relation '
'"customer", rows of anyone who is not in it have no document; without one, whoever has a row is '
'a customer. Units, period, time zone and errors as vcu_balance(); one bad row raises for all, '
'verify() finds them. A NULL include_empty raises 22004.';
