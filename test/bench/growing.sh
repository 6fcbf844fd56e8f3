# shellcheck shell=bash
# Sourced by bench.sh after growing.sql: bytes a row of heap and of indexes, also in a
# table of create_ledger(), and of a document.
run_psql -P footer=off -o /dev/null -c "SELECT balance.create_ledger('made')" \
	-c "INSERT INTO made.customer (customer_id, business_id)
	SELECT customer_id, 'book' FROM bench.kept" \
	-c "INSERT INTO made.invoice (invoice_id, customer_id, currency, invoice_status,
		payment_status, total, amount_due, amount_remaining, due_date)
	SELECT invoice_id, customer_id, currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_date FROM book.invoice"
run_psql -P footer=off -c "
	SELECT t.what, t.rows, pg_table_size(t.name) / t.rows AS heap,
		pg_indexes_size(t.name) / t.rows AS indexes, t.value
	FROM (SELECT 'an invoice' AS what, 'book.invoice'::regclass AS name, count(*) AS rows,
			NULL::numeric AS value FROM book.invoice
		UNION ALL
		SELECT 'an invoice of create_ledger()', 'made.invoice', count(*), NULL FROM made.invoice
		UNION ALL
		SELECT 'a customer''s position', 'bench.kept', count(*), round(avg(pg_column_size(p)))
		FROM bench.kept) t" \
	-c "SELECT 'a document' AS what, round(avg(pg_column_size(document))) AS value,
		round(avg(length(document::text))) AS text
	FROM balance.customer_balances(ledger => 'book')"
