# verify() against the documents: a clean ledger is spoilt in a few hundred ways,
# one at a time.  Whatever a document, book, report, item or ageing raises of the
# data, verify() must have a row of it, in the whole ledger and of the customer;
# where it has none nothing may raise; and it must never raise itself.  The
# environment may give BALANCE_SEED, as a failure prints it, and BALANCE_LEDGERS,
# how many rounds of all mutations; without it, a third of them is tried once.
use strict;
use warnings;

use List::Util qw(shuffle);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $first_seed = $ENV{BALANCE_SEED} || time;
my $rounds = $ENV{BALANCE_LEDGERS} || 0;

my $node = PostgreSQL::Test::Cluster->new('mutations');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\n");    # the queries look expensive
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION balance;
SELECT balance.create_ledger('clean');
-- tables without constraints, in which anything can be wrong
CREATE SCHEMA loose;
DO $$ DECLARE name text; BEGIN
	FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'clean'::regnamespace
		AND relkind = 'r' LOOP
		EXECUTE format('CREATE TABLE loose.%I (LIKE clean.%I)', name, name);
		EXECUTE
			(SELECT string_agg(format('ALTER TABLE loose.%I ALTER %I DROP NOT NULL', name, attname),
			';')
			FROM pg_attribute WHERE attrelid = ('loose.' || name)::regclass AND attnum > 0);
	END LOOP;
END $$;
ALTER TABLE loose.invoice_line_item DROP line_item_id;
SELECT balance.create_report_views('loose');
SET search_path = loose, public;
INSERT INTO customer VALUES ('c', 'w', 'b', 'C', 'usd'), ('d', NULL, NULL, NULL, NULL),
	('e', 'w', 'b', 'E', 'EUR');
INSERT INTO invoice VALUES
 ('i1', 'c', 'usd', 'open', 'pending', 'INV-1', 10, 10, 5, '2026-01-31', '2026-01-01Z'),
 ('i2', 'c', 'eur', 'paid', NULL, 'INV-2', 20, 20, 0, '2026-02-28', '2026-02-01Z'),
 ('i3', 'c', 'usd', 'draft', NULL, NULL, 7.5, 7.5, 7.5, NULL, NULL),
 ('i4', 'c', 'jpy', 'void', NULL, 'INV-4', 1000, 1000, 1000, '2026-03-31', '2026-03-01Z'),
 ('i5', 'd', 'USD', 'partially_paid', 'succeeded', 'INV-1', 30, 30, 0, NULL, NULL),
 ('i6', 'e', 'kwd', NULL, NULL, NULL, 1.234, 1.234, 1.234, '2026-01-31', NULL);
INSERT INTO invoice_line_item VALUES ('i1', 'usage', 4), ('i1', 'fixed', 6), ('i3', NULL, 7.5),
	('i5', 'usage', 30);
INSERT INTO deposit VALUES ('d1', 'c', 'usd', 'held', 3), ('d2', 'd', 'eur', 'settled', 4);
INSERT INTO vcu_invoice VALUES ('v1', 'c', 'brl', 'paid', 20, '2026-01-01Z', '2026-01-02Z'),
	('v2', 'c', 'brl', 'pending', 5, '2026-01-03Z', NULL),
 ('v3', 'd', 'usd', 'cancelled', 1, '2026-01-01Z', NULL);
INSERT INTO vcu_order VALUES ('o1', 'c', 'brl', 'issued', 2, false, '2026-01-01Z'),
	('o2', 'c', 'brl', 'billed', 3, true, '2026-01-01Z'),
	('o3', 'e', 'brl', 'refunded', 3, NULL, '2026-01-01Z');
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, created_at, updated_at, reason, invoice_id, line_items,
	applied_date) VALUES
 ('m1', 'b', 'c', 'partially_applied', 'usd', 500, 200, '2026-01-05', '2026-01-05Z', '2026-01-05Z',
   'other', 'i1', '{"a": 1}', '2026-01-06Z'),
 ('m2', 'b', 'c', 'issued', 'usd', 100, 0, '2026-01-05', '2026-01-05Z', '2026-01-05Z', 'refund',
   NULL, NULL, NULL),
 ('m3', 'b', 'c', 'draft', 'eur', 100, 0, '2026-01-05', '2026-01-05Z', '2026-01-05Z', 'refund',
   NULL, NULL, NULL),
 ('m4', 'b', 'd', 'void', 'usd', 100, 0, '2026-01-05', '2026-01-05Z', '2026-01-05Z', 'refund', NULL,
   NULL, NULL),
 ('m5', 'b', 'e', 'fully_applied', 'kwd', 1000, 1000, '2026-01-05', '2026-01-05Z', '2026-01-05Z',
   'refund', NULL, '{}', NULL);
INSERT INTO credit_memo_application VALUES ('a1', 'm1', 'i1', 150, '2026-01-06Z', 'u'),
	('a2', 'm1', 'i1', 50, '2026-01-07Z', NULL), ('a3', 'm5', 'i6', 1000, '2026-01-07Z', NULL);

-- What the data raises of a statement: its SQLSTATE and message, or NULL.  That
-- memos span several currencies is no fault of theirs.
CREATE FUNCTION public.raised(statement text, blames boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	details text;
	hints text;
BEGIN
	EXECUTE statement;
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS details = PG_EXCEPTION_DETAIL, hints = PG_EXCEPTION_HINT;
	IF SQLSTATE = 'P0002' OR SQLERRM = 'available credits span several currencies' THEN
		RETURN NULL;
	ELSIF SQLSTATE !~ '^2[12]' THEN
		RETURN 'UNEXPECTED ' || SQLSTATE || ' ' || SQLERRM;
	ELSIF blames
		AND (details NOT LIKE '%At fault is the data of ledger "loose".'
		OR hints NOT LIKE '%SELECT * FROM balance.verify(''loose''%') THEN
		RETURN 'UNBLAMED ' || SQLSTATE || ' ' || SQLERRM;
	END IF;
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- what is asked of one customer, and of all
CREATE TABLE public.asked (relations text, of_customer boolean, statement text);
INSERT INTO asked SELECT r, true, 'SELECT ' || s FROM (VALUES
	('invoice deposit', 'balance.customer_balance(%1$L, ''loose'')'),
	('invoice invoice_line_item',
		'balance.invoice_summary(%1$L, ''2026-06-30Z'', ''Asia/Kolkata'', ''loose'')'),
	('vcu_invoice vcu_order', 'balance.vcu_balance(%1$L, NULL, NULL, ''loose'')'),
	('vcu_invoice vcu_order',
		'balance.vcu_balance(%1$L, ''2026-01-02'', ''2026-01-03'', ''loose'')'),
	('credit_memo credit_memo_application invoice',
		'balance.customer_credits(%1$L, NULL, NULL, ''loose'')'),
	('credit_memo credit_memo_application',
		'balance.customer_credits(%1$L, NULL, ''eur'', ''loose'')'),
	('credit_memo credit_memo_application',
		'balance.customer_credits(%1$L, NULL, ''usd'', ''loose'')')) v(r, s);
INSERT INTO asked SELECT r, true,
	format('SELECT FROM balance.items(%%1$L, %L, %L, ''2026-06-30Z'', ''UTC'', ''loose'')', f, c)
FROM (VALUES
	('invoice', 'total_invoice_count', 'usd'), ('invoice', 'total_overdue_amount', 'usd'),
		('invoice', 'invoices.canceled', 'jpy'),
	('invoice invoice_line_item', 'unpaid_usage_charges', 'usd'),
		('deposit', 'deposits.held', 'usd'), ('vcu_invoice vcu_order', 'balance', 'brl'),
		('vcu_order', 'futureDebt', 'brl'),
	('credit_memo', 'total_credits_available', 'usd'),
		('credit_memo credit_memo_application', 'credit_memos.applications.amount_applied',
		'usd')) v(r, f, c);
INSERT INTO asked SELECT r, false, 'SELECT FROM ' || s FROM (VALUES
	('invoice deposit', 'balance.customer_balances(ledger => ''loose'')'),
	('invoice invoice_line_item',
		'balance.invoice_summaries(''2026-06-30Z'', ledger => ''loose'')'),
	('vcu_invoice vcu_order', 'balance.vcu_balances(NULL, ''2026-01-02'', ledger => ''loose'')'),
	('invoice', 'balance.top_debtors(''usd'', 5, ''2026-06-30Z'', ledger => ''loose'')'),
	('invoice deposit', 'loose.report_customer_balance'),
		('invoice invoice_line_item', 'loose.report_invoice_summary'),
		('invoice', 'loose.report_ageing'),
	('vcu_invoice vcu_order', 'loose.report_vcu_balance'),
		('credit_memo credit_memo_application', 'loose.report_customer_credits')) v(r, s);

-- Spoils the ledger, asks, and takes it back: what is wrong with what was answered.
CREATE FUNCTION public.judge(relation text, mutation text, OUT errors int, OUT violations int,
	OUT complaint text) LANGUAGE plpgsql AS $$
DECLARE
	a record;
	who text;
	whole jsonb;
	own jsonb;
	answer text;
BEGIN
	errors := 0;
	violations := 0;
	BEGIN
		EXECUTE mutation;
		SELECT coalesce(jsonb_agg(to_jsonb(v)), '[]') INTO whole FROM balance.verify('loose') v;
		violations := jsonb_array_length(whole);
		FOREACH who IN ARRAY '{c,d,e}'::text[] LOOP
			SELECT coalesce(jsonb_agg(to_jsonb(v)), '[]') INTO own
			FROM balance.verify('loose', who) v;
			IF NOT whole @> own THEN
				complaint := format('verify of %s has %s, the whole has %s', who, own, whole);
			END IF;
			FOR a IN SELECT statement FROM asked WHERE of_customer
				AND (relation = 'customer' OR relation = ANY (string_to_array(relations, ' '))) LOOP
				answer := raised(format(a.statement, who), true);
				CONTINUE WHEN answer IS NULL;
				errors := errors + 1;
				IF answer LIKE 'UN%' OR own = '[]' OR whole = '[]' THEN
					complaint := format('%s: %s; verify has %s of %s, %s in all',
						format(a.statement, who), answer, own, who, whole);
				END IF;
			END LOOP;
		END LOOP;
		FOR a IN SELECT statement FROM asked WHERE NOT of_customer
			AND (relation = 'customer' OR relation = ANY (string_to_array(relations, ' '))) LOOP
			answer := raised(a.statement, a.statement LIKE '%balance.%');
			CONTINUE WHEN answer IS NULL;
			errors := errors + 1;
			IF answer LIKE 'UN%' OR whole = '[]' THEN
				complaint := format('%s: %s; verify has %s', a.statement, answer, whole);
			END IF;
		END LOOP;
		RAISE 'undo' USING ERRCODE = 'UNDO1';
	EXCEPTION
		WHEN SQLSTATE 'UNDO1' THEN
		WHEN OTHERS THEN
			complaint := format('verify itself: %s %s', SQLSTATE, SQLERRM);
	END;
END $$;
SQL

# What a column of a type may be made of; a relation's own value comes besides.
my %values = (
	text => [ 'NULL', q{''}, q{'nobody'}, q{'USD '}, q{'zzz'}, q{'HRK'}, q{'c'}, q{'d'}, q{'i1'},
		q{'m1'}, q{'paid'}, q{'void'}, q{'draft'}, q{'partially_paid'}, q{'fully_applied'},
		q{E'\\u2603'} ],
	numeric => [ 'NULL', q{'NaN'}, q{'Infinity'}, q{'-Infinity'}, -1, 0, 0.001, 1e6, q{'1e-16000'},
		q{'9.9e131071'}, q{'-9.9e131071'} ],
	bigint => [ 'NULL', -1, 0, 99, '9223372036854775807', q{'-9223372036854775808'} ],
	date => [ 'NULL', q{'infinity'}, q{'-infinity'}, q{'0001-12-31 BC'}, q{'4714-11-24 BC'},
		q{'10000-01-01'}, q{'5874897-12-31'}, q{'2020-01-01'} ],
	'timestamp with time zone' => [ 'NULL', q{'infinity'}, q{'-infinity'},
		q{'0001-12-31 23:59:59Z BC'}, q{'4714-11-24 00:00Z BC'}, q{'10000-01-01Z'},
		q{'294276-12-31 23:59:59.999999Z'}, q{'2030-01-01Z'} ],
	boolean => [ 'NULL', 'true', 'NOT pay_with_balance' ],
	jsonb => [ 'NULL', q{'[]'}, q{'1'}, q{'"x"'}, q{'null'}, q{'{}'} ],
	json => [ 'NULL', q{'[]'}, q{'"x"'}, q{'{"a": "\\u0000"}'}, q{'{"a": "\\ud800"}'},
		q{'{"a": 1e1000000}'}, q{'{"a": "\\ud83d\\ude00"}'} ]);

# Every column with every value in one row or in all, and rows that are missing,
# twice, or another customer's.
sub mutations
{
	my ($columns) = @_;
	my @mutations;
	my %seen;
	for (@$columns)
	{
		my ($relation, $column, $type) = split /\|/;
		next if $column =~ /^(description|internal_notes|voided_reason|applied_by_user_id)$/;
		next if $column =~ /^(invoice_number|customer_name)$/;
		my $one = "ctid = (SELECT ctid FROM $relation
			OFFSET floor(random() * (SELECT count(*) FROM $relation)) LIMIT 1)";
		for my $value (@{ $values{$type} })
		{
			my $where = rand() < 0.7 ? $one : 'true';
			push @mutations, [ $relation, "UPDATE $relation SET $column = $value WHERE $where" ];
		}
		next if $seen{$relation}++;
		push @mutations, [ $relation, $_ ] for "DELETE FROM $relation",
			"DELETE FROM $relation WHERE $one",
		  "INSERT INTO $relation SELECT * FROM $relation",
		    "INSERT INTO $relation SELECT * FROM $relation WHERE $one",
		  "WITH gone AS (DELETE FROM $relation WHERE $one RETURNING *) INSERT INTO $relation
		    SELECT gone.* FROM gone, generate_series(1, 3)";
	}
	return @mutations;
}

for my $seed ($first_seed .. $first_seed + ($rounds || 1) - 1)
{
	srand $seed;
	# in one round due instants and json, in the next dates and jsonb
	my ($due, $json) = $seed % 2 ? ('timestamptz', 'json') : ('date', 'jsonb');
	my $zone = (qw(UTC Pacific/Kiritimati Etc/GMT+12 America/Sao_Paulo))[ $seed % 4 ];
	$node->safe_psql('postgres', <<"SQL");
SELECT balance.drop_report_views('loose');
ALTER TABLE loose.invoice ALTER due_date TYPE $due USING due_date::$due;
ALTER TABLE loose.credit_memo ALTER line_items TYPE $json USING line_items::$json;
SELECT balance.create_report_views('loose');
SQL
	my @columns = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT relname, attname, format_type(atttypid, NULL) FROM pg_attribute
	JOIN pg_class ON attrelid = pg_class.oid
WHERE relnamespace = 'loose'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
ORDER BY 1, attnum
SQL
	my @mutations = mutations(\@columns);
	# make test has a third of them, another one each time
	@mutations = (shuffle @mutations)[ 0 .. $#mutations / 3 ] if !$rounds;
	my $session = "SET search_path = loose, public; SET TimeZone = '$zone';
		SELECT setseed(" . ($seed % 1000) / 1000 . ');';
	my @answers = split /\n/, $node->safe_psql('postgres', join "\n", $session,
		"SELECT * FROM judge('customer', 'SELECT');",
		map { "SELECT * FROM judge('$_->[0]', \$mutation\$$_->[1]\$mutation\$);" } @mutations);
	shift @answers;    # setseed's
	is(shift @answers, '0|0|', "BALANCE_SEED=$seed: the clean ledger is clean");
	is(scalar @answers, scalar @mutations, "BALANCE_SEED=$seed: every mutation was judged");
	my ($raised, $told, @bad) = (0, 0);
	for my $i (0 .. $#answers)
	{
		my ($errors, $violations, $complaint) = split /\|/, $answers[$i], 3;
		$raised++ if $errors;
		$told++ if $violations;
		push @bad, "$mutations[$i][1]\n    $complaint" if $complaint;
	}
	is(scalar @bad, 0,
		"BALANCE_SEED=$seed: of $#answers mutations $raised raised, and verify() told of $told")
	  or diag join "\n", grep defined, @bad[ 0 .. 9 ];
	cmp_ok($raised, '>', 30, "BALANCE_SEED=$seed: enough of them raise");
	cmp_ok($told, '<', scalar @answers, "BALANCE_SEED=$seed: and some do no harm");
}

$node->stop;
done_testing();
