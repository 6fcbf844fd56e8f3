# Statements and roll-forwards over random ledgers with a history: what each says was owed
# on a day is what another tally of the same rows says, and the lines add up to it.
# BALANCE_SEED repeats the rows.
use strict;
use warnings;

use History;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{BALANCE_SEED} || int(time);
note "BALANCE_SEED=$seed";

my $node = PostgreSQL::Test::Cluster->new('statements');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "fsync = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION balance');
make_history($node, 'history', $seed, 400);
$node->safe_psql('postgres', "SELECT setseed(($seed % 999979) / 1000000.0);
UPDATE history.invoice SET due_date = current_date - floor(random() * 220)::int
WHERE random() < 0.8");
is($node->safe_psql('postgres', q{SELECT rule, count(*) FROM balance.verify('history')
	WHERE rule IN ('unexplained_remaining', 'undated_invoice', 'undated_voiding',
		'paid_with_remainder') GROUP BY 1}), '', 'the history explains what is left');

# Periods of customers: of a day, of months, long past, up to today and beyond.
$node->safe_psql('postgres', <<"SQL");
SELECT setseed(($seed % 999983) / 1000000.0);
CREATE TABLE asked AS
SELECT DISTINCT customer_id, zone, a AS start_period, a + length AS end_period
FROM history.customer, unnest('{UTC,America/New_York,Asia/Kolkata,Pacific/Auckland}'::text[]) zone,
	generate_series(1, 12) n,
	LATERAL (SELECT current_date - floor(random() * 220)::int + 0 * n AS a,
		(ARRAY[0, 1, 7, 30, 300])[1 + floor(random() * 5)::int] AS length) p
WHERE customer_id IS NOT NULL;
CREATE TABLE line AS
SELECT a.*, s.* FROM asked a, balance.statement(a.customer_id, a.start_period, a.end_period, NULL,
	a.zone, 'history') WITH ORDINALITY s(currency, day, at, kind, document_id, number, amount,
	balance, place);
CREATE TABLE statement AS
SELECT customer_id, zone, start_period, end_period, currency,
	max(balance) FILTER (WHERE kind = 'opening_balance') AS opening,
	max(balance) FILTER (WHERE kind = 'closing_balance') AS closing,
	coalesce(sum(amount), 0) AS moved, count(amount) AS movements, count(*) AS lines
FROM line GROUP BY 1, 2, 3, 4, 5;
SQL

sub none
{
	my ($sql, $name) = @_;
	my $found = $node->safe_psql('postgres', "SELECT * FROM ($sql) f LIMIT 5");
	return is($found, '', $name);
}

cmp_ok($node->safe_psql('postgres', 'SELECT count(amount) FROM line'), '>', 1000,
	'there are movements');
none('SELECT * FROM statement WHERE lines <> movements + 2 OR opening + moved <> closing',
	'opening balance and movements are the closing balance');
none(q{SELECT *, history.owed_before(customer_id, currency,
		start_period::timestamp AT TIME ZONE zone) FROM statement
	WHERE opening <> history.owed_before(customer_id, currency,
		start_period::timestamp AT TIME ZONE zone)}, 'the opening balance is what was owed');
none(q{SELECT *, history.owed_before(customer_id, currency,
		(end_period + 1)::timestamp AT TIME ZONE zone) FROM statement
	WHERE closing <> history.owed_before(customer_id, currency,
		(end_period + 1)::timestamp AT TIME ZONE zone)}, 'the closing balance is what was owed');
none(q{SELECT c.customer_id, code, a.zone, a.end_period FROM history.customer c JOIN asked a
		USING (customer_id), unnest('{USD,EUR,JPY,KWD}'::text[]) code
	WHERE history.owed_before(c.customer_id, code,
		(end_period + 1)::timestamp AT TIME ZONE zone) <> 0
	AND NOT EXISTS (SELECT FROM statement s WHERE (s.customer_id, s.zone, s.start_period,
		s.end_period, s.currency) = (a.customer_id, a.zone, a.start_period, a.end_period, code))},
	'no currency is left out');
none(q{SELECT * FROM (SELECT *, sum(amount) OVER w + first_value(balance) OVER w AS running,
		lag(at) OVER w AS before, (at AT TIME ZONE zone)::date AS local FROM line
		WINDOW w AS (PARTITION BY customer_id, zone, start_period, end_period, currency
			ORDER BY place)) l
	WHERE kind NOT LIKE '%balance' AND (running <> balance OR at < before OR day <> local
		OR day NOT BETWEEN start_period AND end_period)},
	'lines are in order, of their days, with a running balance');
none(q{SELECT s.* FROM asked s, LATERAL (SELECT balance.statement_document(customer_id,
		start_period, end_period, NULL, zone, 'history') d) x
	WHERE (SELECT coalesce(sum((m->>'amount')::numeric), 0)
			FROM jsonb_path_query(d, '$.balances[*].movements[*]') m)
		<> (SELECT coalesce(sum(moved), 0) FROM statement t WHERE (t.customer_id, t.zone,
			t.start_period, t.end_period) = (s.customer_id, s.zone, s.start_period, s.end_period))},
	'the document has the same movements');
none(q{SELECT customer_id, currency, closing, left_open FROM (SELECT customer_id, currency, closing,
		coalesce((SELECT sum(amount_remaining) FROM history.invoice i
			WHERE i.customer_id = s.customer_id AND upper(i.currency) = s.currency
			AND balance.invoice_class(invoice_status, NULL) IN ('open', 'paid')), 0)
		- coalesce((SELECT sum(p.amount) FROM history.payment p
			LEFT JOIN history.invoice i ON i.invoice_id = p.invoice_id
			WHERE coalesce(i.customer_id, p.customer_id) = s.customer_id
			AND upper(p.currency) = s.currency AND balance.payment_counts(p.status)
			AND (balance.invoice_class(i.invoice_status, NULL) IN ('open', 'paid')
				AND upper(i.currency) = s.currency) IS NOT TRUE), 0) AS left_open
		FROM statement s WHERE end_period > current_date) s
	WHERE closing <> left_open},
	'a statement up to now is what the rows say is left');
none(q{SELECT * FROM history.customer c JOIN (SELECT customer_id, upper(currency) AS currency,
		sum(amount_remaining) AS amount FROM history.invoice
		WHERE balance.invoice_class(invoice_status, NULL) = 'open' GROUP BY 1, 2) i
		USING (customer_id)
	JOIN LATERAL balance.statement(customer_id, current_date, current_date + 9, currency,
		'UTC', 'history') s(code, day, at, kind, document_id, number, amount2, balance)
		ON kind = 'closing_balance'
	LEFT JOIN LATERAL balance.net_rows(customer_id, ledger => 'history') n
		ON n.currency = i.currency
	WHERE i.amount - n.unapplied_cash IS DISTINCT FROM s.balance},
	'what is open less unapplied cash is the balance of a statement');

# Roll-forwards: of all customers and of each, against what was owed and the rows.
$node->safe_psql('postgres', <<"SQL");
SELECT setseed(($seed % 999961) / 1000000.0);
CREATE TABLE period AS SELECT * FROM (SELECT DISTINCT ON (start_period, end_period) zone,
	start_period, end_period, start_period::timestamp AT TIME ZONE zone AS since,
	(end_period + 1)::timestamp AT TIME ZONE zone AS until
	FROM asked ORDER BY start_period, end_period, random()) p ORDER BY random() LIMIT 25;
CREATE TABLE rolled AS SELECT p.*, r.* FROM period p,
	balance.roll_forward(start_period, end_period, NULL, zone, 'history') r;
CREATE TABLE rolled_by_customer AS SELECT p.*, r.* FROM period p,
	balance.customer_roll_forwards(start_period, end_period, NULL, zone, 'history') r;
SQL
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE expected AS
SELECT p.*, c.customer_id, code AS currency,
	history.owed_before(c.customer_id, code, since) AS opening, invoiced, voided, paid, refunded,
	history.owed_before(c.customer_id, code, until) AS closing
FROM period p CROSS JOIN history.customer c CROSS JOIN unnest('{USD,EUR,JPY,KWD}'::text[]) code
CROSS JOIN LATERAL (
	SELECT coalesce(sum(amount_due) FILTER (WHERE dated >= since AND dated < until), 0)
		AS invoiced,
		coalesce(sum(amount_due) FILTER (WHERE voided >= since AND voided < until), 0) AS voided
	FROM (SELECT amount_due, least(coalesce(finalized_at, issued_at), now()) AS dated,
			CASE WHEN voided_at IS NOT NULL THEN
				least(greatest(voided_at, coalesce(finalized_at, issued_at)), now()) END AS voided
		FROM history.invoice i WHERE i.customer_id = c.customer_id AND upper(i.currency) = code
			AND i.invoice_status <> 'draft') i) i
CROSS JOIN LATERAL (
	SELECT coalesce(sum(amount) FILTER (WHERE amount >= 0), 0) AS paid,
		coalesce(- sum(amount) FILTER (WHERE amount < 0), 0) AS refunded
	FROM history.payment y LEFT JOIN history.invoice i USING (invoice_id)
	WHERE coalesce(i.customer_id, y.customer_id) = c.customer_id AND upper(y.currency) = code
		AND lower(coalesce(y.status, 'paid')) IN ('paid', 'succeeded')
		AND least(y.paid_at, now()) >= since AND least(y.paid_at, now()) < until) y;
SQL
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM rolled_by_customer'), '>', 300,
	'there are roll-forwards');
none(q{SELECT * FROM rolled_by_customer WHERE opening + invoiced - voided - paid + refunded
	- credited <> closing}, 'each adds up');
none(q{SELECT * FROM expected e LEFT JOIN rolled_by_customer r
		USING (start_period, end_period, customer_id, currency)
	WHERE (e.opening, e.invoiced, e.voided, e.paid, e.refunded, e.closing)
		<> (coalesce(r.opening, 0), coalesce(r.invoiced, 0), coalesce(r.voided, 0),
		coalesce(r.paid, 0), coalesce(r.refunded, 0), coalesce(r.closing, 0))},
	'and is what was owed, and what the rows say');
none(q{SELECT * FROM rolled r FULL JOIN (SELECT start_period, end_period, currency,
		sum(opening) AS opening, sum(invoiced) AS invoiced, sum(voided) AS voided,
		sum(paid) AS paid, sum(refunded) AS refunded, sum(credited) AS credited,
		sum(closing) AS closing FROM rolled_by_customer GROUP BY 1, 2, 3) c
		USING (start_period, end_period, currency)
	WHERE (r.opening, r.invoiced, r.voided, r.paid, r.refunded, r.credited, r.closing)
		IS DISTINCT FROM (c.opening, c.invoiced, c.voided, c.paid, c.refunded, c.credited,
		c.closing)}, 'those of customers add up to the whole');
none(q{SELECT * FROM rolled r, LATERAL (SELECT field, (to_jsonb(r) ->> field)::numeric AS number,
		(SELECT coalesce(sum(i.amount), 0) FROM balance.roll_forward_items(NULL, field,
			start_period, end_period, currency, zone, 'history') i) AS items
		FROM unnest('{opening,invoiced,voided,paid,refunded,credited,closing}'::text[]) field) f
	WHERE number <> items}, 'a number is the sum of its items');
none(q{SELECT * FROM rolled_by_customer r, LATERAL (SELECT field,
		(to_jsonb(r) ->> field)::numeric AS number,
		(SELECT coalesce(sum(i.amount), 0) FROM balance.roll_forward_items(customer_id, field,
			start_period, end_period, currency, zone, 'history') i) AS items
		FROM unnest('{credited,closing}'::text[]) field) f
	WHERE number <> items}, 'so is one of a customer');
# what is past due is read by another way, which there is up to now
none(q{SELECT * FROM (SELECT r.*, ((opening + invoiced) - closing) AS collected,
		(SELECT coalesce(sum(l.amount), 0) FROM balance.aged_receivables(until
			- interval '1 microsecond', zone, ledger => 'history') a, unnest(a.buckets, a.amounts)
			l(bucket, amount) WHERE a.currency = r.currency AND l.bucket ~ '[0-9]') AS late
		FROM rolled r WHERE until < now()) r
	WHERE collection_effectiveness IS DISTINCT FROM
		CASE WHEN collected + late > 0 THEN round(collected * 100 / (collected + late), 2) END
		OR days_sales_outstanding IS DISTINCT FROM CASE WHEN invoiced > 0
		THEN round(closing * (end_period - start_period + 1) / invoiced, 2) END},
	'measures are made of what was left and past due');
none(q{SELECT * FROM unnest('{UTC,America/New_York,Pacific/Auckland}'::text[]) z,
	balance.roll_forward_months(NULL, z, 'history') m
	LEFT JOIN LATERAL balance.roll_forward(m.month, (m.month + interval '1 month')::date - 1,
		m.currency, z, 'history') r ON true
	WHERE (m.opening, m.invoiced, m.voided, m.paid, m.refunded, m.credited, m.closing,
		m.days_sales_outstanding, m.collection_effectiveness)
	IS DISTINCT FROM (r.opening, r.invoiced, r.voided, r.paid, r.refunded, r.credited, r.closing,
		r.days_sales_outstanding, r.collection_effectiveness)}, 'months are periods');
$node->stop;
done_testing();
