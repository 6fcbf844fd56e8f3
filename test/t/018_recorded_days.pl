# What the books said at the end of each day, under random statements of several
# sessions: days pass by being moved back, and later it must be known what they were.
# BALANCE_SEED repeats the statements, BALANCE_SECONDS is for how long they are made.
use strict;
use warnings;

use Maintained;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{BALANCE_SEED} || int(time);
my $seconds = $ENV{BALANCE_SECONDS} || 12;
note "BALANCE_SEED=$seed";

my $node = PostgreSQL::Test::Cluster->new('recorded');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "fsync = off\n");
make_ledgers($node);
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE books (day int, ledger regnamespace, customer_id text, bad bigint,
	position balance.position);
CREATE PROCEDURE guard(state text) LANGUAGE plpgsql AS $$
DECLARE kept regclass;
BEGIN
	FOR kept IN SELECT oid FROM pg_class
		WHERE relname IN ('balance_store', 'balance_history', 'balance_maintained') LOOP
		EXECUTE format('ALTER TABLE %s %s TRIGGER balance_guard', kept, state);
	END LOOP;
END $$;
-- the books are those of relations whose stores count: else nobody knows them
CREATE PROCEDURE end_day(today int) LANGUAGE plpgsql AS $$
DECLARE ledger text;
BEGIN
	INSERT INTO books SELECT today, f.ledger::regnamespace, f.customer_id, sum(f.bad),
		balance.merge(f.position) FROM found f
	WHERE f.customer_id IS NOT NULL AND NOT EXISTS (
		SELECT FROM counting c WHERE c.ledger = f.ledger AND NOT c.counts) GROUP BY 2, 3;
	CALL guard('DISABLE');
	FOREACH ledger IN ARRAY '{t,p,v}'::text[] LOOP
		EXECUTE format('UPDATE %I.balance_store SET day = day - 1', ledger);
		EXECUTE format('UPDATE %I.balance_history SET day = day - 1', ledger);
		EXECUTE format('UPDATE %I.balance_maintained SET built = built - 1, unrecorded =
			(SELECT range_agg(daterange(lower(r) - 1, upper(r) - 1)) FROM unnest(unrecorded) r)',
			ledger);
	END LOOP;
	CALL guard('ENABLE ALWAYS');
END $$;
CREATE FUNCTION recorded(id text, day date, ledger regnamespace) RETURNS text LANGUAGE plpgsql
AS $$ BEGIN RETURN balance.position_recorded(id, day, ledger);
	EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
CREATE VIEW compared AS
SELECT ledger, customer_id, day, CASE WHEN bad <> 0 THEN '22023' ELSE position::text END AS books,
	recorded(customer_id, (now() AT TIME ZONE 'UTC')::date - today + day, ledger)
FROM books, (SELECT max(day) + 1 FROM books) d(today);
-- of a customer who has gone, and had nothing, there is nothing to tell; and of some days
-- it is not known whether the store has counted
CREATE VIEW forgotten AS
SELECT * FROM compared
WHERE books <> recorded AND recorded <> '55000' AND (books <> '1{}' OR recorded <> 'P0002');
SQL

my $end = time + $seconds;
my $day = 0;
srand $seed;
while (time < $end || $day < 3)
{
	finish($_) for map { start($node, $_) } map { writer(40) } 1 .. 4;
	is(join("\n", settle($node)), '', "the store is right on day $day");
	$node->safe_psql('postgres', "CALL end_day($day)");
	$day++;
}

my $forgotten = 'SELECT * FROM forgotten';
my $known = "SELECT count(*) > 0 FROM compared WHERE recorded <> '55000' AND day < $day - 1";

is($node->safe_psql('postgres', $forgotten), '', "what is recorded of $day days is right");
$node->safe_psql('postgres', "SELECT balance.fold('$_')") for qw(t p v);
is($node->safe_psql('postgres', $forgotten), '', 'also when all is folded');
is($node->safe_psql('postgres', $known), 't', 'and something is');
$node->safe_psql('postgres',
	"SELECT balance.prune_history((now() AT TIME ZONE 'UTC')::date - 1, '$_')") for qw(t p v);
is($node->safe_psql('postgres', $forgotten), '', 'and when days were given up');
done_testing();
