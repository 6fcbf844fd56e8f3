# Maintained balances under random statements of several sessions at all isolation
# levels: in every snapshot that a reader takes meanwhile, the store adds up to the
# rows, and what is answered from it is what the rows say.  BALANCE_SEED repeats the
# statements (not their interleaving), BALANCE_SECONDS is for how long they are made.
use strict;
use warnings;

use Maintained;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $seed = $ENV{BALANCE_SEED} || int(time);
my $seconds = $ENV{BALANCE_SECONDS} || 20;
note "BALANCE_SEED=$seed";

my $node = PostgreSQL::Test::Cluster->new('maintained');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "fsync = off\n");
make_ledgers($node);
is($node->safe_psql('postgres', q{SELECT query, a FROM question, answer(query, ledger, customer) a
	WHERE a ~ '^(42|3F)'}), '', 'all questions are understood');

my $end = time + $seconds;
my @differences;
srand $seed;
while (time < $end && !@differences)
{
	my @sessions = map { start($node, $_) } (map { writer(60) } 1 .. 5), reader(8), reader(8);

	push @differences, finish($_) for @sessions;
}
is(join("\n", @differences), '', 'readers found no difference in any snapshot');
is(join("\n", settle($node)), '', 'nor is there any in the end');
cmp_ok($done{done}, '>=', 100, "writers ended $done{done} transactions");
cmp_ok($done{read}, '>=', 4, "readers took $done{read} snapshots");
note join ', ', map { "$_: $errors{$_}" } sort keys %errors;
# rows locked in any order, duplicate ids, and foreign keys are the statements' own
is(join(' ', grep { !/^(40001|40P01|55P03|23502|23503|23505|23514|25P02|3B001|21000|42704)$/ }
	sort keys %errors), '', 'no statement failed for the store');

for my $round (1 .. 2)
{
	my @sessions = map { start($node, writer(100)) } 1 .. 3;

	sleep 0.3;
	$node->stop('immediate');
	finish($_) for @sessions;
	$node->start;
	is(join("\n", settle($node)), '', "no difference after crash $round");
}

# ---- nobody waits ----

# Eight transactions of one customer are all open at once, prepared with their locks,
# at every level, each with statements enough to fold; then those who fold and repair.
my @levels = ('READ COMMITTED', 'REPEATABLE READ');
my $columns = '(invoice_id, customer_id, currency, invoice_status, total, amount_due,'
  . ' amount_remaining)';
my $script = "SET lock_timeout = '5s';\n";
$node->safe_psql('postgres', 'DROP TRIGGER adjust ON t.invoice;'
	. "INSERT INTO t.customer (customer_id) VALUES ('hot');"
	. "INSERT INTO t.invoice $columns SELECT 'hot' || i, 'hot', 'usd', 'open', i, i, i"
	. ' FROM generate_series(1, 8) i');
for my $writer (1 .. 8)
{
	# two of these would depend on each other, by what they read of the invoices
	my $level = $writer == 5 ? 'SERIALIZABLE' : $levels[ $writer % 2 ];

	$script .= "BEGIN ISOLATION LEVEL $level;\n"
	  . "UPDATE t.invoice SET total = total + 1 WHERE invoice_id = 'hot$writer';\n" x 40
	  . "INSERT INTO t.invoice $columns VALUES ('new$writer', 'hot', 'usd', 'open', 1, 1, 1);\n"
	  . "DELETE FROM t.invoice WHERE invoice_id = 'new$writer';\n"
	  . "PREPARE TRANSACTION 'hot$writer';\n"
	  . "SELECT count(*) FROM balance.fold('t', '{hot}');\n"
	  . "SELECT count(*) FROM balance.repair('t');\n";
}
is($node->psql('postgres', $script), 0, 'eight writers of a customer are open at once');
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_prepared_xacts'), 8, '... all of them');
for my $writer (reverse 1 .. 8)
{
	$node->safe_psql('postgres',
		($writer == 5 ? 'ROLLBACK' : 'COMMIT') . " PREPARED 'hot$writer'");
	is($node->safe_psql('postgres', 'SELECT * FROM differences'), '',
		"no difference when $writer has ended");
}
is($node->safe_psql('postgres', q{SELECT balance.customer_balance('hot', 't')
	-> 0 ->> 'total_invoices_ready_for_payment'}), '316.00', 'and the sum is that of seven');

done_testing();
