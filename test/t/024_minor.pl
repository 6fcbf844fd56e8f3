# The same ledger kept in major units, in integers of minor ones, and some columns so and
# others so: every public answer is the same, errors too, from rows, from views and from
# a store.  BALANCE_SEED repeats the ledgers.
use strict;
use warnings;

use History;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RandomLedger;
use Test::More;

my $seed = $ENV{BALANCE_SEED} || int(time);
note "BALANCE_SEED=$seed";

my $node = PostgreSQL::Test::Cluster->new('minor');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "fsync = off\njit = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION balance');

# What may be in minor units, from the one list of it.
my @amounts;
my $relation;
for (split /\n/, slurp_file('src/ledger/columns.def'))
{
	$relation = $1 if /^RELATION\((\w+),/;
	push @amounts, [ $relation, $1 ] if /^AMOUNT\((\w+),/;
}
cmp_ok(scalar @amounts, '>=', 6, 'columns.def has amounts');

# The digits of a row's currency, which a line item has of its invoice.
sub digits
{
	my ($ledger, $relation) = @_;
	my $currency = $relation ne 'invoice_line_item' ? 'x.currency'
	  : "(SELECT i.currency FROM $ledger.invoice i WHERE i.invoice_id = x.invoice_id)";
	return "coalesce(balance.minor_unit($currency), 0)";
}

# What a ledger has is what bigint can have of minor units.
sub make_whole
{
	my ($ledger) = @_;
	$node->safe_psql('postgres', join '', map {
			my ($relation, $column) = @$_;
			"UPDATE $ledger.$relation x SET $column = round(mod($column, 100000000000000), "
			  . digits($ledger, $relation) . ");\n";
	} @amounts);
	return;
}

# Another ledger of the same rows, in which columns are in minor units with a chance.
sub make_twin
{
	my ($ledger, $twin, $chance) = @_;
	my $sql = "SET client_min_messages = warning; SELECT balance.create_ledger('$twin');
		SELECT balance.drop_report_views('$twin');\n";
	$sql .= "ALTER TABLE $twin.invoice ALTER due_date TYPE timestamptz;\n" if $ledger eq 'random';
	$sql .= join '', map { "INSERT INTO $twin.$_ SELECT * FROM $ledger.$_;\n" }
	  qw(customer invoice deposit vcu_invoice vcu_order credit_memo credit_memo_application payment
	  exchange_rate);
	$sql .= "INSERT INTO $twin.invoice_line_item (invoice_id, price_type, amount)
		SELECT invoice_id, price_type, amount FROM $ledger.invoice_line_item;\n";
	for (@amounts)
	{
		my ($relation, $column) = @$_;
		$sql .= "ALTER TABLE $twin.$relation ALTER $column DROP NOT NULL;\n";
		next unless RandomLedger::chance($chance);
		$sql .= "ALTER TABLE $twin.$relation ADD ${column}_minor bigint;
			UPDATE $twin.$relation x SET ${column}_minor = $column * 10 ^ "
		  . digits($twin, $relation) . "::numeric;
			ALTER TABLE $twin.$relation DROP $column;\n";
	}
	$node->safe_psql('postgres', $sql . "SELECT balance.create_report_views('$twin')");
	return;
}

# Views over a ledger's tables, in which minor units are computed.
sub make_views
{
	my ($ledger, $views) = @_;
	$node->safe_psql('postgres', <<"SQL");
CREATE SCHEMA $views;
SELECT format('CREATE VIEW $views.%I WITH (security_invoker) AS SELECT %s FROM $ledger.%I',
	c.relname, string_agg(format(CASE WHEN a.attname LIKE '%_minor' THEN '%I + 0 AS %1\$I'
		ELSE '%I' END, a.attname), ', ' ORDER BY attnum), c.relname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped
WHERE c.relnamespace = '$ledger'::regnamespace AND c.relkind = 'r'
	AND c.relname NOT LIKE 'balance%'
GROUP BY c.relname \\gexec
SELECT balance.create_report_views('$views');
SQL
	return;
}

# ---- the answers ----

my $fields = ($node->psql('postgres', "SELECT balance.create_ledger('none');
	SELECT * FROM balance.items('c', 'no such field', 'usd', ledger => 'none')"))[2];
my @fields = map { s/<status>/settled/r } split /, /, ($fields =~ /The fields are (.*)\./)[0];
cmp_ok(scalar @fields, '>', 20, 'there are fields');

# Of a ledger, LEDGER; CUSTOMERS are those with what they are asked in.
my $customers = q{(SELECT customer_id, currency FROM LEDGER.customer
	CROSS JOIN (VALUES ('usd'), ('jpy'), ('kwd'), ('clf'), ('xau'), ('hrk')) v (currency)) c};
my $days = q{(VALUES (1, now() - interval '90 days'), (2, now() - interval '10 days'), (3, now()),
	(4, '2024-03-31 12:00Z')) d (day, at)};
my @answers = (
	map({ "SELECT customer_id, balance.$_(customer_id, ledger => 'LEDGER') FROM LEDGER.customer" }
		qw(customer_balance invoice_summary vcu_balance position_at invoices_at net_rows
		  unapplied_cash customer_balance_at invoice_summary_at ageing_at open_items)),
	map({ "SELECT customer_id, day, balance.$_(customer_id, at, 'UTC', ledger => 'LEDGER')
		FROM LEDGER.customer, $days" } qw(invoice_summary invoice_summary_at position_at ageing_at
			open_items)),
	"SELECT customer_id, currency, balance.customer_credits(customer_id, currency => currency,
		ledger => 'LEDGER') FROM $customers",
	map({ "SELECT * FROM balance.$_(ledger => 'LEDGER')" }
		qw(customer_balances invoice_summaries vcu_balances positions_at all_invoices_at
		  aged_receivables roll_forward_months verify verify_summary)),
	"SELECT day, p FROM $days, balance.positions_at(at, 'UTC', 'LEDGER') p",
	map({ "SELECT * FROM LEDGER.report_$_" } qw(customer_balance invoice_summary ageing vcu_balance
		customer_credits metrics credit_expiry roll_forward)),
	map({ "SELECT customer_id, currency, relation, id, class, amount FROM $customers,
		balance.items(customer_id, '$_', currency, ledger => 'LEDGER')" } @fields),
	map({ my $function = $_; map { "SELECT customer_id, balance.$function(customer_id,
		current_date - $_, current_date, ledger => 'LEDGER') FROM LEDGER.customer" } 0, 40, 400 }
		qw(statement statement_document)),
	map({ my $function = $_; map { "SELECT balance.$function(current_date - $_, current_date - 5,
		ledger => 'LEDGER')" } 10, 300 } qw(roll_forward customer_roll_forwards)),
	map({ "SELECT customer_id, balance.roll_forward_items(customer_id, '$_', current_date - 90,
		current_date, ledger => 'LEDGER') FROM LEDGER.customer" }
		qw(opening invoiced paid closing)),
	map({ "SELECT * FROM balance.${_}_in('eur', '2026-01-01', 'LEDGER')" }
		qw(report_customer_balance report_invoice_summary report_ageing report_customer_credits
			report_credit_expiry report_roll_forward)),
	"SELECT customer_id, v FROM LEDGER.customer, balance.verify('LEDGER', customer_id) v",
	map({ "SELECT balance.top_debtors('$_', 5, ledger => 'LEDGER')" } qw(usd jpy kwd clf)));

# An error's message without what tells which of several rows it is about; of a whole book
# which of several errors it is depends on the plan.
sub error_of
{
	my ($query, $said) = @_;
	return '' if $said !~ /(ERROR: .*)/;
	return $query =~ /^SELECT (?:\* FROM|balance\.)/ ? 'ERROR' : $1 =~ s/\b[A-Z]{3}\b|\d+/x/gr;
}

# All answers of a ledger under a name that says nothing, in the order of their lines.
sub answers
{
	my ($ledger) = @_;
	return map {
		my ($status, $out, $err) = $node->psql('postgres', "SET search_path = pg_catalog;\n"
			  . s/LEDGER/$ledger/gr, timeout => 600);
		[ $_, join "\n", (sort split /\n/, $out =~ s/\b\Q$ledger\E\b/ledger/gr
				=~ s/(total|amount|amount_due|amount_remaining)_minor is not/$1 is not/gr),
			error_of($_, $err =~ s/\b\Q$ledger\E\b/ledger/gr) ];
	} @answers;
}

# Of an unknown currency amounts are known in major units alone. Whether anything is left of a paid
# invoice decides if it has a say in what is unapplied; and of several errors that one comes first.
sub is_untold
{
	my ($query, $expected, $said) = @_;
	return $said =~ /ERROR: .*unknown currency/
	  && ($query =~ /unapplied_cash|net_rows/ || $expected =~ /ERROR/);
}

sub compare
{
	my ($ledger, @twins) = @_;
	my @expected = answers($ledger);
	my $values = 0;
	my $errors = grep { $_->[1] =~ /ERROR/ } @expected;

	$values += () = /\d/g for map { $_->[1] } @expected;
	cmp_ok($values, '>', 3_000, "$ledger has answers");
	cmp_ok($errors, '<', @expected / 2, "... of which few are errors: $errors");
	for my $twin (@twins)
	{
		my @found = answers($twin);
		my @different = grep { $expected[$_][1] ne $found[$_][1]
			  && !is_untold(@{ $expected[$_] }, $found[$_][1]) } 0 .. $#expected;
		is(scalar @different, 0, "$twin has the same") or diag join "\n", map {
			my %in = map { $_ => 1 } split /\n/, $expected[$_][1];
			my @surplus = grep { !$in{$_} } split /\n/, $found[$_][1];
			my %out = map { $_ => 1 } split /\n/, $found[$_][1];
			my @missing = grep { !$out{$_} } split /\n/, $expected[$_][1];
			($expected[$_][0], 'missing: ' . ($missing[0] // ''), 'found: ' . ($surplus[0] // ''));
		} @different[ 0 .. ($#different < 9 ? $#different : 9) ];
	}
	return;
}

# ---- ledgers of random rows ----

srand $seed;
$node->safe_psql('postgres', RandomLedger::sql(name => 'random', seed => $seed,
	due_type => 'timestamptz'));
make_whole('random');
$node->safe_psql('postgres', join ';', map { "INSERT INTO random.exchange_rate VALUES
	(upper('$_'), 'EUR', '2020-01-01', 0.5, 'us')" }
	grep { $_ ne 'eur' } @RandomLedger::currencies);

# One that can be told of days past, and has a currency of four digits.
make_history($node, 'history', $seed, 120);
$node->safe_psql('postgres', <<'SQL');
SET search_path = history;
-- what is of tomorrow is shown as of now
UPDATE payment SET paid_at = now() - interval '1 day' WHERE paid_at > now();
UPDATE credit_memo_application SET reversed_at = NULL WHERE reversed_at > now();
UPDATE invoice SET issued_at = least(issued_at, now() - interval '1 day'),
	finalized_at = least(finalized_at, now() - interval '1 day');
UPDATE invoice SET currency = 'clf', due_date = issued_at::date + 20 WHERE currency = 'EUR';
UPDATE payment SET currency = 'CLF' WHERE currency = 'EUR';
INSERT INTO invoice_line_item (invoice_id, price_type, amount)
SELECT invoice_id, CASE WHEN random() < 0.5 THEN 'usage' END, amount_due / 3 FROM invoice;
INSERT INTO deposit SELECT payment_id, customer_id, currency, 'held', amount FROM payment;
INSERT INTO exchange_rate SELECT upper(c), 'EUR', '2020-01-01', 0.5, 'us'
FROM unnest('{usd,jpy,kwd,clf}'::text[]) c;
SQL
make_whole('history');
$node->safe_psql('postgres', <<'SQL');
SET search_path = history;
UPDATE invoice i SET amount_remaining = amount_due
	- coalesce((SELECT sum(amount) FROM payment p WHERE p.invoice_id = i.invoice_id
		AND upper(p.currency) = upper(i.currency) AND balance.payment_counts(p.status)), 0)
	- coalesce((SELECT sum(amount_applied) FROM credit_memo_application a
		WHERE a.invoice_id = i.invoice_id AND reversed_at IS NULL), 0)
		/ 10 ^ balance.minor_unit(currency)::numeric;
UPDATE invoice SET invoice_status = CASE WHEN amount_remaining <= 0 THEN 'paid' ELSE 'open' END
WHERE invoice_status NOT IN ('draft', 'void');
SQL
make_whole('history');
is($node->safe_psql('postgres', q{SELECT count(*) FROM balance.verify('history')
	WHERE rule = 'unexplained_remaining'}), 0, 'the history explains what is left');

# What becomes of a ledger's rows: other customers and statuses, one minor unit more, none
# known, rows that go, currencies that are none.
my @changes = (
	"UPDATE LEDGER.invoice SET invoice_status = 'open' WHERE hashtext(invoice_id) % 3 = 0",
	"UPDATE LEDGER.invoice SET customer_id = (SELECT max(customer_id) FROM LEDGER.customer)
		WHERE hashtext(invoice_id) % 5 = 0",
	'DELETE FROM LEDGER.deposit WHERE hashtext(deposit_id) % 3 = 0',
	(map { "UPDATE LEDGER.$_->[0] x SET AMOUNT:$_->[0].$_->[1]" } @amounts),
	"UPDATE LEDGER.deposit SET NULL:deposit.amount WHERE hashtext(deposit_id) % 13 = 0",
	"UPDATE LEDGER.invoice SET NULL:invoice.total WHERE hashtext(invoice_id) % 13 = 0",
	# of these nothing else is wrong: verify() cannot say what minor units of no currency are
	(map { "UPDATE LEDGER.invoice SET currency = 'xyz', invoice_status = 'void', $_
		WHERE invoice_id IN ('i7', 'i8', 'i9')" } 'ZERO:invoice.amount_due',
		'ZERO:invoice.amount_remaining'),
	"UPDATE LEDGER.deposit SET currency = 'xyz' WHERE deposit_id = 'p7'");

sub change
{
	my ($ledger, $change) = @_;
	my $has = sub {
		my ($relation, $column) = @_;
		return $node->safe_psql('postgres', "SELECT count(*) FROM pg_attribute
			WHERE attrelid = '$ledger.$relation'::regclass AND attname = '$column'");
	};

	$change =~ s/LEDGER/$ledger/g;
	$change =~ s{AMOUNT:(\w+)\.(\w+)}{$has->($1, "$2_minor") ? "$2_minor = $2_minor + 1"
		: "$2 = round($2 + power(10::numeric, - " . digits($ledger, $1) . '), '
		. digits($ledger, $1) . ')'}e;
	$change =~ s{(NULL|ZERO):(\w+)\.(\w+)}{($has->($2, "$3_minor") ? "$3_minor" : $3)
		. ($1 eq 'NULL' ? ' = NULL' : ' = 0')}e;
	return "$change;\n";
}

for my $ledger ('random', 'history')
{
	my @tables = ($ledger, map { "${ledger}_$_" } qw(minor mixed));
	my $views = "${ledger}_views";

	$node->safe_psql('postgres', join ';', map { "ALTER TABLE $ledger.$_->[0]
		ALTER $_->[1] DROP NOT NULL" } @amounts);
	make_twin($ledger, $_->[0], $_->[1]) for [ $tables[1], 1 ], [ $tables[2], 0.5 ];
	make_views($tables[1], $views);
	compare($ledger, @tables[ 1, 2 ], $views);

	$node->safe_psql('postgres', join ';', map { "SELECT balance.maintain('$_')" } @tables, $views);
	$node->safe_psql('postgres', join '', map { change($tables[0], $_), change($tables[1], $_),
		change($tables[2], $_) } @changes);
	is($node->safe_psql('postgres', join ';', map { "SELECT relation, reason FROM
		balance.maintenance('$_') WHERE NOT valid" } @tables, $views), '', 'all stores count');
	is($node->safe_psql('postgres', join ';', map { "SELECT * FROM balance.verify('$_')
		WHERE rule = 'store_differs'" } @tables, $views), '',
		'... and have what the rows have');
	compare($ledger, @tables[ 1, 2 ], $views);
}

$node->stop;
done_testing();
