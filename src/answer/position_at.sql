-- What customers owed and held at an instant.  C: position_at.c, open_items.c

CREATE FUNCTION balance.position_at(
	customer_id text, as_of timestamptz DEFAULT now(),
	zone text DEFAULT balance.session_zone(), ledger regnamespace DEFAULT NULL)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.position_at(text, timestamptz, text, regnamespace) IS
'A customer''s position as it was at an instant, over the ledger''s invoice, invoice_line_item, '
'payment, credit_memo and credit_memo_application relations (the setting balance.ledger where '
'ledger is NULL): invoices from finalized_at or issued_at to voided_at, what remained of them by '
'dated payments and applications, the charges of those that were unpaid, and the credit memos that '
'were available. Before now it has neither drafts nor deposits, as nothing dates them; VCUs never. '
'From now() on it is the present, with deposits and drafts, and only the expiry of credit memos is '
'judged at as_of. zone, a name as day_in() takes it, is the one whose day of as_of a memo''s '
'issue_date is compared with. NULL for a NULL customer_id. Refused with 22023 before now, with '
'their number, where invoices are not explained: amount_remaining is not amount_due less all '
'payments and applications in force, or there is no date of issue or of voiding; verify() lists '
'them. Raises P0002 if the ledger has customers but not this one, 22023 for an unknown status, '
'currency or zone, 22004 for a NULL as_of or zone; before now 21000 where an invoice or a memo is '
'there twice and a payment, an application or a line item names it; other errors as '
'customer_balance() and, of a zone that is left out, session_zone().';

CREATE FUNCTION balance.positions_at(
	as_of timestamptz DEFAULT now(), zone text DEFAULT balance.session_zone(),
	ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT "position" balance.position)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

COMMENT ON FUNCTION balance.positions_at(timestamptz, text, regnamespace) IS
'position_at() of every customer of the ledger (the setting balance.ledger where it is NULL) who '
'has a row, in one pass and in no order. If the ledger has a relation "customer", only those in it '
'count. One invoice that is not explained refuses all, with how many there are. Errors as '
'position_at().';

CREATE FUNCTION balance.invoices_at(
	customer_id text, as_of timestamptz DEFAULT now(), ledger regnamespace DEFAULT NULL)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.invoices_at(text, timestamptz, regnamespace) IS
'The invoices of position_at() alone, without charges, deposits and credit memos: no zone is '
'needed, and credit memos refuse nothing. Errors as position_at().';

CREATE FUNCTION balance.all_invoices_at(
	as_of timestamptz DEFAULT now(), ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT "position" balance.position)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

COMMENT ON FUNCTION balance.all_invoices_at(timestamptz, regnamespace) IS
'invoices_at() of every customer of the ledger who has an invoice, in one pass and in no order. '
'Errors as positions_at().';

CREATE FUNCTION balance.customer_balance_at(
	customer_id text, as_of timestamptz DEFAULT now(), ledger regnamespace DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.customer_balance_at(text, timestamptz, regnamespace) IS
'customer_balance() as it was at an instant, made of what position_at() is made of; from now() on '
'the present one. Deposits have no dates: before now it raises 0A000 for a customer with deposits. '
'Other errors as position_at().';

CREATE FUNCTION balance.invoice_summary_at(
	customer_id text, as_of timestamptz DEFAULT now(),
	zone text DEFAULT balance.session_zone(), ledger regnamespace DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.invoice_summary_at(text, timestamptz, text, regnamespace) IS
'invoice_summary() as it was at an instant, made of what position_at() is made of: unlike '
'invoice_summary() with that as_of, its amounts and counts are those of then. From now() on it is '
'the present one. zone decides what is overdue. Errors as position_at().';

CREATE FUNCTION balance.ageing_at(
	customer_id text, as_of timestamptz DEFAULT now(),
	zone text DEFAULT balance.session_zone(), bounds int[] DEFAULT '{30,60,90}',
	ledger regnamespace DEFAULT NULL,
	OUT currency text, OUT bucket text, OUT from_days int, OUT to_days int,
	OUT count bigint, OUT amount numeric)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 1000 ROWS 12
BEGIN ATOMIC
	SELECT a.currency, a.bucket, a.from_days, a.to_days, a.count, a.amount
	FROM balance.ageing(balance.invoices_at(customer_id, as_of, ledger), as_of, zone, bounds) AS a;
END;

COMMENT ON FUNCTION balance.ageing_at(text, timestamptz, text, int[], regnamespace) IS
'ageing() of a customer''s invoices as they were at an instant, by days past due in zone then. No '
'rows for a NULL customer_id. Errors as ageing() and position_at().';

CREATE FUNCTION balance.aged_receivables(
	as_of timestamptz DEFAULT now(), zone text DEFAULT balance.session_zone(),
	bounds int[] DEFAULT '{30,60,90}', currency text DEFAULT NULL,
	ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT currency text, OUT minor_unit int, OUT buckets text[],
	OUT counts bigint[], OUT amounts numeric[], OUT total_count bigint, OUT total_amount numeric)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
BEGIN ATOMIC
	SELECT p.customer_id, a.currency, balance.minor_unit(a.currency),
		array_agg(a.bucket ORDER BY a.ordinality), array_agg(a.count ORDER BY a.ordinality),
		array_agg(a.amount ORDER BY a.ordinality), sum(a.count)::bigint, sum(a.amount)
	-- what is asked for is checked even where no customer has an invoice
	FROM balance.all_invoices_at(CASE WHEN (SELECT count(*)
		FROM balance.ageing('1{}'::balance.position, as_of, zone, bounds))
		+ COALESCE(balance.minor_unit($4), 0) IS NOT NULL THEN as_of END, ledger) AS p
	CROSS JOIN LATERAL balance.ageing(p.position, as_of, zone, bounds)
		WITH ORDINALITY AS a
	WHERE $4 IS NULL OR a.currency = upper($4 COLLATE "C")
	GROUP BY p.customer_id, a.currency
	HAVING sum(a.count) <> 0;
END;

COMMENT ON FUNCTION balance.aged_receivables(timestamptz, text, int[], text, regnamespace) IS
'What was unpaid at an instant, by how long it was past due then: a row for each customer and '
'currency (or the one asked for) with unpaid invoices, in one pass over the ledger (the setting '
'balance.ledger where it is NULL) and in no order. buckets are those of ageing() with these '
'bounds, in order, counts and amounts (in major units) stand beside them, total_count and '
'total_amount are their sums. zone, a name as day_in() takes it, is the one whose days count. An '
'unknown currency raises 22023; other errors as positions_at() and ageing().';

CREATE FUNCTION balance.open_items(
	customer_id text, as_of timestamptz DEFAULT now(),
	zone text DEFAULT balance.session_zone(), ledger regnamespace DEFAULT NULL,
	OUT currency text, OUT invoice_id text, OUT number text, OUT state text,
	OUT dated timestamptz, OUT due date, OUT days_late int,
	OUT total numeric, OUT amount_due numeric, OUT amount_remaining numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 20;

COMMENT ON FUNCTION balance.open_items(text, timestamptz, text, regnamespace) IS
'The unpaid invoices of a customer at an instant, by currency and due day: their count and the sum '
'of amount_remaining are those of invoice_summary_at(). state is open or, from now() on, draft; '
'dated is finalized_at or issued_at; due is the day, in zone if due_date is an instant; days_late '
'is 0 if it is not past due, and NULL if that has no number. Amounts in major units. No rows for a '
'NULL customer_id. Errors as position_at().';
