# DROP EXTENSION, with CASCADE where views depend on it, leaves every table of a
# ledger whole; a library that is older or newer than its SQL script refuses
# politely or does no harm; so does one that is not there at all.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('extension');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->start;
my $tempdir = PostgreSQL::Test::Utils::tempdir;
my @relations = qw(customer invoice invoice_line_item deposit vcu_invoice vcu_order credit_memo
	credit_memo_application payment exchange_rate);

# The SQLSTATEs that a script raises, and what it prints, in one session.
sub run
{
	my ($database, $sql) = @_;
	my (undef, $out, $err) = $node->psql($database, "\\set VERBOSITY sqlstate\n$sql",
		on_error_stop => 0);
	return (join(' ', $err =~ /(?:ERROR|FATAL):  (\w+)/g), $out);
}

# ---- DROP EXTENSION

$node->safe_psql('postgres', 'CREATE DATABASE dropped');
$node->safe_psql('dropped', <<'SQL');
CREATE EXTENSION balance;
SELECT balance.create_ledger('billing');
INSERT INTO billing.customer VALUES ('c', 'Wb', 'b');
INSERT INTO billing.invoice
VALUES ('i', 'c', 'usd', 'open', NULL, 'n', 12.5, 12.5, 2.5, '2026-01-31', '2026-01-01 00:00Z');
INSERT INTO billing.invoice_line_item (invoice_id, price_type, amount) VALUES ('i', 'usage', 12.5);
INSERT INTO billing.deposit VALUES ('d', 'c', 'eur', 'held', 7);
INSERT INTO billing.vcu_order VALUES ('o', 'c', 'brl', 'issued', 20, false, '2026-01-01 00:00Z');
INSERT INTO billing.vcu_invoice
VALUES ('v', 'c', 'brl', 'paid', 85, '2026-01-01 00:00Z', '2026-01-02 00:00Z');
INSERT INTO billing.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, created_at, updated_at, reason)
 VALUES ('m', 'b', 'c', 'issued', 'usd', 100, 40, '2026-01-10', '2026-01-10 00:00Z',
   '2026-01-11 00:00Z', 'refund');
INSERT INTO billing.credit_memo_application VALUES ('a', 'm', 'i', 40, '2026-01-11 00:00Z', NULL);
-- what depends on the extension: views, one over another, and a function whose body is parsed
CREATE VIEW billing.owed AS SELECT customer_id,
	balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_date) AS p FROM billing.invoice GROUP BY 1;
CREATE VIEW billing.shown AS SELECT balance.to_customer_balance(p, 'w', customer_id) AS document
FROM billing.owed;
CREATE MATERIALIZED VIEW billing.stored AS TABLE billing.owed;
CREATE FUNCTION billing.asked() RETURNS jsonb
LANGUAGE sql STABLE RETURN balance.customer_balance('c');
-- and what does not: text that is only read when it runs
CREATE FUNCTION billing.late() RETURNS jsonb
LANGUAGE sql AS $$ SELECT balance.customer_balance('c') $$;
SQL
# The tables with all that belongs to them, and their rows.  What depends on a table decides,
# too, in which order they come, and does not matter here.
sub tables
{
	$node->command_ok([ 'pg_dump', '-f', "$tempdir/tables.sql",
		(map { ('-t', "billing.$_") } @relations), 'dropped' ], 'pg_dump of the tables');
	my $dump = slurp_file("$tempdir/tables.sql") =~ s/^\\(un)?restrict .*\n//gmr;
	return join '', sort split /^(?=--\n-- \w)/m, $dump;
}
my $tables = tables();
like($tables, qr/COPY billing\.$_ /, "there is $_") for @relations;
my $document = $node->safe_psql('dropped', q{SELECT balance.customer_balance('c')});

my ($status, undef, $err) = $node->psql('dropped', 'DROP EXTENSION balance');
is($status, 3, 'DROP EXTENSION fails where views depend on it');
like($err, qr/view billing\.owed depends on/, '... and names them');
($status, undef, $err) = $node->psql('dropped', 'DROP EXTENSION balance CASCADE');
is($status, 0, 'DROP EXTENSION ... CASCADE');
unlike($err, qr/drop cascades to (table|schema|constraint|index)/,
	'... drops no table, schema, constraint or index');
is(tables(), $tables, '... every table is whole');
is($node->safe_psql('dropped',
	q{SELECT count(*) FROM pg_class WHERE relnamespace = 'billing'::regnamespace
	AND relname IN ('owed', 'shown', 'stored')}), 0, '... the views are gone');
is((run('dropped', 'SELECT billing.late()'))[0], '3F000', '... and who asks gets an error');
is($node->safe_psql('dropped', q{CREATE EXTENSION balance; SELECT balance.customer_balance('c')}),
	$document, 'installed again, it gives the same document');
is($node->safe_psql('dropped', 'SELECT billing.late()'), $document,
	'... also from what was there before');

# A session that has used it meets its end and its return.
my ($states, $out) = run('dropped', <<'SQL');
SELECT balance.customer_balance('c') IS NOT NULL;
PREPARE one AS SELECT balance.customer_balance('c');
DROP EXTENSION balance CASCADE;
EXECUTE one;
SHOW balance.ledger;
CREATE EXTENSION balance;
EXECUTE one;
SELECT (SELECT count(*) FROM balance.verify()), balance.tally_deposits('usd', 'held', 1);
SQL
is($states, '3F000', 'a prepared statement fails while the extension is away');
is($out, "t\nbilling\n$document\n0|1{USD 1 deposit(\"held\" 1 1)}",
	'... and works when it is back');

# ---- a library and a script of different versions

# The place that make test has installed to.
sub installed
{
	my ($setting) =
		grep { $node->safe_psql('postgres', "SELECT count(*) FROM pg_settings WHERE name = '$_'") }
	  'extension_control_path', 'extension_destdir';
	my $value = $setting ? $node->safe_psql('postgres', "SHOW $setting") : '';
	my $sharedir = ($setting // '') eq 'extension_control_path' ? $value =~ s/:.*//r
	  : $value . `pg_config --sharedir` =~ s/\n//r;
	return "$sharedir/extension";
}
my $folder = installed();
my ($version) = slurp_file("$folder/balance.control") =~ /^default_version *= *'([^']+)'/m;
my $script = slurp_file("$folder/balance--$version.sql");
my @made;

sub install_script
{
	my ($name, $sql) = @_;
	push @made, "$folder/$name";
	append_to_file($made[-1], $sql);
}
my $library;
END
{
	unlink @made;
	rename "$library.away", $library if $library && -e "$library.away";
}

# newer than the library: declares what the library has not
my $news = <<'SQL';
CREATE FUNCTION balance.to_come(balance.position) RETURNS jsonb AS 'MODULE_PATHNAME' LANGUAGE C
	IMMUTABLE STRICT PARALLEL SAFE;
SQL
install_script('balance--999.0.0.sql', $script . $news);
install_script("balance--$version--999.0.0.sql", $news);
# older: without what has come since
my $older = $script;
for my $function ('error_body', 'items', 'verify')
{
	ok($older =~ s/^CREATE FUNCTION balance\.$function\(.*?;\n//ms
		&& $older =~ s/^COMMENT ON FUNCTION balance\.$function\(.*?';\n//ms,
		"a script without $function()");
}
install_script('balance--0.0.1.sql', $older);

$node->safe_psql('postgres', 'CREATE DATABASE newer; CREATE DATABASE updated; CREATE DATABASE older;
	CREATE DATABASE gone');
($status, undef, $err) = $node->psql('newer', q{CREATE EXTENSION balance VERSION '999.0.0'});
is($status, 3, 'a script that is newer than its library is refused');
like($err, qr/ERROR:  could not find function "to_come" in file ".*balance\.so"/,
	'... and what is missing is named');
is($node->safe_psql('newer', q{SELECT count(*) FROM pg_extension WHERE extname = 'balance';
	SELECT count(*) FROM pg_namespace WHERE nspname = 'balance'}), "0\n0",
	'... nothing is left of it');
is($node->safe_psql('newer', q{CREATE EXTENSION balance;
	SELECT balance.tally_deposits('usd', 'held', 1)}), '1{USD 1 deposit("held" 1 1)}',
	'... and the version that fits can be installed');

$node->safe_psql('updated', 'CREATE EXTENSION balance');
is((run('updated', q{ALTER EXTENSION balance UPDATE TO '999.0.0'}))[0], '42883',
	'so is an update to it');
is($node->safe_psql('updated', q{SELECT extversion FROM pg_extension WHERE extname = 'balance';
	SELECT balance.tally_deposits('usd', 'held', 1)}), "$version\n1{USD 1 deposit(\"held\" 1 1)}",
	'... and all is as it was');

$node->safe_psql('older', q{CREATE EXTENSION balance VERSION '0.0.1'});
($states, $out) = run('older', <<'SQL');
SELECT balance.create_ledger('billing');
INSERT INTO billing.customer VALUES ('c', 'Wb');
INSERT INTO billing.deposit VALUES ('d', 'c', 'eur', 'held', 7);
SELECT balance.customer_balance('c') #> '{0,deposits}';
SELECT count(*) FROM balance.check_ledger();
SELECT balance.verify();
DROP EXTENSION balance CASCADE;
SELECT amount FROM billing.deposit;
SQL
is("$states\n$out", "42883\nbilling\n{\"held\": {\"count\": 1, \"total\": \"7.00\"}}\n0\n7",
	'a script that is older than its library works as far as it goes');

# the library is gone from under an installed extension
$node->safe_psql('gone', <<'SQL');
CREATE EXTENSION balance;
SELECT balance.create_ledger('billing');
CREATE TABLE stored AS SELECT balance.tally_deposits('usd', 'held', 1) AS p;
SQL
($library) = $node->safe_psql('postgres', 'SHOW dynamic_library_path') =~ m{^([^:]*)};
$library .= '/balance.so';
chomp(my $pkglibdir = `pg_config --pkglibdir`);
rename $library, "$library.away" or die "$library: $!";
($states, $out) = run('gone', <<'SQL');
SELECT balance.tally_deposits('usd', 'held', 1);
SELECT p FROM stored;
SELECT balance.customer_balance('c');
INSERT INTO billing.customer VALUES ('c');
SELECT count(*) FROM billing.customer;
DROP TABLE stored;
DROP EXTENSION balance CASCADE;
SELECT count(*) FROM billing.customer;
SQL
SKIP:
{
	skip 'the server has another balance, installed, which it takes instead', 1
	  if -e "$pkglibdir/balance.so";
	is("$states\n$out", "58P01 58P01 58P01\n1\n1",
		'without the library there are errors, but tables can be used, the extension be dropped');
}

rename "$library.away", $library or die $!;
is((run('gone', q{CREATE EXTENSION balance; SELECT balance.customer_balance('c')}))[1], '[]',
	'with the library back, all is well');

$node->stop;
done_testing();
