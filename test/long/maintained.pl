# 016_maintained.pl for long: so many transactions of random statements, while readers
# compare the stores with the rows in every snapshot that they take, and then the
# server killed so often while they go on.  Arguments are transactions=N and kills=N.
use strict;
use warnings;

use Maintained;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep usleep);

my %argument = map { /^(\w+)=(\d+)$/ ? ($1 => $2) : () } @ARGV;
my $transactions = $argument{transactions} // 10000;
my $kills = $argument{kills} // 10;
my $seed = $ENV{BALANCE_SEED} || int(time);
note "BALANCE_SEED=$seed";
srand $seed;

my $node = PostgreSQL::Test::Cluster->new('maintained');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "wal_level = logical\nlog_statement = none\n");
make_ledgers($node);

sub is_sound
{
	my ($title) = @_;
	return is(join("\n", settle($node)), '', $title);
}

my @differences;
while (($done{done} // 0) < $transactions && !@differences)
{
	my @sessions = map { start($node, $_) } (map { writer(300) } 1 .. 5), reader(30), reader(30);

	push @differences, finish($_) for @sessions;
	push @differences, settle($node);
	diag "$done{done} transactions, $done{read} snapshots";
}
is(join("\n", @differences), '',
	"no difference in $done{done} transactions and $done{read} snapshots");
is_sound('nor is there any in the end');
cmp_ok($done{done}, '>=', $transactions, "writers ended $done{done} transactions");
note join ', ', map { "$_: $errors{$_}" } sort keys %errors;
is(join(' ', grep { !/^(40001|40P01|55P03|23502|23503|23505|23514|25P02|3B001|21000|42704)$/ }
	sort keys %errors), '', 'no statement failed for the store');

# Who reaps the postmaster may be late: until then a new one does not start.
sub kill_server
{
	my $pid = $node->{_pid};

	kill 'KILL', $pid;
	usleep 50_000 while kill 0, $pid;
	$node->{_pid} = undef;
}

my $sound = 0;
for my $round (1 .. $kills)
{
	my @sessions = map { start($node, $_) } (map { writer(2000) } 1 .. 4), reader(100);

	sleep 0.3 + rand;
	kill_server();
	my @wrong = map { finish($_) } @sessions;
	$node->start;
	push @wrong, settle($node);
	$sound += !@wrong;
	is(join("\n", @wrong), '', "killed, $round") if @wrong || $round == $kills;
	last if @wrong;
}
is($sound, $kills, "sound after $kills kills");
$node->command_ok([ 'pg_amcheck', '--install-missing', '--heapallindexed', '-d', 'postgres' ],
	'tables and indexes are sound');
note "$done{done} transactions, $done{read} snapshots";

done_testing();
