-- What a customer owes in the end.  C: unapplied_cash.c

CREATE FUNCTION balance.unapplied_cash(
	customer_id text, ledger regnamespace DEFAULT NULL, OUT currency text, OUT amount numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 2;

COMMENT ON FUNCTION balance.unapplied_cash(text, regnamespace) IS
'Money of a customer that no invoice has taken, a row per currency with such, in major units, over '
'the ledger (the setting balance.ledger where it is NULL): payments that count (payment_counts()) '
'without an invoice, in another currency than it, or whose invoice is a draft or void, and what '
'was paid of a paid invoice above its amount_due (its amount_remaining says so). A payment of an '
'invoice is its customer''s. As the rows are now; no rows for a NULL customer_id. P0002 if the '
'ledger has customers but not this one; errors of rows as statement(), which shows each of them.';

CREATE FUNCTION balance.net_rows(
	customer_id text, held text[] DEFAULT NULL, ledger regnamespace DEFAULT NULL,
	OUT currency text, OUT minor_unit int, OUT unpaid numeric, OUT unapplied_cash numeric,
	OUT deposits_held numeric, OUT credit_available numeric, OUT net numeric)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 2000 ROWS 2
BEGIN ATOMIC
	WITH found AS MATERIALIZED (
		SELECT balance.position_at(customer_id, now(), 'UTC', ledger) AS position
	), part AS (
		SELECT r.currency, r.total_unpaid_amount AS unpaid, 0::numeric AS cash,
			0::numeric AS deposits, 0::numeric AS credit
		FROM found, balance.invoice_rows(found.position, now(), 'UTC') AS r
		UNION ALL
		SELECT u.currency, 0, u.amount, 0, 0 FROM balance.unapplied_cash(customer_id, ledger) AS u
		UNION ALL
		SELECT r.currency, 0, 0, CASE WHEN held IS NULL THEN CASE
				WHEN balance.deposit_is_held(r.state) THEN r.total ELSE 0 END
			WHEN r.state = ANY (held) THEN r.total ELSE 0 END, 0
		FROM found, balance.balance_rows(found.position) AS r WHERE r.kind = 'deposits'
		UNION ALL
		SELECT r.currency, 0, 0, 0, r.total_credits_available_dollars
		FROM found, balance.credit_rows(found.position) AS r
	), sums AS (
		SELECT p.currency, balance.minor_unit(p.currency) AS minor_unit, sum(p.unpaid) AS unpaid,
			sum(p.cash) AS cash, sum(p.deposits) AS deposits, sum(p.credit) AS credit,
			round(0::numeric, COALESCE(balance.minor_unit(p.currency), 0)) AS zero
		FROM part AS p GROUP BY p.currency
	)
	SELECT s.currency, s.minor_unit, trim_scale(s.unpaid) + s.zero,
		trim_scale(s.cash) + s.zero, trim_scale(s.deposits) + s.zero,
		trim_scale(s.credit) + s.zero,
		trim_scale(s.unpaid - s.cash - s.deposits - s.credit) + s.zero
	FROM sums AS s ORDER BY s.currency;
END;

COMMENT ON FUNCTION balance.net_rows(text, text[], regnamespace) IS
'What a customer owes in the end, as of now(), a row per currency in which there is anything, in '
'major units and in order of the code: net is unpaid (draft and open invoices, as '
'invoice_summary() has it) less unapplied_cash (as unapplied_cash() has it), deposits_held and '
'credit_available (credit memos, as customer_credits() has it). It is what would be left if all '
'of them were used, below 0 where there is more than is owed, and never across currencies. '
'Deposits are held if their status is one of held, spelled as in the document, or where that is '
'NULL, if deposit_is_held(), which raises 22023 for a status that does not say so: pass held. '
'No rows for a NULL customer_id; a ledger without the relation invoice raises 42P01, others that '
'it lacks hold nothing. Other errors as position_at() and unapplied_cash().';
