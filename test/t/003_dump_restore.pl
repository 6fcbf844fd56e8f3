# Whatever is done to a database, its documents and its stored positions stay
# the same: dump and restore, dropping the extension, a crash, COPY between
# encodings, a standby.  This file is in UTF-8, and so is what psql is told.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

$ENV{PGCLIENTENCODING} = 'UTF8';
my $tempdir = PostgreSQL::Test::Utils::tempdir;
my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1, extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->start;

# A role of its own owns the ledger; partial and expression indexes, checks and
# generated columns must all be rebuilt under pg_restore's empty search_path.
my $ledger = <<'SQL';
SET ROLE teller;
SELECT balance.create_ledger('billing');
INSERT INTO billing.customer VALUES ('c1', 'wb1', 'b1', 'Café "Zoé"', 'EUR'),
	('c2', NULL, NULL, NULL, NULL);
INSERT INTO billing.invoice VALUES
 ('i1', 'c1', 'EUR', 'open', NULL, 'n1', 120.50, 120.50, 20.50, '2026-01-31', '2026-01-01 00:00Z'),
 ('i2', 'c1', 'eur', 'paid', 'succeeded', NULL, 12345678901234567890123.0000000000000000000000001,
   1, 0, NULL, NULL),
 ('i3', 'c1', 'KWD', 'draft', NULL, NULL, 1.2345678, 1.2345678, 1.2345678, 'infinity', NULL),
 ('i4', 'c2', 'JPY', 'Written Off', NULL, NULL, 99, 99, 99, '2025-01-01', NULL);
INSERT INTO billing.invoice_line_item (invoice_id, price_type, amount)
VALUES ('i1', 'usage', 0.00012345), ('i1', NULL, 120.50);
INSERT INTO billing.deposit VALUES ('d1', 'c1', 'EUR', 'payé', 7),
	('d2', 'c1', 'EUR', E'a "b" \\ \t\n c', 8), ('d3', 'c1', 'EUR', '', 9);
INSERT INTO billing.vcu_order VALUES ('o1', 'c2', 'BRL', 'Issued', 20, false, '2026-01-01 00:00Z');
INSERT INTO billing.vcu_invoice
VALUES ('v1', 'c2', 'BRL', 'Paid', 85.5, '2026-01-01 00:00Z', '2026-01-02 00:00Z');
INSERT INTO billing.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, created_at, updated_at, reason, line_items)
VALUES ('m1', 'b1', 'c1', 'issued', 'EUR', 12050, 5000, '2026-01-10', '2026-01-10 00:00Z',
	'2026-01-11 00:00Z', 'refund', '{"a": 1.50}');
INSERT INTO billing.credit_memo_application
VALUES ('a1', 'm1', 'i1', 5000, '2026-01-11 00:00Z', NULL);
CREATE INDEX ON billing.invoice (due_date)
WHERE balance.invoice_class(invoice_status, payment_status) = 'open';
SQL
my $reports = <<'SQL';
SET ROLE teller;
CREATE VIEW billing.book WITH (security_invoker) AS
SELECT customer_id, balance.merge(p) AS p FROM (
 SELECT customer_id,
   balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
   amount_remaining, due_date)
      OPERATOR(balance.+) balance.tally_charges(currency, 'usage', amount_due) AS p
      FROM billing.invoice GROUP BY 1
 UNION ALL SELECT customer_id, balance.tally_deposits(currency, status, amount)
 FROM billing.deposit GROUP BY 1
 UNION ALL SELECT customer_id, balance.tally_unit_orders(currency, status, pay_with_balance, units)
 FROM billing.vcu_order GROUP BY 1
 UNION ALL SELECT customer_id, balance.tally_credit_memos(currency, status, amount, amount_applied)
 FROM billing.credit_memo GROUP BY 1) AS part GROUP BY 1;
CREATE MATERIALIZED VIEW billing.kept AS SELECT * FROM billing.book;
CREATE TABLE billing.stored (
 p balance.position PRIMARY KEY,
 wide balance.position NOT NULL DEFAULT '1{}',
 document jsonb GENERATED ALWAYS AS (balance.to_customer_balance(p, 'w', 'c')) STORED,
 CHECK (p OPERATOR(balance.-) p OPERATOR(balance.=) '1{}'));
CREATE INDEX ON billing.stored USING hash (p);
CREATE INDEX ON billing.stored ((p::jsonb));
INSERT INTO billing.stored (p) SELECT p FROM billing.book UNION ALL SELECT OPERATOR(balance.-) p
FROM billing.book UNION ALL SELECT '1{}';
-- so wide that it is toasted
INSERT INTO billing.stored SELECT balance.tally_deposits('USD', '€', 1),
	balance.tally_deposits('USD', md5(i::text), i) FROM generate_series(1, 9999) AS i;
SQL

my $documents = <<'SQL';
SELECT customer_id, balance.customer_balance(customer_id),
	balance.invoice_summary(customer_id, '2026-02-01 00:00Z', 'UTC'),
       balance.vcu_balance(customer_id), balance.customer_credits(customer_id)
FROM unnest('{c1,c2}'::text[]) AS customer_id ORDER BY 1;
SQL
my $positions = <<'SQL';
SELECT p, md5(wide::text), document FROM billing.stored ORDER BY p;
SELECT customer_id, p FROM billing.book ORDER BY 1;
SELECT customer_id, p FROM billing.kept ORDER BY 1;
-- every row is found by its indexes
SET enable_seqscan = off;
SELECT count(*) FROM billing.stored AS a,
	LATERAL (SELECT FROM billing.stored AS b WHERE b.p OPERATOR(balance.=) a.p OFFSET 0) AS found;
SELECT count(*) FROM billing.stored AS a,
	LATERAL (SELECT FROM billing.stored AS b WHERE b.p::jsonb = a.p::jsonb OFFSET 0) AS found;
SQL

# A database with the extension, of any encoding, and what is to be in it.
sub make_database
{
	my ($name, $sql, $encoding) = @_;
	$node->safe_psql('postgres',
		"CREATE DATABASE $name TEMPLATE template0 LOCALE 'C' ENCODING
			'" . ($encoding // 'UTF8') . "'; GRANT CREATE ON DATABASE $name TO teller");
	$node->safe_psql($name, "CREATE EXTENSION balance; $sql") if $sql;
}

# The database as SQL, without the key that pg_dump makes up each time.
sub dump_of
{
	my ($database, @options) = @_;
	my $file = "$tempdir/$database.sql";
	$node->command_ok([ 'pg_dump', @options, '-f', $file, $database ],
		"pg_dump @options $database");
	return slurp_file($file) =~ s/^\\(un)?restrict .*\n//gmr;
}

# pg_dump's order depends on what else there is.
sub sorted_lines
{
	return join "\n", sort split /\n/, $_[0];
}

$node->safe_psql('postgres', 'CREATE ROLE teller');
make_database('books', $ledger);
$node->safe_psql('books', $reports);
my $before = $node->safe_psql('books', $documents . $positions);
like($before, qr/payé.*12345678901234567890123\.0000000000000000000000001/s,
	'there is something to be kept');
like($before, qr/\n6\n6$/, 'every row is found by its indexes');
my $dump = dump_of('books');
like($dump,
	qr/CREATE EXTENSION IF NOT EXISTS balance .*ALTER TABLE billing\.invoice OWNER TO teller/s,
	'a dump has the extension and the owners');

# Dump and restore: nothing may differ, owners, comments, constraints included.
make_database('custom');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$tempdir/books.custom", 'books' ], 'pg_dump -Fc');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', 'custom', "$tempdir/books.custom" ],
	'pg_restore');
make_database('plain');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$tempdir/books.sql", 'plain' ],
	'psql reads the plain dump');
for my $database ('custom', 'plain')
{
	is($node->safe_psql($database, $documents . $positions), $before,
		"$database: documents and positions");
	ok(dump_of($database) eq $dump, "$database: a dump of it is the same");
}

# The extension goes only if nothing of it is stored.
my ($status, $out, $err) = $node->psql('books', 'DROP EXTENSION balance');
is($status, 3, 'DROP EXTENSION fails where positions are stored');
like($err, qr/cannot drop extension balance.*column p of table billing\.stored depends on type/s,
	'and names them');
is($node->safe_psql('books', $documents . $positions), $before, 'and leaves everything as it was');

# A ledger's tables outlive it, but for the index that calls its function, and its report views go;
# in one session, which has plans and types cached.
make_database('ledger_only', "$ledger DROP INDEX billing.invoice_due_date_idx");
my @tables = ('-n', 'billing', '-T', 'billing.report_*', '-T', 'billing.book_*');
my $kept = dump_of('ledger_only', @tables);
is($node->safe_psql('ledger_only', "$documents DROP EXTENSION balance; CREATE EXTENSION balance;
	$documents") =~ s/^(.*)\n\1$/$1/sr,
	$node->safe_psql('books', $documents), 'DROP EXTENSION, CREATE EXTENSION: the same documents');
$node->safe_psql('ledger_only', 'DROP EXTENSION balance');
ok(sorted_lines(dump_of('ledger_only', '-n', 'billing')) eq sorted_lines($kept),
	'without the extension its tables are all there');

# A crash.
$node->safe_psql('books',
	"INSERT INTO billing.invoice
	VALUES ('i5', 'c2', 'USD', 'open', NULL, NULL, 5, 5, 5, '2026-01-01');
	INSERT INTO billing.stored SELECT p OPERATOR(balance.+) p FROM billing.book");
$before = $node->safe_psql('books', $documents . $positions);
$node->stop('immediate');
$node->start;
is($node->safe_psql('books', $documents . $positions), $before,
	'crash recovery: the same documents and positions');

# COPY between encodings.  In KOI8-R, ю comes before а, in UTF-8 after it.
my %status = (
	LATIN1 => [ 'payé', 'à part', 'ÿ', 'z' ],
	SQL_ASCII => [ 'payé', '€', 'z' ],
	KOI8R => [ 'ю', 'а', 'z' ]);
my $copies = "CREATE TABLE copies (p balance.position)";
my $tally = "SELECT balance.tally_deposits('EUR', s, 1.5) FROM unnest(ARRAY['%s']) AS s";

# Copies all positions from one database to another; the SQLSTATE if that fails.
sub copy
{
	my ($from, $to, $format) = @_;
	my $file = "$tempdir/copies";
	$node->safe_psql($to, 'TRUNCATE copies');
	for my $copy ([ $from, 'TO' ], [ $to, 'FROM' ])
	{
		my ($database, $direction) = @$copy;
		my ($status, $out, $err) = $node->psql($database,
			"\\set VERBOSITY sqlstate\n\\copy copies $direction '$file' (FORMAT $format)");
		return $err =~ /ERROR:  (\w+)/ ? $1 : $err if $err;
	}
	return '';
}

make_database('utf8', $copies);
for my $encoding (sort keys %status)
{
	my $other = lc $encoding;
	my $sql = sprintf $tally, join "', '", @{ $status{$encoding} };

	make_database($other, $copies, $encoding);
	for my $format ('text', 'binary')
	{
		for my $route ([ $other, 'utf8' ], [ 'utf8', $other ])
		{
			my ($from, $to) = @$route;
			$node->safe_psql($from, "TRUNCATE copies; INSERT INTO copies $sql");
			is(copy($from, $to, $format), '', "COPY $format, $from to $to");
			# as tallied here: read back as text, and equal
			is($node->safe_psql($to, "SELECT p, p OPERATOR(balance.=) ($sql) FROM copies"),
				$node->safe_psql($to, $sql) . '|t', "COPY $format, $from to $to: equal");
		}
	}
}
# what the other side cannot hold is refused
$node->safe_psql('utf8', "TRUNCATE copies; INSERT INTO copies " . sprintf $tally, 'ю');
is(copy('utf8', 'latin1', $_), '22P05', "COPY $_: a status without an equivalent")
  for 'text', 'binary';
$node->safe_psql('sql_ascii',
	q{TRUNCATE copies; INSERT INTO copies SELECT balance.tally_deposits('EUR', E'pay\xe9', 1)});
is(copy('sql_ascii', 'utf8', $_), '22021', "COPY $_: a status that is not in UTF-8")
  for 'text', 'binary';

# A standby, which can write nothing.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->safe_psql('books', "INSERT INTO billing.deposit VALUES ('d9', 'c2', 'USD', 'held', 3);
	REFRESH MATERIALIZED VIEW billing.kept;
	INSERT INTO billing.stored SELECT p OPERATOR(balance.+) p OPERATOR(balance.+) p
	FROM billing.book");
$node->wait_for_catchup($standby);
my $now = $node->safe_psql('books', $documents . $positions);
isnt($now, $before, 'there is news');
is($standby->safe_psql('books', $documents . $positions), $now,
	'a standby gives the same documents and positions');

# A session goes on when the standby becomes the primary: what it knows of its
# relations is from snapshots of another kind.
my $promotion = 'pg_ctl -s -w promote -D ' . $standby->data_dir;
is($standby->safe_psql('books', <<"SQL"), "$now\n$now\nt", 'a session outlives a promotion');
$documents $positions
\\! $promotion
$documents $positions
INSERT INTO billing.deposit VALUES ('d10', 'c2', 'USD', 'news', 4);
SELECT balance.customer_balance('c2')::text ~ '"news": .{1,20}"total": "4.00"';
SQL

done_testing();
