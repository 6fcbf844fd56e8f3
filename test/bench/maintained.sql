-- A maintained ledger against one with the same rows that is not: what its store
-- costs who writes, and what it spares who reads.
SELECT balance.create_ledger('bare');
SELECT balance.create_ledger('kept');
-- or it is a matter of luck which updates find room on their page
ALTER TABLE bare.invoice SET (fillfactor = 80);
ALTER TABLE kept.invoice SET (fillfactor = 80);

-- what has been measured for a row of the table, either way: the first is divided by the second
CREATE FUNCTION bench.note(name text, round int, ms float8, cpu_ms float8 DEFAULT NULL)
RETURNS void BEGIN ATOMIC
	INSERT INTO bench.run (name, round, ms, cpu_ms) VALUES (name, round, ms, cpu_ms);
END;

-- one customer has as many invoices as all others together, and one has 100, in one currency
-- and due on the same 20 days, as what is due is part of a position; one has 10,000 that are
-- all open and each due on another day
INSERT INTO bare.customer (customer_id, business_id)
SELECT customer_id, 'book' FROM book.invoice GROUP BY customer_id
UNION ALL SELECT unnest('{whale,small,dated,hot}'::text[]), 'book';
INSERT INTO bare.invoice (invoice_id, customer_id, currency, invoice_status, payment_status,
	total, amount_due, amount_remaining, due_date)
SELECT invoice_id, customer_id, currency, invoice_status, payment_status,
	total, amount_due, amount_remaining, due_date FROM book.invoice
UNION ALL
SELECT who.prefix || i.invoice_id, who.customer_id, 'usd', i.invoice_status, i.payment_status,
	i.total, i.amount_due, i.amount_remaining,
	date '2025-12-20' + (i.due_date - date '2025-07-01') % 20
FROM (VALUES ('w', 'whale', :rows), ('s', 'small', 100)) who(prefix, customer_id, n)
JOIN LATERAL (SELECT * FROM book.invoice LIMIT who.n) i ON true
UNION ALL
SELECT 'd' || i, 'dated', 'usd', 'open', NULL, 12.34, 12.34, 12.34, date '2000-01-01' + i
FROM generate_series(1, 10000) i;
INSERT INTO kept.customer TABLE bare.customer;
INSERT INTO kept.invoice TABLE bare.invoice;
SELECT balance.maintain('kept');
VACUUM (FREEZE, ANALYZE) bare.customer, bare.invoice, kept.customer, kept.invoice,
	kept.balance_store;

-- the look-ups of 1000 documents; where nobody else is named, the seller is the ledger
CREATE FUNCTION bench.document(kind text, customer_id text, ledger text) RETURNS text
BEGIN ATOMIC
	SELECT format('replace(balance.%I(%L%s, ledger => %L)::text, ''"kept"'', ''"bare"'')'
		' AS document', kind, customer_id, CASE kind WHEN 'invoice_summary' THEN
		', ''2025-12-31 12:00+00'', ''UTC''' ELSE '' END, ledger);
END;
SELECT bench.add(format('%s: %s(''%s'')', way, kind, customer_id),
	ARRAY[format('SELECT %s FROM generate_series(1, 1000)',
		bench.document(kind, customer_id, ledger))],
	CASE WHEN customer_id <> 'whale' THEN kind || customer_id END,
	'SELECT ' || bench.document(kind, customer_id, ledger))
FROM (VALUES ('rows', 'bare', 'small'), ('store', 'kept', 'small'), ('store', 'kept', 'whale'),
	('rows', 'bare', 'dated'), ('store', 'kept', 'dated')) l(way, ledger, customer_id),
	(VALUES ('customer_balance'), ('invoice_summary')) k(kind);
SELECT bench.goal(format('%s() of %s invoices against 100', kind, :rows),
	format('store: %s(''whale', kind), format('store: %s(''small', kind), '<=', 1.2, 1.05)
FROM (VALUES ('customer_balance'), ('invoice_summary')) k(kind);
SELECT bench.goal(format('%s() of %s against reading them', kind, what),
	format('store: %s(''%s', kind, customer_id), format('rows: %s(''%s', kind, customer_id),
	'<=', 1.0, 0.7)
FROM (VALUES ('customer_balance'), ('invoice_summary')) k(kind),
	(VALUES ('small', '100 invoices'), ('dated', '10,000 due dates')) c(customer_id, what);

-- everything of everybody
SELECT bench.add(format('%s: %s', way, what), ARRAY[format(query, ledger)], what,
	CASE what WHEN 'customer_balances' THEN format('SELECT customer_id,'
		' document - ''wb_customer_id'' FROM (SELECT customer_id, jsonb_array_elements(document)'
		' AS document FROM (%s) b) d', format(query, ledger)) END)
FROM (VALUES ('rows', 'bare'), ('store', 'kept')) l(way, ledger),
	(VALUES ('customer_balances', 'SELECT * FROM balance.customer_balances(ledger => %L)'),
	('top_debtors', 'SELECT * FROM balance.top_debtors(''usd'', 10, ''2025-12-31 12:00+00'','
		' ''UTC'', ledger => %L)'),
	('report_ageing', 'SELECT * FROM %I.report_ageing')) q(what, query);
SELECT bench.goal(what || ' over all, times as fast', 'rows: ' || what, 'store: ' || what,
	'>=', 20, 50)
FROM (VALUES ('customer_balances'), ('top_debtors'), ('report_ageing')) q(what);
SELECT bench.check_answers();
CALL bench.compete();

-- many rows at a time: the same to either ledger, in turn
CREATE FUNCTION bench.many(ledger text, file text, n bigint)
RETURNS TABLE (what text, statement text)
BEGIN ATOMIC
	SELECT x.what, format(x.statement, ledger, file, n) FROM (VALUES
		('COPY', 'COPY %1$I.invoice (invoice_id, customer_id, currency, invoice_status,'
			' payment_status, total, amount_due, amount_remaining, due_date) FROM %2$L'),
		('UPDATE', 'UPDATE %1$I.invoice SET invoice_status = ''paid'', amount_remaining = 0'
			' WHERE starts_with(invoice_id, ''many'')'),
		('DELETE', 'DELETE FROM %1$I.invoice WHERE starts_with(invoice_id, ''many'')'))
		x(what, statement);
END;
CREATE PROCEDURE bench.write_many(file text, n bigint) LANGUAGE plpgsql AS $$
DECLARE
	x record;
	cpu float8;
	started timestamptz;
BEGIN
	EXECUTE format($q$COPY (SELECT 'many' || invoice_id, customer_id, currency, invoice_status,
		payment_status, total, amount_due, amount_remaining, due_date
		FROM book.invoice LIMIT %s) TO %L$q$, n, file);
	FOR i IN 0 .. current_setting('bench.runs')::int LOOP
		FOR x IN SELECT l.ledger, m.* FROM (VALUES ('bare', 0), ('kept', 1)) l(ledger, place),
				bench.many(l.ledger, file, n) WITH ORDINALITY m
				ORDER BY m.ordinality, (l.place + i) % 2 LOOP
			COMMIT;
			cpu := bench.cpu();
			started := clock_timestamp();
			EXECUTE x.statement;
			COMMIT;
			IF i > 0 THEN
				PERFORM bench.note(format('%s: %s of %s rows', x.ledger, x.what, n), i,
					extract(epoch FROM clock_timestamp() - started) * 1000, bench.cpu() - cpu);
			END IF;
		END LOOP;
	END LOOP;
END $$;
SELECT bench.goal(format('%s of %s rows', what, n), format('kept: %s of %s rows', what, n),
	format('bare: %s of %s rows', what, n), '<=', 1.8, 1.4)
FROM unnest('{COPY,UPDATE,DELETE}'::text[]) what,
	(SELECT DISTINCT unnest(ARRAY[:rows, least(:rows, 100000)])) s(n);

-- one row at a time, and from several clients at once: maintained.sh
CREATE UNLOGGED TABLE bench.meter (client int, cpu_ms float8, wal pg_lsn);
SELECT bench.goal(format('CPU of one row: %s', what), 'kept: ' || what || ' of one row, CPU',
	'bare: ' || what || ' of one row, CPU', '<=', 1.5, 1.25)
FROM unnest('{INSERT,UPDATE,DELETE,INSERT beside 10000 due dates}'::text[]) what;
SELECT bench.goal(format('WAL of one row: %s', what), 'kept: ' || what || ' of one row, WAL',
	'bare: ' || what || ' of one row, WAL', '<=', 1.8, 1.5)
FROM unnest('{INSERT,UPDATE,DELETE}'::text[]) what;
SELECT bench.goal(format('throughput of 8 clients, %s', what), 'bare: 8 clients, ' || what,
	'kept: 8 clients, ' || what, '>=', 0.85, 1.0)
FROM unnest('{one customer,many customers}'::text[]) who,
	unnest('{on,off}'::text[]) fsync, concat(who, ', fsync ', fsync) what;
SELECT bench.goal(format('CPU of 8 clients, %s', what), 'kept: CPU of 8 clients, ' || what,
	'bare: CPU of 8 clients, ' || what, '<=', 1.5, 1.25)
FROM unnest('{one customer,many customers}'::text[]) who,
	unnest('{on,off}'::text[]) fsync, concat(who, ', fsync ', fsync) what;

-- what a customer takes in the store: one currency, three due dates, folded
SELECT balance.create_ledger('sized');
INSERT INTO sized.customer SELECT * FROM bare.customer;
INSERT INTO sized.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date)
SELECT customer_id || '/' || i, customer_id, 'usd', CASE WHEN i > 3 THEN 'paid' ELSE 'open' END,
	12.34 * i, 12.34 * i, CASE WHEN i > 3 THEN 0 ELSE 12.34 * i END, date '2025-12-01' + i
FROM bare.customer, generate_series(1, 10) i;
SELECT balance.maintain('sized');
INSERT INTO bench.measure (what, value, must, aim)
SELECT 'bytes of the store for a customer',
	pg_total_relation_size('sized.balance_store')::numeric / count(*), 200, 150
FROM sized.customer;
