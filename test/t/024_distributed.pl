# A distributed ledger on one server: every join of what has a customer is one of customers,
# since where two customers' ids are the same, each has what is his; and what a cluster
# cannot plan is in no query.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Asked;

my $node = PostgreSQL::Test::Cluster->new('distributed');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION balance;'
	. join '', map { "SELECT balance.create_ledger('$_', distributed => true);" } 'alike', 'apart');

$node->safe_psql('postgres', 'CREATE VIEW today AS SELECT current_date::timestamptz AS day');
# Every customer has invoices, memos and all else by the same ids; in the other ledger his own
# id stands before them.
foreach my $ledger ('alike', 'apart')
{
	my $id = $ledger eq 'alike' ? "''" : "'c' || c || '-'";
	$node->safe_psql('postgres', <<"SQL");
SET search_path = $ledger, public;
INSERT INTO customer SELECT 'c' || c, 'wb', 'b', 'Name ' || c, (ARRAY['usd', NULL])[c % 2 + 1]
FROM generate_series(0, 199) AS c;
INSERT INTO invoice (invoice_id, customer_id, currency, invoice_status, number, total, amount_due,
	amount_remaining, due_date, issued_at, voided_at)
SELECT $id || 'i' || i, 'c' || c, (ARRAY['usd', 'EUR'])[(c + i) % 2 + 1],
	(ARRAY['open', 'paid', 'draft', 'void'])[(c + i) % 4 + 1], 'N' || c || '/' || i,
	c + i, c + i, CASE (c + i) % 4 WHEN 1 THEN 0 WHEN 0 THEN c + i - 0.1 ELSE c + i END,
	current_date - c - i + 100, day - interval '150 days' - i * interval '1 minute',
	CASE WHEN (c + i) % 4 = 3 THEN day - interval '100 days' END
FROM generate_series(0, 199) AS c, generate_series(1, 6) AS i, today;
INSERT INTO invoice_line_item (invoice_id, customer_id, price_type, amount)
SELECT invoice_id, customer_id, (ARRAY['usage', 'seat'])[total::int % 2 + 1], total FROM invoice;
INSERT INTO deposit SELECT $id || 'd' || i, 'c' || c, 'usd', (ARRAY['held', 'used'])[i], c + i
FROM generate_series(0, 199, 2) AS c, generate_series(1, 2) AS i;
INSERT INTO vcu_invoice SELECT $id || 'v' || i, 'c' || c, 'brl', (ARRAY['paid', 'pending'])[i],
	c + i, day - c * interval '1 hour', day - c * interval '1 hour'
FROM generate_series(0, 199) AS c, generate_series(1, 2) AS i, today;
INSERT INTO vcu_order SELECT $id || 'o', 'c' || c, 'brl', 'issued', c, c % 5 = 0,
	day - c * interval '1 hour' FROM generate_series(0, 199) AS c, today;
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason, invoice_id, created_at, updated_at)
SELECT replace(invoice_id, 'i', 'm'), 'b', customer_id, 'issued', currency, 100000,
	CASE invoice_status WHEN 'open' THEN 10 ELSE 0 END, '2026-01-01', 'r', invoice_id, day, day
FROM invoice, today;
INSERT INTO credit_memo_application (application_id, credit_memo_id, invoice_id, amount_applied,
	applied_at, customer_id)
SELECT replace(invoice_id, 'i', 'a'), replace(invoice_id, 'i', 'm'), invoice_id, 10,
	day - interval '3 days', customer_id FROM invoice, today WHERE invoice_status = 'open';
INSERT INTO payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
SELECT replace(invoice_id, 'i', 'p'), customer_id, currency, amount_due,
	issued_at + interval '2 days', invoice_id FROM invoice WHERE invoice_status = 'paid';
INSERT INTO exchange_rate SELECT c, 'USD', '2020-01-01', 2, 'us'
FROM unnest('{USD,EUR,BRL}'::text[]) AS c;
ANALYZE;
SQL
}

# The answer to a query over LEDGER without what tells ids apart, and what is logged.
sub answer
{
	my ($query, $ledger) = @_;
	my ($status, $out, $log) = $node->psql('postgres',
		"SET datestyle = ISO; SET TimeZone = 'UTC'; SET balance.log_queries = on;
		SET client_min_messages = log; " . $query =~ s/LEDGER/$ledger/gr);
	my $plain = join "\n", sort map { s/\b$ledger\b/LEDGER/gr =~ s/\bc\d+-//gr } split /\n/, $out;
	return ($plain, $log);
}

# Relations of a query whose rows have a customer, and which it compares by no customer: all
# but the first, whose customers the others are compared with.
sub strangers
{
	my ($sql) = @_;
	my %seen;
	$seen{$2}++ while $sql =~ /\balike\.((?!exchange_rate)\w+) (\w+)\b/g;
	my @lost = grep { $sql !~ /\b$_\.customer_id(?:::[\w.]+)?\)* (?:OPERATOR|COLLATE|IS)/
		&& $sql !~ /= \(*$_\.customer_id/
		&& $sql !~ /OPERATOR\(pg_catalog\.=\) \(*$_\.customer_id/
		&& $sql !~ /GROUP BY (?:\w+\.\w+, )*$_\.customer_id/
		&& $sql !~ /\b$_\.customer_id(?:::[\w.]+)? AS customer_id/ } sort keys %seen;
	return keys %seen > 1 ? @lost : ();
}

my $composed = 0;
foreach my $query (Asked::queries())
{
	my ($expected) = answer($query, 'apart');
	my ($found, $log) = answer($query, 'alike');
	isnt($expected, '', "$query: an answer") unless $query =~ /verify|c42|c199|c20|unapplied|'USD'/;
	is($found, $expected, "$query: of each customer what is his");
	foreach my $sql ($log =~ /LOG:  query over ledger "alike": (.*?)(?=^\S*(?:LOG|DETAIL):|\z)/gms)
	{
		$composed++;
		is(join(' ', strangers($sql)), '', '... and each relation by its customer');
		unlike($sql, qr/LATERAL \((?:(?!\) AS ).)*UNION/s, '... with no UNION under LATERAL');
		next unless $query =~ /verify/;
		unlike($sql, qr/ OVER \(|DISTINCT ON/, '... with no window or sort over all rows');
		unlike($sql, qr/session_zone|current_setting/, '... with no zone but as a value');
		next unless $query =~ /c42/ && $sql !~ /SELECT 1 FROM alike.payment p LIMIT/;
		like($sql, qr/customer_id OPERATOR\(pg_catalog\.=\) \$\d|exchange_rate/,
			'... where one customer lives');
	}
}
cmp_ok($composed, '>', 50, 'queries were composed');

# Nor has any view.
my $views = $node->safe_psql('postgres', q{SELECT string_agg(relname || ': '
	|| regexp_replace(pg_get_viewdef(oid), '\s+', ' ', 'g'), E'\n') FROM pg_class
	WHERE relnamespace = 'alike'::regnamespace AND relkind = 'v'});
foreach my $view (split /\n/, $views)
{
	my ($name) = $view =~ /^(\w+)/;
	unlike($view, qr/LATERAL \((?:(?!\) \w).)*UNION/, "$name has no UNION under LATERAL");
}

$node->stop;
done_testing();
