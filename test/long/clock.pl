# The clock is moved under a running server, in sessions that keep their plans:
# across the end of a day, of months, of a leap February and of a year, and across
# the days on which clocks are put forward and back.  What is overdue follows, in
# documents with default arguments, in a view and in a prepared statement.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($library) = glob '/usr/lib/*/faketime/libfaketime.so.1';
plan skip_all => 'there is no libfaketime' unless $library;

# A time without a sign in this file stands still; it is read at every look at the clock.
my $clock = PostgreSQL::Test::Utils::tempdir . '/clock';
sub set_clock
{
	my ($utc) = @_;
	open my $file, '>', "$clock.new" or die $!;
	print $file "$utc\n";
	close $file;
	rename "$clock.new", $clock or die $!;
}

my $node = PostgreSQL::Test::Cluster->new('clock');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "timezone = 'UTC'\njit = off\nautovacuum = off
	max_parallel_workers_per_gather = 0\n");
set_clock('2024-02-28 12:00:00');
{
	local $ENV{LD_PRELOAD} = $library;
	local $ENV{FAKETIME_TIMESTAMP_FILE} = $clock;
	local $ENV{FAKETIME_NO_CACHE} = 1;
	local $ENV{FAKETIME_DONT_FAKE_MONOTONIC} = 1;
	local $ENV{TZ} = 'UTC';
	$node->start;
}
is($node->safe_psql('postgres', 'SELECT now()'), '2024-02-28 12:00:00+00',
	'the server believes the clock');

# a customer with a due date, one with a due instant, in two ledgers
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION balance;
CREATE FUNCTION make(ledger text, type text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE SCHEMA %1$I;
		CREATE TABLE %1$I.customer AS SELECT text ''c'' AS customer_id;
		CREATE TABLE %1$I.invoice (invoice_id text, customer_id text, currency text,
			invoice_status text, payment_status text, total numeric, amount_due numeric,
			amount_remaining numeric, due_date %2$s);
		CREATE TABLE %1$I.vcu_order (vcu_order_id text, customer_id text, currency text,
			status text, units numeric, pay_with_balance boolean, created_at timestamptz)',
		ledger, type);
	EXECUTE format('INSERT INTO %I.invoice (invoice_id, customer_id, currency, invoice_status,
		total, amount_due, amount_remaining, due_date)
		SELECT due, ''c'', ''usd'', ''open'', 1, 1, 1, due::%s
		FROM
			unnest(''{2024-02-28,2024-02-29,2024-03-30,2024-03-31,2024-10-26,2024-10-27,
				2024-12-31,2025-02-28}''::text[]) AS due', ledger, type);
END $$;
SELECT make('days', 'date'), make('instants', 'timestamptz');
CREATE VIEW overdue AS
SELECT (balance.invoice_summary('c', ledger => 'days') #>> '{summaries,0,
	 overdue_invoice_count}')::int AS days,
 (balance.invoice_summary('c', ledger => 'instants') #>> '{summaries,0,overdue_invoice_count}')::int
   AS instants,
 (SELECT count(*) FROM balance.items('c', 'total_overdue_amount', 'usd', ledger => 'days'))
   AS items,
 (SELECT sum(count) FILTER (WHERE from_days >= 1)
   FROM (SELECT balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
   amount_remaining, due_date) AS p FROM days.invoice) AS x, balance.ageing(p)) AS aged;
SQL

# One session a zone, for the whole time.
my %session;
for my $zone ('UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati')
{
	$session{$zone} = $node->background_psql('postgres');
	$session{$zone}->query(
		"SET timezone = '$zone'; SET plan_cache_mode = force_generic_plan;
		PREPARE overdue AS TABLE overdue");
}

# The clock in UTC, then for each zone how many days that were due are over, and
# for the instants how many are past: due instants are midnights of UTC.
my @moments = (
	# at                    Berlin NewYork Kiritimati UTC, instants
	[ '2024-02-28 23:59:59', 1, 0, 1, 0, 1 ],    # Berlin has the 29th by then
	[ '2024-02-29 00:00:00', 1, 0, 1, 1, 1 ],    # an instant is over only after it
	[ '2024-02-29 00:00:01', 1, 0, 1, 1, 2 ],
	[ '2024-02-29 04:59:59', 1, 0, 1, 1, 2 ],
	[ '2024-02-29 05:00:00', 1, 1, 1, 1, 2 ],    # New York's midnight
	[ '2024-02-29 09:59:59', 1, 1, 1, 1, 2 ],
	[ '2024-02-29 10:00:00', 1, 1, 2, 1, 2 ],    # Kiritimati has March
	[ '2024-02-29 23:00:00', 2, 1, 2, 1, 2 ],    # and Berlin
	[ '2024-03-01 00:00:00', 2, 1, 2, 2, 2 ],
	[ '2024-03-30 22:59:59', 2, 2, 3, 2, 3 ],    # Berlin's clocks will be put forward on the 31st
	[ '2024-03-30 23:00:00', 3, 2, 3, 2, 3 ],
	[ '2024-03-31 21:59:59', 3, 3, 4, 3, 4 ],    # which is an hour short
	[ '2024-03-31 22:00:00', 4, 3, 4, 3, 4 ],
	[ '2024-04-01 03:59:59', 4, 3, 4, 4, 4 ],    # New York's were earlier
	[ '2024-04-01 04:00:00', 4, 4, 4, 4, 4 ],
	[ '2024-10-26 21:59:59', 4, 4, 5, 4, 5 ],    # and back on October 27th
	[ '2024-10-26 22:00:00', 5, 4, 5, 4, 5 ],
	[ '2024-10-27 22:59:59', 5, 5, 6, 5, 6 ],    # which has 25 hours
	[ '2024-10-27 23:00:00', 6, 5, 6, 5, 6 ],
	[ '2024-12-31 22:59:59', 6, 6, 7, 6, 7 ],
	[ '2024-12-31 23:00:00', 7, 6, 7, 6, 7 ],
	[ '2025-01-01 00:00:00', 7, 6, 7, 7, 7 ],    # a year
	[ '2025-02-28 22:59:59', 7, 7, 8, 7, 8 ],    # and a February of 28 days
	[ '2025-02-28 23:00:00', 8, 7, 8, 7, 8 ],
	[ '2025-03-01 00:00:00', 8, 7, 8, 8, 8 ],
	# and back: a clock that was wrong
	[ '2024-02-28 00:00:00', 0, 0, 0, 0, 0 ]);
for my $moment (@moments)
{
	my ($utc, @overdue) = @$moment;
	my $instants = pop @overdue;
	set_clock($utc);
	my %expected;
	@expected{ 'Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati', 'UTC' } =
	  map { "$_|$instants|$_|$_" } @overdue;
	my %found = map { $_ => $session{$_}->query_safe('EXECUTE overdue') } keys %session;
	is_deeply(\%found, \%expected, "$utc UTC") or diag explain \%found;
}

# A transaction's now() stands, whatever the clock does meanwhile.
set_clock('2024-02-28 23:59:59');
my $first = $session{UTC}->query_safe('BEGIN; TABLE overdue');
set_clock('2025-03-01 00:00:00');
is($session{UTC}->query_safe('TABLE overdue; COMMIT'), $first, 'a transaction keeps its time');
isnt($session{UTC}->query_safe('TABLE overdue'), $first, '... and the next one has the new');

# An open period of a VCU balance runs to now.
$session{UTC}->query_safe(q{INSERT INTO days.vcu_order
	VALUES ('o', 'c', 'brl', 'issued', 20, false, '2024-12-31 23:30Z')});
for my $at ([ '2024-12-31 23:29:59', '' ], [ '2024-12-31 23:30:00', '20' ],
	[ '2025-01-01 00:00:00', '20' ])
{
	set_clock($at->[0]);
	is($session{UTC}->query_safe(q{SELECT e -> 'vcuBalance' -> 'futureDebt'
		FROM jsonb_array_elements(balance.vcu_balance('c', ledger => 'days') ->
		'balancesByCurrency') AS e}) =~ s/^0$//r,
		$at->[1], "vcu_balance at $at->[0]");
}

$_->quit for values %session;
$node->stop;
done_testing();
