# A cluster of Citus, a coordinator and workers in other time zones, with the same rows in
# a ledger that is distributed, far, and in one that is not, near.
package Citus;
use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw($quiet has_citus has_columnar start_node start_cluster fill relations answer);

# Notices of Citus are not what is looked at.
our $quiet = "SET client_min_messages = error;\n";

my $directory = `pg_config --pkglibdir` =~ s/\n//r;

sub has_citus
{
	return -e "$directory/citus.so";
}

sub has_columnar
{
	return -e "$directory/citus_columnar.so";
}

sub start_node
{
	my ($name, $zone) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'citus'\njit = off
		timezone = '$zone'\ncitus.local_hostname = '@{[ $node->host ]}'
		citus.node_conninfo = 'sslmode=disable'\nmax_connections = 60
		max_prepared_transactions = 50\nwal_level = logical\ncitus.shard_count = 8
		citus.enable_statistics_collection = off\n");
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION citus; CREATE EXTENSION balance');
	return $node;
}

# A coordinator, who comes first, and two workers.
sub start_cluster
{
	my $node = start_node('coordinator', 'Pacific/Kiritimati');
	my @workers = map { start_node($_, 'America/Havana') } 'worker1', 'worker2';
	$node->safe_psql('postgres', "SELECT citus_set_coordinator_host('" . $node->host . "', "
			. $node->port . ');' . join '',
		map { "SELECT citus_add_node('" . $_->host . "', " . $_->port . ');' } @workers);
	return ($node, @workers);
}

# The relations of a ledger, those that others refer to first.
sub relations
{
	my ($node) = @_;
	return split / /, $node->safe_psql('postgres', q{SELECT string_agg(relname, ' ' ORDER BY
		array_position('{customer,invoice,credit_memo}', relname::text)) FROM pg_class
		WHERE relnamespace = 'near'::regnamespace AND relkind = 'r'});
}

# Makes both ledgers, of so many rows.
sub fill
{
	my ($node, $invoices, $customers) = @_;
	my $lines = $invoices > 10_000 ? 1 : 2;
	my $memos = 3 * $customers;

	$node->safe_psql('postgres', "$quiet SELECT balance.create_ledger('far', distributed => true);
		SELECT balance.create_ledger('near')");
	$node->safe_psql('postgres', <<"SQL");
SET search_path = far;
INSERT INTO customer SELECT 'c' || i, 'wb', 'b' || i % 3, 'Name ' || i,
	(ARRAY['usd', NULL])[i % 2 + 1] FROM generate_series(0, $customers - 1) AS i;
INSERT INTO invoice (invoice_id, customer_id, currency, invoice_status, payment_status, number,
	total, amount_due, amount_remaining, due_date, issued_at, voided_at)
SELECT 'i' || i, 'c' || i % $customers, (ARRAY['usd', 'EUR', 'jpy'])[i % 3 + 1],
	(ARRAY['open', 'finalized', 'paid', 'draft', 'void'])[i / 5 % 5 + 1], NULL, 'N' || i,
	i % 997, i % 997, CASE WHEN i / 5 % 5 = 2 THEN 0 ELSE i % 997
		- CASE WHEN i <= $memos AND i / 5 % 5 < 2 THEN (ARRAY[0.1, 0.1, 10])[i % 3 + 1]
			ELSE 0 END END,
	current_date - i % 120 + 3, now() - interval '150 days' - i * interval '1 minute',
	CASE WHEN i / 5 % 5 = 4 THEN now() - interval '100 days' END
FROM generate_series(1, $invoices) AS i;
INSERT INTO invoice_line_item (invoice_id, customer_id, price_type, amount)
SELECT invoice_id, customer_id, (ARRAY['usage', 'seat'])[j], total / 2
FROM invoice, generate_series(1, $lines) AS j;
INSERT INTO deposit SELECT 'd' || i, 'c' || i * 7 % $customers, 'usd',
	(ARRAY['held', 'used'])[i % 2 + 1], i FROM generate_series(1, 2 * $customers) AS i;
INSERT INTO vcu_invoice SELECT 'v' || i, 'c' || i % ($customers - 20), 'brl',
	(ARRAY['paid', 'pending'])[i % 2 + 1], i, now() - i % 800 * interval '3 hours',
	now() - i % 800 * interval '2 hours' FROM generate_series(1, 4 * $customers) AS i;
INSERT INTO vcu_order SELECT 'o' || i, 'c' || i % ($customers - 10), 'brl',
	(ARRAY['issued', 'billed'])[i % 2 + 1], i, i % 5 = 0, now() - i % 800 * interval '3 hours'
FROM generate_series(1, 4 * $customers) AS i;
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason, invoice_id, created_at, updated_at)
SELECT 'm' || i, 'b' || i % $customers % 3, 'c' || i % $customers, 'issued',
	(ARRAY['usd', 'EUR', 'jpy'])[i % 3 + 1], 100000, 10, '2026-01-01', 'service_issue', 'i' || i,
	now() - i % 600 * interval '1 day', now() FROM generate_series(1, $memos) AS i;
INSERT INTO credit_memo_application (application_id, credit_memo_id, invoice_id, amount_applied,
	applied_at, customer_id)
SELECT 'a' || i, 'm' || i, 'i' || i, 10, now() - i % 600 * interval '1 hour', 'c' || i % $customers
FROM generate_series(1, $memos) AS i WHERE i / 5 % 5 < 2;
INSERT INTO payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
SELECT 'p' || substr(invoice_id, 2), customer_id, currency, amount_due,
	issued_at + interval '2 days', invoice_id FROM invoice WHERE invoice_status = 'paid';
INSERT INTO exchange_rate SELECT upper(c), 'USD', '2020-01-01', 2, 'us'
FROM unnest('{usd,eur,jpy,brl}'::text[]) AS c;
SQL
	foreach my $relation (relations($node))
	{
		my $columns = $node->safe_psql('postgres', "SELECT string_agg(attname, ', ')
			FROM pg_attribute WHERE attrelid = 'near.$relation'::regclass AND attnum > 0
				AND NOT attisdropped AND attidentity = ''");
		$node->safe_psql('postgres', "INSERT INTO near.$relation ($columns)
			SELECT $columns FROM far.$relation");
	}
	$node->safe_psql('postgres', 'ANALYZE');
	return;
}

# The answer to a query over LEDGER, and what it raises.
sub answer
{
	my ($node, $query, $ledger, $settings) = @_;
	my ($status, $out, $error) = $node->psql('postgres',
		$quiet . ($settings // "SET datestyle = ISO; SET TimeZone = 'Asia/Kathmandu'; ")
		. $query =~ s/LEDGER/$ledger/gr,
		on_error_stop => 0);
	return join "\n", (sort split /\n/, $out), $error =~ s/\b$ledger\b/LEDGER/gr;
}

1;
