# What CONTRIBUTING.md says it takes to add a cell, a tally and a figure: here they
# are payments by method, which are keyed by a text as deposits are, out of the
# ledger's deposits.  The extension is built with a few lines more in its tables;
# whatever goes by the name of a cell or figure instead of by its kind leaves the
# second one out, or takes it for the first.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($sharedir, $pkglibdir, $include) = map { `pg_config $_` =~ s/\n//r } '--sharedir',
  '--pkglibdir', '--includedir-server';
my $bindir = `pg_config --bindir` =~ s/\n//r;
my ($place) = map { /^(extension_control_path|extension_destdir)\t/ }
  sort `$bindir/postgres --describe-config`;
plan skip_all => 'the server takes no extension from elsewhere' unless $place;
plan skip_all => "there is no $include/postgres.h" unless -e "$include/postgres.h";

my $folder = PostgreSQL::Test::Utils::tempdir;
my $dest = "$folder/dest";
system("tar -cf - Makefile balance.control src update 2>/dev/null | tar -C '$folder' -xf -");

# Puts text behind the first match in a file, or in its place.
sub plant
{
	my ($file, $match, $text, $instead) = @_;
	my $source = slurp_file("$folder/$file");
	$source =~ s/($match)/($instead ? '' : $1) . $text/e or die "nothing like $match in $file";
	unlink "$folder/$file";
	append_to_file("$folder/$file", $source);
}

plant('src/position/cells.def', qr/PACKED\(2, \d+\)/, 'PACKED(3, sizeof(CellsOfThisVersion))', 1);
plant('src/position/cells.def', qr/\nEND\(MEMOS\)\n/, <<'DEF');
KEYED(PAYMENTS, "payments", true)
MEASURE(MEASURE_PAYMENT, "amount", 3)
CELL(PAYMENTS, CELL_PAYMENT, 19, "payment", KEY_TEXT, false)
TALLY(tally_payments, CELL_PAYMENT, "payment method")
END(PAYMENTS)
DEF
plant('src/position/tally.sql', qr/(?=-- AGGREGATE\(tally_deposits;)/, <<'SQL');
-- AGGREGATE(tally_payments; tally_payments; 2; 512; text, text, numeric;
--	currency text, method text, amount numeric)
'Position of payments.';

SQL
plant('src/ledger/columns.def', qr/(?=TALLY\(deposits, )/, <<'DEF');
TALLY(payments, "payments", deposit, "p",
	  "balance.tally_payments({currency}, {status}, {amount})")
DEF
my $figures = 'src/document/figures.def';
plant($figures, qr/(?=AMOUNT\(DEPOSITS, )/, <<'DEF');
AMOUNT(PAYMENTS, MEASURE_PAYMENT, "amount", "payment amount")
DEF
plant($figures, qr/GROUP_BIT\(INVOICES\) \| GROUP_BIT\(DEPOSITS\)/, ' | GROUP_BIT(PAYMENTS)');
plant($figures, qr/(?=SOURCE\(CUSTOMER_BALANCE, DEPOSITS, )/, <<'DEF');
SOURCE(CUSTOMER_BALANCE, PAYMENTS, payments)
DEF
plant($figures, qr/(?=FIELD\(CUSTOMER_BALANCE, DEPOSITS, )/, <<'DEF');
FIELD(CUSTOMER_BALANCE, PAYMENTS, "payments.", CELL_BIT(CELL_PAYMENT), MEASURE_PAYMENT, NO_MEASURE)
DEF
is(system("make -s -C '$folder' with_llvm=no CFLAGS=-O0 install DESTDIR='$dest' >&2"), 0,
	'it is built');

my $node = PostgreSQL::Test::Cluster->new('one_more');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
my $path = $place eq 'extension_destdir' ? $dest : "$dest$sharedir:\$system";
$node->append_conf('postgresql.conf', <<"CONF");
jit = off
$place = '$path'
dynamic_library_path = '$dest$pkglibdir:\$libdir'
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION balance;
SELECT balance.create_ledger('billing');
ALTER DATABASE postgres SET balance.ledger = 'billing';
INSERT INTO billing.customer VALUES ('c', 'wb');
INSERT INTO billing.deposit VALUES ('d1', 'c', 'eur', 'card', 7), ('d2', 'c', 'eur', 'card', 0.5),
	('d3', 'c', 'eur', 'é', 2);
SQL

sub answers
{
	my ($sql, $expected, $name) = @_;
	is($node->safe_psql('postgres', $sql), $expected, $name);
}

my $position = '1{EUR 4 deposit("card" 2 7.5) deposit("é" 1 2) payment("card" 1 7?1)}';
answers(qq{SELECT '$position'::balance.position}, $position, 'a position is written as it is read');
answers(qq{SELECT '$position'::balance.position::jsonb -> 'EUR' -> 'payments'},
	'{"card": {"count": 1, "amount": 7, "unknown_amount": 1}}', 'it is in the jsonb');
$node->safe_psql('postgres', q{CREATE DATABASE latin1 TEMPLATE template0 LOCALE 'C'
	ENCODING 'LATIN1'});
is($node->safe_psql('latin1', <<'SQL'), 't', 'its key is sent in UTF-8');
CREATE EXTENSION balance;
SET client_encoding = 'UTF8';
SELECT encode(balance.position_send('1{EUR 1 payment("é" 1 5)}'), 'hex') LIKE '%02c3a9%';
SQL
answers(<<"SQL", "$position|0", 'it goes through binary, sums and differences');
CREATE TABLE sent (p balance.position);
INSERT INTO sent VALUES ('$position');
COPY sent TO '$folder/sent' (FORMAT binary);
COPY sent FROM '$folder/sent' (FORMAT binary);
SELECT balance.merge(p) OPERATOR(balance.-) '$position', count(*) - 2 FROM sent;
SQL
answers(q{SELECT balance.tally_payments('eur', s, a)
	FROM (VALUES ('card', 7), ('card', 0.5), ('é', 2)) v(s, a)},
	'1{EUR 3 payment("card" 2 7.5) payment("é" 1 2)}', 'rows are tallied');
my (undef, undef, $error) =
  $node->psql('postgres', q{SELECT balance.tally_payments('eur', NULL, 1)});
like($error, qr/payment method must not be null/, 'an error names its key');

my $document = q{SELECT document -> 0 -> 'payments' FROM balance.customer_balance('c') document};
my $payments = '{"é": {"count": 1, "total": "2.00"}, "card": {"count": 2, "total": "7.50"}}';
answers($document, $payments, 'it is in the document');
answers(q{SELECT document -> 0 -> 'payments' = document -> 0 -> 'deposits'
	FROM balance.customer_balance('c') document}, 't', '... and equals what it is made of');
answers(q{SELECT document -> 0 -> 'payments' FROM balance.customer_balances()}, $payments,
	'it is in the book');
answers(q{SELECT kind, state, count, total FROM billing.report_customer_balance
	WHERE kind <> 'invoices' ORDER BY kind, state COLLATE "C"}, <<'ROWS' =~ s/\n$//r,
deposits|card|2|7.50
deposits|é|1|2.00
payments|card|2|7.50
payments|é|1|2.00
ROWS
	'it is in the report');
answers(q{SELECT metric, value FROM billing.report_metrics WHERE metric LIKE 'payments.%'
	ORDER BY metric COLLATE "C"}, <<'ROWS' =~ s/\n$//r,
payments.card.count|2
payments.card.total|7.50
payments.é.count|1
payments.é.total|2.00
ROWS
	'it is among the metrics');
for my $field ('payments.card', 'payments.card.count', 'payments.card.total', 'deposits.card')
{
	answers(qq{SELECT id, class, amount FROM balance.items('c', '$field', 'eur') ORDER BY 1},
		"d1|card|7\nd2|card|0.5", "items() has $field");
}
(undef, undef, $error) = $node->psql('postgres', q{SELECT balance.items('c', 'payments', 'eur')});
like($error, qr/payments\.<status>, deposits\.<status>/, 'and tells of it where there is no such');

# a position of the version before knows of none
answers(q{SELECT balance.to_customer_balance('1{EUR 1 deposit("card" 1 7)}', 'wb', 'c') -> 0
	->> 'payments'}, '{}', 'a document without any has none');

$node->stop;
done_testing();
