# A transaction's rows are seen as soon as it is no longer running, and a moment
# later others are told what it changed of the catalogue.  A library stops it
# between the two: a reader who has not heard that triggers did not fire must not
# take the store for right.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($cc, $cflags, $include) = map { `pg_config $_` =~ s/\n//r } '--cc', '--cflags',
	'--includedir-server';
plan skip_all => "there is no $include/postgres.h" unless -e "$include/postgres.h";

my $folder = PostgreSQL::Test::Utils::tempdir;
append_to_file("$folder/stop.c", <<'C');
#include "postgres.h"
#include <unistd.h>
#include "access/xact.h"
#include "fmgr.h"
#include "utils/builtins.h"

PG_MODULE_MAGIC;

static char seen[MAXPGPATH];
static char go_on[MAXPGPATH];

/* This is called when the transaction is out of the list of those that run. */
static void
stop(XactEvent event, void *argument)
{
	if (event != XACT_EVENT_COMMIT || seen[0] == '\0')
		return;
	fclose(fopen(seen, "w"));
	seen[0] = '\0';
	for (int i = 0; i < 6000 && access(go_on, F_OK) != 0; i++)
		pg_usleep(10000L);
}

PG_FUNCTION_INFO_V1(stop_when_seen);
Datum
stop_when_seen(PG_FUNCTION_ARGS)
{
	strlcpy(seen, text_to_cstring(PG_GETARG_TEXT_PP(0)), sizeof(seen));
	strlcpy(go_on, text_to_cstring(PG_GETARG_TEXT_PP(1)), sizeof(go_on));
	RegisterXactCallback(stop, NULL);
	PG_RETURN_VOID();
}
C
is(system("$cc $cflags -fPIC -shared -I'$include' -o '$folder/stop.so' '$folder/stop.c' >&2"), 0,
	'the library is compiled');

my $node = PostgreSQL::Test::Cluster->new('early');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\n");
$node->start;
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION balance;
CREATE FUNCTION stop_when_seen(text, text) RETURNS void AS '$folder/stop.so' LANGUAGE C;
CREATE SCHEMA early;
CREATE TABLE early.customer (customer_id int PRIMARY KEY);
INSERT INTO early.customer VALUES (1);
CREATE TABLE early.deposit (deposit_id serial, customer_id int, currency text, status text,
	amount numeric) PARTITION BY RANGE (deposit_id);
CREATE TABLE early.low PARTITION OF early.deposit FOR VALUES FROM (1) TO (100);
CREATE TABLE early.high (LIKE early.deposit);
INSERT INTO early.high VALUES (100, 1, 'usd', 'ok', 1000);
INSERT INTO early.deposit (customer_id, currency, status, amount) VALUES (1, 'usd', 'ok', 1);
CREATE FUNCTION early.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION early.ask(OUT counts boolean, OUT document numeric, OUT book numeric,
	OUT rows numeric) LANGUAGE sql STABLE AS \$\$
	SELECT balance.store_counts('early', 'deposit'),
		(balance.customer_balance('1', 'early') #>> '{0,deposits,ok,total}')::numeric,
		(SELECT (document #>> '{0,deposits,ok,total}')::numeric
			FROM balance.customer_balances(ledger => 'early')),
		(SELECT sum(amount) FROM early.deposit)
\$\$;
SQL

my $number = 0;
my $insert = "INSERT INTO early.deposit (customer_id, currency, status, amount)"
	. " VALUES (1, 'usd', 'ok', 4)";

# The reader is warm when the writer begins, and asks when he is seen.
sub is_right_early
{
	my ($title, @commands) = @_;
	my ($warm, $seen, $go_on) = map { "$folder/$_" . $number } qw(warm seen go_on);
	my $ask = 'SELECT * FROM early.ask();';
	my $psql = "psql -XAtq -v ON_ERROR_STOP=1 -d '" . $node->connstr('postgres') . "' -f $folder";
	my $wait = "\\! while [ ! -e %s ]; do sleep 0.02; done";

	$node->safe_psql('postgres', "SELECT balance.repair('early')") if $number++;
	append_to_file("$folder/reader$number", join("\n", $ask, "\\! touch $warm",
		sprintf($wait, $seen), $ask, "\\! touch $go_on"));
	append_to_file("$folder/writer$number", join("\n", sprintf($wait, $warm), 'BEGIN;',
		map({ "$_;" } @commands), "SELECT stop_when_seen('$seen', '$go_on');", 'COMMIT;'));
	my $said = `$psql/writer$number >/dev/null 2>$folder/error$number &
		$psql/reader$number 2>&1; wait`;
	my $error = slurp_file("$folder/error$number");
	is($error, '', "$title: no error");
	my ($before, $while) = split /\n/, $said;
	my $sum = qr/(\d+)\.00\|\1\.00\|\1$/;
	like($before, qr/^t\|$sum/, "$title: the store counts before");
	like($while, qr/^f\|$sum/, "$title: and the rows when the writer is seen");
	isnt($while =~ s/^f//r, $before =~ s/^t//r, "$title: which have changed")
		unless $title =~ /^a partition/;
}

$node->safe_psql('postgres', "SELECT balance.maintain('early')");
is_right_early('a trigger disabled', 'ALTER TABLE early.low DISABLE TRIGGER "!balance_insert"',
	'ALTER TABLE early.deposit DISABLE TRIGGER "!balance_insert"', $insert);
is_right_early('a trigger disabled for a while',
	'ALTER TABLE early.deposit DISABLE TRIGGER "!balance_insert"', $insert,
	'ALTER TABLE early.deposit ENABLE TRIGGER "!balance_insert"');
is_right_early('a trigger replaced',
	'CREATE OR REPLACE TRIGGER "!balance_insert" AFTER INSERT ON early.deposit'
		. ' EXECUTE FUNCTION early.nothing()', $insert);
is_right_early('a partition attached',
	'ALTER TABLE early.deposit ATTACH PARTITION early.high FOR VALUES FROM (100) TO (1000)',
	"INSERT INTO early.deposit VALUES (101, 1, 'usd', 'ok', 16)");
done_testing();
