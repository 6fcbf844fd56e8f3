# What a distributed engine does to an aggregate, without one: transitions are run
# in other sessions, with other settings, as other users, in another encoding,
# without a collation and without anything kept between rows; states travel as
# text and are combined in any order, empty ones among them.  The answer must be
# that of the plain aggregate.  worker.c takes the aggregates apart.
use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $library = PostgreSQL::Test::Utils::tempdir . '/worker.so';
my ($cc, $cflags, $include) = map { `pg_config $_` =~ s/\n//r } '--cc', '--cflags',
	'--includedir-server';
is(system("$cc $cflags -fPIC -shared -I'$include' -o '$library' '$FindBin::RealBin/worker.c' >&2"),
	0, 'worker.c is compiled');

my $node = PostgreSQL::Test::Cluster->new('worker');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "max_parallel_workers_per_gather = 0\njit = off\n");
$node->start;

my $functions = <<"SQL";
CREATE EXTENSION balance;
CREATE FUNCTION worker_step(internal, regprocedure, record)
RETURNS internal AS '$library' LANGUAGE C;
CREATE FUNCTION worker_end(internal) RETURNS text AS '$library' LANGUAGE C;
CREATE AGGREGATE worker(regprocedure, record) (SFUNC = worker_step, STYPE = internal,
	FINALFUNC = worker_end);
CREATE FUNCTION coordinator_step(internal, regprocedure, text)
RETURNS internal AS '$library' LANGUAGE C;
CREATE FUNCTION coordinator_end(internal) RETURNS text AS '$library' LANGUAGE C;
CREATE AGGREGATE coordinator(regprocedure, text) (SFUNC = coordinator_step, STYPE = internal,
	FINALFUNC = coordinator_end);
CREATE TABLE book (part int, customer_id text, currency text, status text, payment text,
	price_type text, word text, amount numeric, remaining numeric,
 day date, instant timestamptz, minor bigint, yes boolean, p balance.position);
SQL

# Wide and narrow amounts, unknown ones, all classes, statuses that are not ASCII.
my $rows = <<'SQL';
INSERT INTO book SELECT i * 7919 % 5, 'c' || i % 11,
	(ARRAY['usd', 'EUR', 'jpy', 'kwd', 'brl'])[1 + i % 5],
	(ARRAY['open', 'Finalized', 'paid', 'draft', 'void', 'written-off'])[1 + i / 5 % 6],
 (ARRAY[NULL, 'failed', 'succeeded', 'partially_paid'])[1 + i / 7 % 4],
   (ARRAY['usage', NULL, 'seat'])[1 + i % 3],
   (ARRAY['payé', 'À part', 'ı', 'held', ''])[1 + i / 3 % 5],
 CASE WHEN i % 97 = 0 THEN 10::numeric ^ 40 ELSE (i * 7919 % 100003) / 100.0 END,
   CASE WHEN i % 89 <> 0 THEN i / 7.0 END,
 date '2024-02-25' + i % 40, timestamptz '2024-03-30 22:00Z' + i % 50 * interval '1 hour',
   i - 500, i % 2 = 0,
 balance.tally_deposits('usd', 'w' || i % 13, i) FROM generate_series(1, 1500) AS i GROUP BY i
SQL
$node->safe_psql('postgres', $functions . $rows);

my %tallies = (
	'tally_invoices(text,text,text,numeric,numeric,numeric,date)' =>
	  'currency, status, payment, amount, amount, remaining, day',
	'tally_invoices(text,text,text,numeric,numeric,numeric,timestamptz)' =>
	  'currency, status, payment, amount, amount, remaining, instant',
	'tally_invoices(text,text,text,numeric)' => 'currency, status, payment, amount',
	'tally_charges(text,text,numeric)' => 'currency, price_type, amount',
	'tally_deposits(text,text,numeric)' => 'currency, word, remaining',
	'tally_invoices_minor(text,text,text,bigint,bigint,bigint,date)' =>
	  'currency, status, payment, minor, minor * 1000003, minor / 3, day',
	'tally_invoices_minor(text,text,text,bigint,bigint,bigint,timestamptz)' =>
	  'currency, status, payment, minor, minor * 1000003, minor / 3, instant',
	'tally_invoices_minor(text,text,text,bigint)' => 'currency, status, payment, minor',
	'tally_charges_minor(text,text,bigint)' => 'currency, price_type, minor * 9000000000000000',
	'tally_deposits_minor(text,text,bigint)' => 'currency, word, minor',
	'tally_unit_invoices(text,text,numeric)' => q{currency, CASE WHEN yes THEN 'Paid'
		ELSE 'pending' END, amount},
	'tally_unit_orders(text,text,boolean,numeric)' => q{currency,
		CASE WHEN minor % 3 = 0 THEN 'Issued' ELSE 'billed' END, yes, remaining},
	'tally_credit_memos(text,text,bigint,bigint)' => q{currency,
		CASE WHEN yes THEN 'issued' ELSE 'Partially Applied' END, minor, minor / 2},
	'merge(balance.position)' => 'p');

# All public aggregates are taken apart here.
is($node->safe_psql('postgres',
	q{SELECT string_agg(p.oid::regprocedure::text, ' ' ORDER BY 1) FROM pg_proc AS p
	JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'balance' WHERE p.prokind =
	  'a' AND p.oid <> ALL (ARRAY[} . join(', ', map { "'balance.$_'::regprocedure" } keys %tallies)
		. '])'), '', 'no aggregate was forgotten');

# The settings of a worker, and who it is.
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE stranger;
GRANT SELECT ON book TO stranger;
CREATE SCHEMA evil;
CREATE FUNCTION evil.equal(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.equal);
GRANT USAGE ON SCHEMA evil TO stranger;
SQL
my %settings = (
	'as they are' => '',
	'others' => q{SET TimeZone = 'Pacific/Kiritimati'; SET DateStyle = 'German';
		SET IntervalStyle = 'iso_8601'; SET extra_float_digits = -15; SET bytea_output = 'escape';
		SET balance.ledger = 'nowhere'; SET search_path = evil, pg_catalog, public},
	'those of postgres_fdw' => q{SET search_path = pg_catalog, public; SET timezone = 'GMT';
		SET datestyle = ISO; SET intervalstyle = postgres; SET extra_float_digits = 3},
	'a stranger\'s' => q{SET work_mem = '64kB'; SET TimeZone = 'America/Havana'; SET ROLE stranger},
	'read only' => q{SET default_transaction_read_only = on; SET lc_messages = 'C';
		SET standard_conforming_strings = off; SET backslash_quote = off});

# Partial states by part, and one of no rows, from a session of its own.
sub partials
{
	my ($aggregate, $settings, $group) = @_;
	my $select = "SELECT part, $group AS key,
		public.worker('balance.$aggregate'::regprocedure, ROW($tallies{$aggregate}))
		FROM public.book";
	my $out = $node->safe_psql('postgres',
		"$settings;\n\\pset null NULL\n$select GROUP BY 1, 2 ORDER BY 1, 2;
		SELECT 99, 'none',
		public.worker('balance.$aggregate'::regprocedure, ROW($tallies{$aggregate}))
		FROM public.book WHERE false");
	my @rows = map { [ split /\|/, $_, 3 ] } split /\n/, $out;
	# a text of several lines would have been split
	die $out if grep { @$_ != 3 } @rows;
	return @rows;
}

my $same = 0;
for my $aggregate (sort keys %tallies)
{
	my ($name) = $aggregate =~ /^(\w+)/;
	for my $group (q{'all'}, 'customer_id')
	{
		my $expected = $node->safe_psql('postgres',
			"SELECT $group, balance.$name($tallies{$aggregate}) FROM book GROUP BY 1 ORDER BY 1");
		my %states;
		for my $setting (sort keys %settings)
		{
			my @rows = partials($aggregate, $settings{$setting}, $group);
			$states{$setting} = join "\n", map { join '|', @$_ } @rows;

			# in any order, in a session that has settings of its own
			for my $order ('n', 'n DESC', 'n * 7919 % 101')
			{
				my $values = join ', ', map { my ($n, $row) = ($_, $rows[$_]);
					sprintf "(%d, '%s', %s)", $n, $row->[1],
					$row->[2] eq 'NULL' ? 'NULL'
					: q{'} . $row->[2] =~ s/'/''/gr . q{'} } 0 .. $#rows;
				my $found = $node->safe_psql('postgres', <<"SQL");
SET TimeZone = 'Asia/Kathmandu'; SET DateStyle = 'SQL, DMY'; SET search_path = pg_catalog;
SET extra_float_digits = -15;
WITH states AS (SELECT * FROM (VALUES $values) AS v(n, key, state)),
	keys AS (SELECT DISTINCT key FROM states WHERE key <> 'none')
SELECT keys.key, public.coordinator('balance.$aggregate'::regprocedure, state ORDER BY $order)
FROM keys JOIN states ON states.key IN (keys.key, 'none') GROUP BY 1 ORDER BY 1;
SQL
				is($found, $expected, "$aggregate by $group, settings $setting, order $order");
			}
		}
		is((join ' ', grep { $states{$_} ne $states{'as they are'} } sort keys %states), '',
			"$aggregate by $group: states are the same under any settings");
		unlike($states{'as they are'}, qr/99\|none\|[^N]/, '... and of no rows there is none');
	}
}

# Two columns of different collations leave an expression without one, and even
# there the plain aggregates work; the control shows that there is none.
$node->safe_psql('postgres',
	'CREATE TABLE collated AS SELECT part, customer_id, currency COLLATE "C" AS currency,
	status COLLATE "POSIX" AS status, payment COLLATE "C" AS payment,
	price_type COLLATE "POSIX" AS price_type, word COLLATE "POSIX" AS word, amount, remaining, day,
	instant, minor, yes, p FROM book');
like(($node->psql('postgres', 'SELECT currency < status FROM collated'))[2],
	qr/could not determine which collation/, 'there is no collation');
for my $aggregate (sort keys %tallies)
{
	my ($name) = $aggregate =~ /^(\w+)/;
	is($node->safe_psql('postgres',
		"SELECT balance.$name($tallies{$aggregate}) OPERATOR(balance.=)
		(SELECT balance.$name($tallies{$aggregate}) FROM book) FROM collated"), 't',
		"$aggregate without a collation");
}
is($node->safe_psql('postgres',
	q{SELECT string_agg(DISTINCT balance.invoice_class(status, payment) COLLATE "C", ' ')
	FROM collated}),
	$node->safe_psql('postgres',
		'SELECT string_agg(DISTINCT balance.invoice_class(status, payment), $$ $$) FROM book'),
		'invoice_class() without a collation');

# A worker in another encoding: the text travels in the client's.
$node->safe_psql('postgres',
	q{CREATE DATABASE latin5 TEMPLATE template0 LOCALE 'C' ENCODING 'LATIN5'});
$node->safe_psql('latin5', "SET client_encoding = 'UTF8';\n$functions $rows");
my $function = 'tally_deposits(text,text,numeric)';
my $deposits = "worker('balance.$function', ROW($tallies{$function}))";
my $state = $node->safe_psql('latin5', "SET client_encoding = 'UTF8'; SELECT $deposits FROM book");
like($state, qr/payé/, 'a state in another encoding');
is($node->safe_psql('postgres', "SET client_encoding = 'UTF8';
	SELECT coordinator('balance.tally_deposits(text,text,numeric)',
	'" . $state =~ s/'/''/gr . "')"),
	$node->safe_psql('postgres',
		'SELECT balance.tally_deposits(currency, word, remaining) FROM book'),
		'... is combined in this one');

# A stranger may call every support function; what PUBLIC may not is refused.
$node->safe_psql('postgres',
	'REVOKE EXECUTE ON FUNCTION balance.tally_charges_add(balance.position, text, text, numeric)
	FROM PUBLIC');
like(($node->psql('postgres', "SET ROLE stranger;
	SELECT worker('balance.tally_charges(text,text,numeric)', ROW(currency, price_type, amount))
	FROM book"))[2], qr/permission denied for function tally_charges_add/,
	'the control: rights are checked');

$node->stop;
done_testing();
