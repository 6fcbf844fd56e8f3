# Statements over random ledgers with a history: what each says was owed on a day is what
# another tally of the same rows says, and the lines add up to it.  BALANCE_SEED repeats
# the rows.
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
is($node->safe_psql('postgres', q{SELECT rule, count(*) FROM balance.verify('history')
	WHERE rule IN ('unexplained_remaining', 'undated_invoice', 'undated_voiding',
		'paid_with_remainder') GROUP BY 1}), '', 'the history explains what is left');

# Periods of customers: of a day, of months, long past, up to today and beyond.
$node->safe_psql('postgres', <<"SQL");
SELECT setseed(($seed % 999983) / 1000000.0);
CREATE TABLE asked AS
SELECT customer_id, zone, a AS start_period, a + length AS end_period
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
$node->stop;
done_testing();
