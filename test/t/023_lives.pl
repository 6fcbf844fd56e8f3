# A random life of each invoice of a ledger, of which every day is compared with what was
# true on it.  BALANCE_SEED repeats it; test/long/lives.pl plays many.
use strict;
use warnings;

use Lives;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{BALANCE_SEED} || int(time);
note "BALANCE_SEED=$seed";

my $node = PostgreSQL::Test::Cluster->new('lives');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "fsync = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION balance');
play_lives($node, 'lives', seed => $seed, customers => 4, invoices => 60, days => 40);
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM lives.kept'), '>', 200,
	'there are days to compare');
cmp_ok($node->safe_psql('postgres', 'SELECT count(DISTINCT day) FROM lives.kept
	WHERE credited <> 0 OR refunded <> 0 OR voided <> 0'), '>', 3, 'on which things happen');
is($_->[1], '', "$_->[0] are what was true on each day") for untrue_days($node, 'lives');
$node->stop;
done_testing();
