# 023_lives.pl for long: so many ledgers, each of its own seed and size, whose every day is
# compared with what was true on it.  Arguments are ledgers=N.
use strict;
use warnings;

use Lives;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %argument = map { /^(\w+)=(\d+)$/ ? ($1 => $2) : () } @ARGV;
my $ledgers = $argument{ledgers} // 20;
my $first = $ENV{BALANCE_SEED} || int(time);
note "BALANCE_SEED=$first";

my $node = PostgreSQL::Test::Cluster->new('lives');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "fsync = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION balance');
for my $seed ($first .. $first + $ledgers - 1)
{
	# few customers with much between them, many with little, and a year of days
	my ($customers, $invoices, $days) =
	  @{ [ [ 2, 80, 30 ], [ 12, 60, 60 ], [ 5, 250, 120 ], [ 3, 120, 365 ] ]->[ $seed % 4 ] };
	play_lives($node, 'lives', seed => $seed, customers => $customers, invoices => $invoices,
		days => $days);
	cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM lives.kept'), '>', 0,
		"ledger of seed $seed: $customers customers, $invoices invoices, $days days");
	for my $untrue (untrue_days($node, 'lives'))
	{
		is($untrue->[1], '', "BALANCE_SEED=$seed: $untrue->[0] are what was true on each day");
	}
	$node->safe_psql('postgres', 'SET client_min_messages = warning; DROP SCHEMA lives CASCADE');
}
$node->stop;
done_testing();
