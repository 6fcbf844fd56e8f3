# Random ledgers: every row of the report views and every document of the whole
# book against the customer's own documents, and against plain SQL, which is in
# reference/.  Each is also asked of a ledger of views, over tables with ids of
# other types.  BALANCE_SEED and BALANCE_LEDGERS are as in 001_differential.pl.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RandomLedger;
use Test::More;

my $first_seed = $ENV{BALANCE_SEED} || time;
my $ledgers = $ENV{BALANCE_LEDGERS} || 8;
my $figures = 0;
my %compared;

my $node = PostgreSQL::Test::Cluster->new('reports');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\n");    # the queries look expensive
$node->start;
my ($citext) = $node->psql('postgres', 'CREATE EXTENSION citext') == 0;
$node->safe_psql('postgres', join '', 'CREATE EXTENSION balance;',
	map { slurp_file("$FindBin::RealBin/reference/$_.sql") }
	  qw(common customer_balance invoice_summary ageing vcu_balance reports));

my @reports = map { "report_$_" } qw(customer_balance invoice_summary ageing vcu_balance
	customer_credits metrics);

$node->safe_psql('postgres', <<'SQL');
-- what tells a row of a report from the others
CREATE FUNCTION label(report text, r jsonb) RETURNS text IMMUTABLE LANGUAGE sql AS $$
SELECT concat_ws(' ', report, r ->> 'customer_id', r ->> 'currency', r ->> 'kind', r ->> 'state',
	r ->> 'bucket', r ->> 'metric')
$$;

CREATE FUNCTION with_metrics(report text, r jsonb) RETURNS TABLE (a_report text, a_row jsonb)
LANGUAGE sql AS $$
SELECT report, r UNION ALL SELECT 'report_metrics', reference.metrics(report, r)
$$;

CREATE FUNCTION is_empty(document jsonb) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$
SELECT '[]' = coalesce(document -> 'summaries', document -> 'balancesByCurrency', document)
$$;

-- the rows of a relation that fulfil a condition
CREATE FUNCTION rows_where(relation text, condition text) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT to_jsonb(r) FROM %s r WHERE %s', relation, condition);
END $$;

-- an error's SQLSTATE, or fine
CREATE FUNCTION outcome(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT count(q::text) FROM (%s) q', query);
	RETURN 'fine';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SQL

# A part of a script: two queries for (label, object) are compared, as rows of
# single values in their text, so to the last digit.  The first row of the
# answer is the number of values.
sub comparison
{
	my ($title, $expected, $found) = @_;
	return <<"SQL";
\\echo --- $title
WITH expected AS MATERIALIZED (SELECT label, path, value::text FROM ($expected) q(label, object),
	reference.flatten(object)),
found AS MATERIALIZED (SELECT label, path, value::text FROM ($found) q(label, object),
	reference.flatten(object)),
missing AS (TABLE expected EXCEPT ALL TABLE found),
surplus AS (TABLE found EXCEPT ALL TABLE expected)
SELECT count(*)::text FROM expected
UNION ALL
(SELECT format('%s, %s: expected %s, found %s', label, path, m.value, s.value)
FROM missing m FULL JOIN surplus s USING (label, path) ORDER BY label, path LIMIT 10);
SQL
}

# Runs a script of comparisons, each of which is a test.
sub compare
{
	my ($label, $script) = @_;
	my (undef, @answers) = split /^--- (.*)\n/m, $node->safe_psql('postgres', $script) . "\n";
	ok(@answers > 0, "$label: compared");
	while (my ($title, $answer) = splice @answers, 0, 2)
	{
		my ($count, @differences) = split /\n/, $answer;
		$figures += $count;
		$compared{$title} += $count;
		is(@differences, 0, "$label: $title")
		  or diag join "\n", "of $count figures these differ:", @differences;
	}
}

# Reports are as of now, in the session's zone: so some invoices become due
# around the bounds of ageing's ranges, and of the days.
sub due_around_now
{
	my ($type) = @_;
	my $day = 'current_date'
	  . ' - (ARRAY[-40, -1, 0, 0, 1, 2, 29, 30, 31, 59, 60, 61, 89, 90, 91, 4000])'
	  . '[1 + floor(16 * random())]::int';
	my $past = "(ARRAY['0', '1us', '-1us', '12h'])[1 + floor(4 * random())]::interval";
	my $due = $type eq 'date' ? $day
	  : "CASE WHEN random() < 0.2 THEN now() - $past
	  	ELSE ($day)::timestamp AT TIME ZONE current_setting('TimeZone') - $past END";
	return "UPDATE invoice SET due_date = $due WHERE random() < 0.8;\n";
}

# Zones of a session, in turn; at any time the day of one of the outer ones is not UTC's.
my @zones = qw(UTC Pacific/Kiritimati Etc/GMT+12 Asia/Kathmandu Europe/Berlin America/New_York);

# Ways that ids are spelled in a ledger of views: those of customers in each
# relation that has them, and those of invoices.
my $uuid = 'md5(%s)::uuid';
my $bigint = 'hashtextextended(%s, 0)';
my $varchar = '%s::varchar(90)';
my $any_case = '(CASE WHEN random() < 0.5 THEN upper(%1$s) ELSE lower(%1$s) END)::citext';
my %kinds = (
	uuid => { id => $uuid },
	bigint => { id => $bigint },
	varchar => { id => $varchar },
	citext => { id => $any_case, customer => '%s::citext', fold => 'lower' },
	mixed => { id => $uuid, invoice => 'md5(%s)::uuid::text',
		deposit => 'md5(%s)::uuid::varchar(40)', vcu_order => 'md5(%s)::uuid::text' },
	# one customer in several spellings; report views show an id as the rows have it, so only the
	# book is compared
	spellings => { id => $uuid,
		map { ($_ => 'CASE WHEN random() < 0.5 THEN upper(md5(%1$s)::uuid::text)
			ELSE md5(%1$s)::uuid::text END') } qw(invoice deposit vcu_invoice) },
	# somebody whom the ledger does not know has no id at all
	null => { id => 'nullif(hashtextextended(%1$s, 0),
		(SELECT hashtextextended(customer_id, 0) FROM somebody))' },
	# the ledger does not say who its customers are
	unsaid => { id => $bigint });
my @kinds = sort grep { $_ ne 'citext' || $citext } keys %kinds;

# What the ledger of views has beside the customer's id.
my %columns = (
	customer => 'wb_customer_id, customer_name, default_currency',
	invoice => 'no AS invoice_id, currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_date',
	deposit => 'deposit_id, currency, status, amount',
	vcu_invoice => 'vcu_invoice_id, currency, status, units, created_at, paid_at',
	vcu_order => 'vcu_order_id, currency, status, units, pay_with_balance, created_at',
	credit_memo => 'credit_memo_id, business_id, status, currency, amount, amount_applied,
		issue_date, created_at, updated_at, reason');

# A ledger of views of that kind over tables of its own, which have the rows of
# the plain ledger.  Its customer relation knows all but one.
sub views
{
	my ($name, $kind) = @_;
	my %kind = %{ $kinds{$kind} };
	my $spelled = sub { my ($relation, $column) = @_;
		return sprintf $kind{$relation} // $kind{id}, $column; };
	my $invoice_id = sprintf $kind eq 'null' ? $bigint : $kind{id}, 'invoice_id';
	my $script = "CREATE TEMP TABLE somebody AS SELECT customer_id FROM customer
		ORDER BY random() LIMIT 1;\nCREATE SCHEMA $name;\nCREATE SCHEMA tables;\n";
	for my $relation (sort keys %columns)
	{
		my $no = $relation eq 'invoice' ? ", $invoice_id AS no" : '';
		$script .= "CREATE TABLE tables.$relation AS SELECT *,
			@{[ $spelled->($relation, 'customer_id') ]} AS whose$no FROM $relation;
			CREATE INDEX ON tables.$relation (whose);\n";
		$script .= "CREATE INDEX ON tables.$relation (upper(currency COLLATE \"C\"));\n"
		  if $relation ne 'customer';
		$script .= "CREATE VIEW $name.$relation WITH (security_invoker) AS
			SELECT whose AS customer_id, $columns{$relation} FROM tables.$relation;\n"
		  unless $relation eq 'customer' && $kind eq 'unsaid';
	}
	$script .= "DELETE FROM tables.customer
		WHERE customer_id = (SELECT customer_id FROM somebody);\n";
	$script .= <<"SQL";
CREATE TABLE tables.line AS SELECT *, $invoice_id AS no FROM invoice_line_item;
CREATE INDEX ON tables.line (no);
CREATE VIEW $name.invoice_line_item WITH (security_invoker) AS SELECT no AS invoice_id, price_type,
	amount FROM tables.line;
SELECT FROM balance.create_report_views('$name');
DROP TABLE whose;
SQL
	my ($known, $unnamed) = $kind eq 'unsaid' ? ('true', 'true')
	  : ('c.customer_id <> s.customer_id', 'customer_id = (SELECT customer_id FROM somebody)');
	my $id = $spelled->('customer', 'c.customer_id');
	$script .= <<"SQL";
CREATE TEMP TABLE whose AS SELECT c.customer_id, $known AS known, ($id)::text AS spelled
FROM customer c, somebody s;
UPDATE customer SET wb_customer_id = NULL, customer_name = NULL, default_currency = NULL
WHERE $unnamed;
SQL
	return $script;
}

# Everything that is asked of a ledger.  The plain one has the same rows, and
# is first in search_path; the table whose tells how customers are spelled.
sub questions
{
	my ($plain, $ledger, $fold, $empties, $only_book) = @_;
	my $in_plain = sub { return "replace(($_[0])::text, '\"$ledger\"', '\"$plain\"')::jsonb"; };
	# a document with the customer's id as the plain ledger has it
	my $document = sub {
		return $in_plain->(
			"replace(($_[0])::text, to_jsonb(w.spelled)::text, to_jsonb(w.customer_id)::text)");
	};
	my $is_customer = "whose w ON $fold(w.spelled) IS NOT DISTINCT FROM $fold(q.customer_id::text)";
	my $known = 'whose w WHERE known';
	my $id = 'w.spelled';

	my $script = '';
	# the whole book: calls, what they are in plain SQL, and for one customer
	my @books = ([ 'customer_balances(', 'customer_balance()', "customer_balance($id, " ]);
	for my $as_of ([ undef, undef ], RandomLedger::pick(@RandomLedger::as_of))
	{
		my $instant = defined $as_of->[0] ? "'$as_of->[0]'::timestamptz" : 'now()';
		my $zone = defined $as_of->[1] ? "'$as_of->[1]'" : "current_setting('TimeZone')";
		push @books,
			[ "invoice_summaries(as_of => $instant, zone => $zone, ",
			"invoice_summary($instant, $zone)", "invoice_summary($id, $instant, $zone, " ];
	}
	for my $period ([ undef, undef, undef ], [ RandomLedger::period() ])
	{
		my (undef, $start, $end) = map { RandomLedger::quote($_) } @$period;
		push @books,
			[ "vcu_balances($start, $end, ", "vcu_balance($start, $end)",
			"vcu_balance($id, $start, $end, " ];
	}
	my (@in_sql, @one_by_one, @at_once);
	for my $book (@books)
	{
		my ($call, $reference, $single) = @$book;
		for my $include_empty (0, 1)
		{
			my $label = RandomLedger::quote("$call$include_empty) of ");
			my $flag = $include_empty ? 'true' : 'false';
			my $listed = $include_empty && $empties ? 'known' : 'known AND NOT is_empty(document)';
			push @in_sql,
				"SELECT $label || customer_id, document FROM reference.$reference
				JOIN whose USING (customer_id) WHERE $listed";
			push @one_by_one,
				"SELECT $label || w.customer_id, @{[ $document->('document') ]} FROM whose w,
				balance.$single'$ledger') document WHERE $listed";
			push @at_once,
				"SELECT $label || coalesce(w.customer_id, q.customer_id, 'null'),
				@{[ $document->('document') ]} FROM balance.${call}ledger => '$ledger',
				include_empty => $flag) q LEFT JOIN $is_customer";
		}
	}
	$script .= 'CREATE TEMP TABLE book (label, document) AS '
	  . join(' UNION ALL ', @at_once) . ";\n";
	# a document finds an id as it is spelled, which plain SQL over the plain ledger does not know
	$script .= comparison('the whole book in plain SQL', join(' UNION ALL ', @in_sql), 'TABLE book')
	  unless $only_book;
	$script .= comparison("the whole book from single documents", join(' UNION ALL ', @one_by_one),
		'TABLE book');

	# in the order of their ids, as they are spelled, where they owe the same
	my ($instant, $zone) = @{ RandomLedger::pick(@RandomLedger::as_of) };
	my $calls = "(SELECT currency FROM invoice UNION SELECT 'chf') c(asked),
		unnest('{0,1,2,1000}'::int[]) n";
	my $top = sub {
		my ($summaries) = @_;
		return "SELECT concat_ws(' ', asked, n, i), r FROM $calls,
			(SELECT array_agg(jsonb_set(r, '{customer_id}', to_jsonb(spelled))) FROM $summaries)
			s(summaries), reference.top_debtors(summaries, asked, n) WITH ORDINALITY t(r, i)
			UNION ALL SELECT asked, '{}' FROM $calls";
	};
	my $debtors = "SELECT concat_ws(' ', asked, n, ordinality), to_jsonb(d) FROM $calls,
		LATERAL (SELECT to_jsonb(d), row_number() OVER ()
		FROM balance.top_debtors(asked, n, '$instant', '$zone', '$ledger') d) q(d, ordinality)
		UNION ALL SELECT asked, '{}' FROM $calls";
	$script .= comparison('top debtors in plain SQL',
		$top->("whose JOIN reference.invoice_summary('$instant', '$zone') USING (customer_id),
			reference.summary_rows(document) r WHERE known"), $debtors) unless $only_book;
	$script .= comparison('top debtors from single documents',
		$top->("whose,
			reference.summary_rows(balance.invoice_summary(spelled, '$instant', '$zone', '$ledger'))
			r WHERE known"), $debtors);

	return $script if $only_book;

	# the views' rows, as they are and with the plain ledger's ids
	$script .= "CREATE TEMP TABLE shown (report text, r jsonb);\n";
	$script .= <<"SQL" for @reports;
CREATE TEMP TABLE copy_of_$_ AS SELECT * FROM $ledger.$_;
INSERT INTO shown SELECT '$_',
	@{[ $in_plain->("to_jsonb(q)
		|| jsonb_build_object('customer_id', coalesce(w.customer_id, q.customer_id::text))") ]}
FROM copy_of_$_ q LEFT JOIN $is_customer;
SQL

	$script .= "CREATE TEMP TABLE in_sql AS SELECT m.*
		FROM reference.reports(now(), current_setting('TimeZone')) e,
		with_metrics(e.report, e.r) m(report, r);\n";
	$script .= comparison('report views in plain SQL', 'SELECT label(report, r), r FROM in_sql',
		'SELECT label(report, r), r FROM shown');

	# documents as the views of the whole book have them
	for my $book ([ 'book_customer_balance', 'customer_balances' ],
		[ 'book_invoice_summary', 'invoice_summaries' ])
	{
		my ($view, $function) = @$book;
		$script .= comparison("$view is what $function() lists",
			"SELECT customer_id, document FROM balance.$function(ledger => '$ledger')",
			"SELECT document #>> CASE '$view' WHEN 'book_customer_balance' THEN '{0,customer_id}'
				ELSE '{customer_id}' END::text[], document FROM $ledger.$view");
	}

	# documents as rows; they have no ageing, and credits only one currency at a time
	my $shown_too = q{r ->> 'customer_id' IN (SELECT customer_id FROM whose WHERE known)
		AND report <> 'report_ageing' AND coalesce(r ->> 'metric', '') !~ '^ageing'};
	$script .= <<"SQL";
CREATE TEMP TABLE documented AS
SELECT m.* FROM (
	SELECT 'report_customer_balance',
		reference.balance_rows(@{[ $document->("balance.customer_balance($id, '$ledger')") ]})
	FROM $known
	UNION ALL
	SELECT 'report_invoice_summary',
		reference.summary_rows(
		@{[ $document->("balance.invoice_summary($id, ledger => '$ledger')") ]}) FROM $known
	UNION ALL
	SELECT 'report_vcu_balance',
		reference.unit_rows(w.customer_id, balance.vcu_balance($id, ledger => '$ledger'))
	FROM $known
	UNION ALL
	SELECT 'report_customer_credits',
		jsonb_build_object('customer_id', w.customer_id, 'currency', currency, 'minor_unit',
		reference.minor_unit(currency),
		'customer_name', d -> 'customer_name', 'total_credits_available',
			d -> 'total_credits_available',
		'total_credits_available_dollars', (d ->> 'total_credits_available_dollars')::numeric,
			'credit_memos_count', d -> 'credit_memos_count')
	FROM whose w, (SELECT DISTINCT upper(currency) FROM credit_memo) c(currency),
		balance.customer_credits($id, currency => currency, ledger => '$ledger') d
	WHERE known AND d -> 'credit_memos_count' <> '0'
) d(report, r), with_metrics(d.report, d.r) m(report, r);
SQL
	# what has no memo with something left, documents do not tell from what has no memo
	my $no_credits = q{SELECT r -> 'customer_id', r -> 'currency' FROM shown
		WHERE r -> 'credit_memos_count' = '0'};
	$script .= comparison(
		"report views from single documents",
		'SELECT label(report, r), r FROM documented',
		"SELECT label(report, r), r FROM shown WHERE $shown_too
			AND NOT (concat(report, r ->> 'metric') ~ 'credits|credit_memos'
			AND (r -> 'customer_id', r -> 'currency') IN ($no_credits))");
	$script .= comparison(
		'ageing adds up to what is unpaid and overdue',
		q{SELECT label('', r),
			jsonb_build_array(trim_scale((r ->> 'total_unpaid_amount')::numeric),
			r -> 'unpaid_invoice_count', trim_scale((r ->> 'total_overdue_amount')::numeric),
			r -> 'overdue_invoice_count') FROM documented WHERE report = 'report_invoice_summary'},
		<<"SQL");
SELECT label('', r - '{bucket}'::text[]),
	jsonb_build_array(trim_scale(sum(amount)), sum(n),
	trim_scale(coalesce(sum(amount) FILTER (WHERE past_due), 0)),
	coalesce(sum(n) FILTER (WHERE past_due), 0))
FROM shown,
	LATERAL (SELECT (r ->> 'amount')::numeric AS amount, (r ->> 'count')::int AS n,
	r -> 'from_days' <> 'null' AS past_due) v
WHERE report = 'report_ageing' AND r ->> 'customer_id' IN (SELECT customer_id FROM whose
	WHERE known) GROUP BY 1
SQL

	# conditions are the same in the view as behind it
	$script .= <<"SQL";
CREATE TEMP TABLE condition AS
WITH person AS (SELECT format('customer_id = %L', spelled) AS is_someone FROM whose
	WHERE spelled IS NOT NULL ORDER BY random() LIMIT 3),
money AS (SELECT format('currency = %L', currency) AS is_some
	FROM (SELECT DISTINCT currency FROM copy_of_report_metrics) c ORDER BY random() LIMIT 3)
TABLE person UNION ALL TABLE money
UNION ALL SELECT is_someone || ' AND ' || is_some FROM person, money
UNION ALL SELECT string_agg(is_someone, ' OR ') FROM person
UNION ALL SELECT is_someone || ' OR ' || is_some || ' AND minor_unit = 2' FROM person, money
UNION ALL
	SELECT
	unnest(ARRAY['customer_id IS NULL', 'currency IN (''EUR'', ''JPY'')', 'currency = ''usd''',
	'currency > ''GBP'' AND length(customer_id::text) > 5', 'currency IS NULL']);
SQL
	# of an id that is spelled in several ways, any may show
	my $row = $fold
		? "LATERAL (SELECT jsonb_set(s, '{customer_id}', to_jsonb($fold(s ->> 'customer_id'))))
		o(r)" : 'LATERAL (SELECT s) o(r)';
	$script .= comparison('conditions on report views',
		join(' UNION ALL ',
			map { "SELECT '$_ where ' || c, to_jsonb(string_agg(r::text, '' ORDER BY r::text))
			FROM condition t(c), rows_where('copy_of_$_', c) s, $row GROUP BY c" } @reports),
		join(' UNION ALL ',
			map { "SELECT '$_ where ' || c, to_jsonb(string_agg(r::text, '' ORDER BY r::text))
			FROM condition t(c), rows_where('$ledger.$_', c) s, $row GROUP BY c" } @reports));
	return $script;
}

# The rows of positions in all currencies, at any time and for any bounds.
sub rows_of_positions
{
	my ($instant, $zone) = @{ RandomLedger::pick(@RandomLedger::as_of) };
	my $at = "'$instant', '$zone'";
	my %bound = map { (RandomLedger::pick(1, 2, 3, 30, 31, 365, 2000, 1 + int rand 100) => 1) }
	  0 .. int rand 5;
	my $bounds = "'{" . join(',', sort { $a <=> $b } keys %bound) . "}'";
	my $invoices = 'balance.tally_invoices(currency, invoice_status, payment_status,
		total, amount_due, amount_remaining, due_date)';
	my $name = "rows of positions at $instant in $zone, ageing by $bounds";
	return <<'SQL' . comparison($name, <<"EXPECTED", <<"FOUND");
CREATE TEMP TABLE position AS
SELECT customer_id, balance.merge(p) AS p FROM (
	SELECT customer_id,
		balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_date) FROM invoice GROUP BY 1
	UNION ALL
	SELECT invoice.customer_id, balance.tally_charges(currency, price_type, amount) FROM invoice
		JOIN invoice_line_item USING (invoice_id)
	WHERE balance.invoice_class(invoice_status, payment_status) IN ('draft', 'open') GROUP BY 1
	UNION ALL
	SELECT customer_id, balance.tally_deposits(currency, status, amount) FROM deposit GROUP BY 1
	UNION ALL
	SELECT customer_id, balance.tally_unit_invoices(currency, status, units)
	FROM vcu_invoice GROUP BY 1
	UNION ALL
	SELECT customer_id, balance.tally_unit_orders(currency, status, pay_with_balance, units)
	FROM vcu_order GROUP BY 1
	UNION ALL
	SELECT customer_id, balance.tally_credit_memos(currency, status, amount, amount_applied)
		FILTER (WHERE amount > amount_applied) FROM credit_memo GROUP BY 1
) q(customer_id, p) GROUP BY customer_id;
SQL
SELECT label('balance_rows', r), r - 'wb_customer_id' FROM reference.customer_balance(),
	reference.balance_rows(document) r
UNION ALL
SELECT label('invoice_rows', r), r FROM reference.invoice_summary($at),
	reference.summary_rows(document) r
UNION ALL
SELECT label('unit_rows', r), r FROM reference.vcu_balance(NULL, '2999-12-31') b,
	reference.unit_rows(b.customer_id, document) r
UNION ALL
SELECT label('credit_rows', r), r - 'customer_name' FROM reference.credit_rows() r
WHERE r -> 'credit_memos_count' <> '0'
UNION ALL
SELECT label('ageing', r), r - 'minor_unit' FROM reference.ageing($at, $bounds) a,
	reference.ageing_rows(a.customer_id, document) r
EXPECTED
SELECT label(rows, r), r FROM position, LATERAL (
	SELECT 'balance_rows', to_jsonb(b) FROM balance.balance_rows(p) b
	UNION ALL
	SELECT 'invoice_rows', to_jsonb(i) FROM balance.invoice_rows(p, $at) i
	UNION ALL
	SELECT 'unit_rows', to_jsonb(u) FROM balance.unit_rows(p) u
	UNION ALL
	SELECT 'credit_rows', to_jsonb(c) FROM balance.credit_rows(p) c WHERE credit_memos_count <> 0
	UNION ALL
	SELECT 'ageing', to_jsonb(a) FROM balance.ageing(p, $at, $bounds) a
) f(rows, f), LATERAL (SELECT f || jsonb_build_object('customer_id', customer_id)) o(r)
FOUND
}

for my $seed ($first_seed .. $first_seed + $ledgers - 1)
{
	my $due_type = $seed % 2 ? 'date' : 'timestamptz';
	my $plain = "ledger_$seed";
	my $kind = $kinds[ $seed % @kinds ];
	$node->safe_psql('postgres',
		RandomLedger::sql(seed => $seed, name => $plain, due_type => $due_type));
	# one transaction, as now is when it began
	my $script = <<"SQL";
SET TimeZone = '$zones[ $seed % @zones ]';
SET search_path = $plain, public;
SET balance.ledger = '$plain';
SET enable_seqscan = @{[ RandomLedger::pick('on', 'off') ]};
BEGIN;
SELECT FROM setseed($seed % 1000 / 1000.0);
@{[ due_around_now($due_type) ]}
CREATE TEMP TABLE whose AS SELECT customer_id, true AS known, customer_id AS spelled FROM customer;
SQL
	# many owe the same
	$script .= <<'SQL' if $seed % 3 == 0;
UPDATE invoice SET amount_remaining = 0;
UPDATE invoice SET amount_remaining = 1 + floor(2 * random()), invoice_status = NULL,
	payment_status = 'failed', currency = 'Usd', due_date = '2024-03-01'
WHERE invoice_id IN (SELECT min(invoice_id) FROM invoice GROUP BY customer_id);
SQL
	compare("BALANCE_SEED=$seed BALANCE_LEDGERS=1", $script . questions($plain, $plain, '', 1)
		. rows_of_positions());
	compare("BALANCE_SEED=$seed BALANCE_LEDGERS=1, $kind ids",
		$script . views("${kind}_$seed", $kind)
		  . questions($plain, "${kind}_$seed", $kinds{$kind}{fold} // '', $kind ne 'unsaid',
			$kind eq 'spellings'));
}
# One bad row at a time, in a ledger without the checks of an ordinary one: what
# each report and function says to it, and that the reports still show the rows
# of others to who asks for these only.
my %row = (
	invoice => { invoice_id => 'bad', currency => 'usd', invoice_status => 'open', total => 1,
		amount_due => 1, amount_remaining => 1 },
	invoice_line_item => { invoice_id => 'bad', amount => 1 },
	deposit => { deposit_id => 'bad', currency => 'usd', status => 'held', amount => 1 },
	vcu_invoice => { vcu_invoice_id => 'bad', currency => 'usd', status => 'paid', units => 1,
		created_at => '2024-01-01' },
	vcu_order => { vcu_order_id => 'bad', currency => 'usd', status => 'issued', units => 1,
		created_at => '2024-01-01' },
	credit_memo => { credit_memo_id => 'bad', currency => 'usd', status => 'issued', amount => 1,
		amount_applied => 0,
		issue_date => '2024-01-01', created_at => '2024-01-01', updated_at => '2024-01-01',
			reason => 'other', business_id => 'b' });
my %asked = (
	customer_balance => [ 'unchecked.report_customer_balance', 'balance.customer_balances()',
		"balance.customer_balance('bad')" ],
	invoice_summary => [ 'unchecked.report_invoice_summary', 'balance.invoice_summaries()',
		"balance.invoice_summary('bad')" ],
	ageing => ['unchecked.report_ageing'],
	vcu_balance => [ 'unchecked.report_vcu_balance', 'balance.vcu_balances()',
		"balance.vcu_balance('bad')" ],
	customer_credits => [ 'unchecked.report_customer_credits', "balance.customer_credits('bad')" ],
	top_debtors => ["balance.top_debtors('usd', 1)"]);
my $rows_of_good =
	"SELECT relation, r
	FROM unnest('{@{[ join ',', map { qq{unchecked.$_} } @reports ]}}'::text[]) relation,
	rows_where(relation, \$\$customer_id = 'good'\$\$) r";

my $good_rows;

sub insert_row
{
	my ($relation, %change) = @_;
	my %new = (%{ $row{$relation} }, %change);
	my @names = sort keys %new;
	return "INSERT INTO unchecked.$relation
		(" . join(', ', @names) .
		') VALUES (' . join(', ', map { RandomLedger::quote($new{$_}) } @names) . ");\n";
}

# The row that differs in some values from a good one, and what is asked with
# the error that it gets; the rest gets none.
sub bad_row
{
	my ($relation, $change, %state) = @_;
	my $name = join ', ', "a bad row of $relation",
		map { "$_ " . ($change->{$_} // 'null') } sort keys %$change;
	my (@queries, @expected);
	for my $asked (sort keys %asked)
	{
		push @queries, @{ $asked{$asked} };
		push @expected, map { $state{$asked} // 'fine' } @{ $asked{$asked} };
	}
	push @queries, 'unchecked.report_metrics';
	# no more than one error of the reports at a time
	delete $state{top_debtors};
	push @expected, (values %state)[0] // 'fine';

	my $script = "SET search_path = unchecked, public;
		SET balance.ledger = 'unchecked';\nBEGIN;\n";
	my @owner = $relation eq 'invoice_line_item' ? () : (customer_id => 'bad');
	$script .= insert_row('invoice', customer_id => 'bad',
		invoice_status => delete $change->{invoice_status}) unless @owner;
	$script .= insert_row($relation, @owner, %$change);
	$script .= "SELECT outcome(" . RandomLedger::quote("SELECT q FROM $_ q") . ");\n" for @queries;
	$script .= "SELECT count(*) FROM ($rows_of_good) q;
		SELECT count(*) FROM ($rows_of_good EXCEPT ALL TABLE unchecked.good) q;\n";
	my @found = split /\n/, $node->safe_psql('postgres', $script);
	my ($n, $others) = splice @found, -2;
	is_deeply([ map { "$queries[$_]: $found[$_]" } 0 .. $#found ],
		[ map { "$queries[$_]: $expected[$_]" } 0 .. $#queries ], $name);
	ok($n == $good_rows && $others == 0, '... and all rows of another customer, unchanged');
}

$node->safe_psql('postgres', join '', "CREATE SCHEMA unchecked;\n",
	(map { "CREATE TABLE unchecked.$_ AS TABLE ledger_$first_seed.$_ WITH NO DATA;\n" }
		'customer', keys %row),
	"INSERT INTO unchecked.customer VALUES ('good'), ('bad');
		SELECT FROM balance.create_report_views('unchecked');\n",
	(map { insert_row($_, /line/ ? () : (customer_id => 'good'),
		/^invoice/ ? (invoice_id => 'good') : ()) } keys %row),
	"CREATE TABLE unchecked.good (relation, r) AS $rows_of_good;\n");
$good_rows = $node->safe_psql('postgres', 'SELECT count(*) FROM unchecked.good');
cmp_ok($good_rows, '>', 2 * @reports, 'rows of a good customer');

my @of_invoices = qw(customer_balance invoice_summary ageing);
my $in = sub { my ($state, @names) = @_; return map { ($_ => $state) } @names; };
bad_row('invoice', { currency => undef }, $in->('22004', @of_invoices));
bad_row('invoice', { currency => 'zzz' }, $in->('22023', @of_invoices));
bad_row('invoice', { currency => ' usd' }, $in->('22023', @of_invoices));
bad_row('invoice', { invoice_status => 'lost' }, $in->('22023', @of_invoices, 'top_debtors'));
bad_row('invoice', { invoice_status => 'void', payment_status => 'lost' },
	$in->('22023', @of_invoices, 'top_debtors'));
bad_row('invoice', { total => undef }, customer_balance => '22004');
bad_row('invoice',
	{ invoice_status => 'void', total => undef, amount_due => undef, amount_remaining => undef });
bad_row('invoice', { amount_due => undef }, $in->('22004', 'invoice_summary', 'top_debtors'));
bad_row('invoice', { amount_due => undef, invoice_status => 'paid' },
	$in->('22004', 'invoice_summary', 'top_debtors'));
bad_row('invoice', { amount_remaining => undef },
	$in->('22004', 'invoice_summary', 'ageing', 'top_debtors'));
bad_row('invoice', { amount_remaining => undef, invoice_status => 'paid' });
bad_row('invoice', { total => 'NaN' }, $in->('22003', @of_invoices, 'top_debtors'));
bad_row('invoice', { amount_remaining => 'Infinity' },
	$in->('22003', 'invoice_summary', 'ageing', 'top_debtors'));
bad_row('invoice_line_item', { invoice_status => 'open', amount => undef },
	invoice_summary => '22004');
bad_row('invoice_line_item', { invoice_status => 'draft', amount => 'NaN' },
	invoice_summary => '22003');
bad_row('invoice_line_item', { invoice_status => 'paid', amount => undef });
bad_row('deposit', { amount => undef }, customer_balance => '22004');
bad_row('deposit', { amount => '-Infinity' }, customer_balance => '22003');
bad_row('deposit', { status => undef }, customer_balance => '22004');
bad_row('deposit', { currency => 'zzz' }, customer_balance => '22023');
bad_row('vcu_invoice', { units => undef }, vcu_balance => '22004');
bad_row('vcu_invoice', { units => undef, status => 'cancelled' });
bad_row('vcu_invoice', { units => undef, created_at => '2999-01-01' });
bad_row('vcu_invoice', { created_at => undef }, vcu_balance => '22004');
bad_row('vcu_invoice', { status => 'lost' }, vcu_balance => '22023');
bad_row('vcu_invoice', { currency => undef }, vcu_balance => '22004');
bad_row('vcu_order', { units => 'NaN' }, vcu_balance => '22003');
bad_row('vcu_order', { units => undef }, vcu_balance => '22004');
bad_row('vcu_order', { units => undef, status => 'billed' });
bad_row('vcu_order', { created_at => undef }, vcu_balance => '22004');
bad_row('vcu_order', { status => 'lost' }, vcu_balance => '22023');
bad_row('credit_memo', { amount => undef }, customer_credits => '22004');
bad_row('credit_memo', { amount_applied => undef }, customer_credits => '22004');
bad_row('credit_memo', { amount => undef, status => 'void' });
bad_row('credit_memo', { status => 'lost' }, customer_credits => '22023');
bad_row('credit_memo', { currency => 'zzz' }, customer_credits => '22023');

# one ledger may be without an invoice
ok($compared{$_} > 0 || $ledgers == 1, "figures of: $_") for sort keys %compared;
cmp_ok($figures, '>', 1000 * $ledgers, 'figures compared');
note "$figures figures compared";

$node->stop;
done_testing();
