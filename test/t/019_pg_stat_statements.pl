# pg_stat_statements has one entry for each document, however many customers it is
# asked for: what a document runs is one query with parameters, kept with its plan.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sharedir = `pg_config --sharedir` =~ s/\n//r;
plan skip_all => 'the server has no pg_stat_statements'
  unless -e "$sharedir/extension/pg_stat_statements.control";

my $node = PostgreSQL::Test::Cluster->new('statements');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = all
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pg_stat_statements;
CREATE EXTENSION balance;
SELECT balance.create_ledger('billing');
INSERT INTO billing.customer SELECT 'c' || n, 'w' || n FROM generate_series(1, 9) n;
INSERT INTO billing.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining)
SELECT 'i' || n, 'c' || n, 'usd', 'open', n, n, n FROM generate_series(1, 9) n;
ALTER DATABASE postgres SET balance.ledger = 'billing';
SQL

# Entries of one document: of calls by the application, and of what they run.
for my $document (qw(customer_balance invoice_summary vcu_balance customer_credits))
{
	$node->safe_psql('postgres', 'SELECT pg_stat_statements_reset()');
	$node->safe_psql('postgres',
		join ';', map { "SELECT count(balance.$document('c$_'))" } 1 .. 9);
	my $entries = $node->safe_psql('postgres', <<"SQL");
SELECT toplevel, count(*), min(calls), max(calls) FROM pg_stat_statements
WHERE query !~ 'pg_stat_statements' AND dbid = (SELECT oid FROM pg_database
	WHERE datname = current_database())
GROUP BY 1 HAVING max(calls) > 1 ORDER BY 1 DESC
SQL
	my ($top, $nested) = split /\n/, $entries;
	is($top, 't|1|9|9', "nine calls of $document are one entry");
	like($nested // '', qr/^f\|\d\|9\|9$/, '... and so is each query that they run')
	  or diag $node->safe_psql('postgres', 'SELECT toplevel, calls, query FROM pg_stat_statements');
}
$node->stop;
done_testing();
