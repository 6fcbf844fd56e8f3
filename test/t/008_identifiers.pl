# Identifiers: a ledger for every pair of types that customers and rows may have
# theirs in.  Documents, the whole book, report views, items(), top_debtors() and
# verify() are held against plain SQL and against each other: the right figures,
# or 21000 where two customers cannot be told apart, or 42804.
# BALANCE_IDENTIFIERS=all takes domains over all types on both sides as well.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('identifiers');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\nclient_min_messages = warning\n");
$node->start;

my $has_icu = $node->safe_psql('postgres',
	q{SELECT count(*) > 0 FROM pg_collation WHERE collprovider = 'i'}) eq 't';
my $has_citext = $node->safe_psql('postgres',
	q{SELECT count(*) > 0 FROM pg_available_extensions WHERE name = 'citext'}) eq 't';
my @labels = ('cust_1', 'CUST_1', 'cust_1 ', 'Cust_2', 'x' x 63, '1', '1.0',
	'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
my @values = (
	@labels, 'x' x 64, '01', '-3', '70000', '5000000000',
	'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc999c0b4ef8bb6d6bb9bd380a11',
		'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');

# Name, type, collation, and how it compares: exact (by its text), uuid, or by
# rules of its own, under which texts that differ are equal.
my @types = (
	[ 'text', 'text', '', 'exact' ],
	[ 'text_posix', 'text', 'COLLATE "POSIX"', 'exact' ],
	[ 'varchar', 'varchar(70)', 'COLLATE "C"', 'exact' ],
	[ 'char', 'char(70)', '', 'exact' ],
	[ 'name', 'name', '', 'exact' ],
	[ 'enum', 'base.label', '', 'exact' ],
	[ 'uuid', 'uuid', '', 'uuid' ],
	[ 'int2', 'int2', '', 'exact' ],
	[ 'int4', 'int4', '', 'exact' ],
	[ 'int8', 'int8', '', 'exact' ],
	[ 'numeric', 'numeric', '', 'exact' ],
	[ 'numeric_2', 'numeric(12,2)', '', 'exact' ],
	($has_citext ? [ 'citext', 'odd.citext', '', 'citext' ] : ()),
	($has_icu ?
		([ 'text_icu', 'text', 'COLLATE "und-x-icu"', 'exact' ],
			[ 'text_any_case', 'text', 'COLLATE base.any_case', 'any_case' ],
			[ 'char_any_case', 'char(70)', 'COLLATE base.any_case', 'char_any_case' ]) : ()));

my $literals = join ', ', map { "'$_'" } @values;
my $enum = join ', ', map { "'$_'" } @labels;
my $type_rows = join ', ', map { sprintf "('%s', '%s', '%s', '%s')", @$_ } @types;
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION balance;
CREATE SCHEMA odd;
@{[ $has_citext ? 'CREATE EXTENSION citext SCHEMA odd;' : '' ]}
CREATE SCHEMA base;
ALTER DATABASE postgres SET search_path = public, odd;
CREATE TYPE base.label AS ENUM ($enum);
@{[ $has_icu
	? q{CREATE COLLATION base.any_case (provider = icu, locale = 'und-u-ks-level2',
	deterministic = false);} : '' ]}
CREATE TABLE base.kind (name text, type text, collated text, compares text);
INSERT INTO base.kind VALUES $type_rows;
SQL

# Of each type and of a domain over it: ids that stand by themselves (k_) and
# rows that refer to them (r_), whose amounts tell them from each other.
$node->safe_psql('postgres', <<"SQL");
CREATE FUNCTION base.is_a(value text, type text) RETURNS boolean LANGUAGE plpgsql AS \$\$
BEGIN
	EXECUTE format('SELECT CAST(%L AS %s)', value, type);
	RETURN type <> 'name' OR octet_length(value) < 64;
EXCEPTION WHEN data_exception THEN RETURN false;
END \$\$;
DO \$\$
DECLARE
	kind record;
	value text;
	n int;
BEGIN
	FOR kind IN SELECT * FROM base.kind LOOP
		EXECUTE format('CREATE DOMAIN base.d_%s AS %s %s', kind.name, kind.type, kind.collated);
		EXECUTE format('CREATE TABLE base.k_%s (id %s %s PRIMARY KEY)', kind.name, kind.type,
			kind.collated);
		EXECUTE format('CREATE TABLE base.r_%s (id %s %s, amount numeric)', kind.name, kind.type,
			kind.collated);
		n := 0;
		FOREACH value IN ARRAY ARRAY[$literals] LOOP
			n := n + 1;
			CONTINUE WHEN NOT base.is_a(value, kind.type);
			EXECUTE format('INSERT INTO base.k_%s VALUES (CAST(%L AS %s)) ON CONFLICT DO NOTHING',
				kind.name, value, kind.type);
			EXECUTE format('INSERT INTO base.r_%s VALUES (CAST(%L AS %s), %s)', kind.name, value,
				kind.type, 2 ^ n);
		END LOOP;
		EXECUTE format('CREATE INDEX ON base.r_%s (id)', kind.name);
		EXECUTE format('CREATE VIEW base.kd_%s AS SELECT id::base.d_%s AS id FROM base.k_%s',
			kind.name, kind.name, kind.name);
		EXECUTE
			format('CREATE VIEW base.rd_%s AS SELECT id::base.d_%s AS id, amount FROM base.r_%s',
			kind.name, kind.name, kind.name);
	END LOOP;
END \$\$;
INSERT INTO base.kind SELECT 'd_' || name, 'base.d_' || name, '', compares FROM base.kind;

CREATE FUNCTION base.relation(prefix text, kind text) RETURNS text LANGUAGE sql AS \$\$
SELECT 'base.' || prefix || CASE WHEN kind LIKE 'd\\_%' THEN kind ELSE '_' || kind END \$\$;

-- an id of a kind as text, by which it is the same everywhere
CREATE FUNCTION base.plain(id text, kind text) RETURNS text LANGUAGE sql AS \$\$
SELECT format(CASE WHEN kind ~ 'numeric' THEN 'trim_scale(%s)::text COLLATE "C"'
	ELSE '%s::text COLLATE "C"' END, id) \$\$;
-- the uuid that a text spells in one of the usual ways
CREATE FUNCTION base.usual_uuid(value text) RETURNS uuid LANGUAGE sql AS \$\$
SELECT CASE WHEN value COLLATE "C" ~ '^([0-9a-f-]+|[0-9A-F-]+)\$'
	AND length(replace(value, '-', '')) = 32 THEN value::uuid END \$\$;
SQL

# What is expected: for each id that stands by itself, the sum of the rows that
# refer to it, and whether another such id has one of these rows, too.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION base.expect(k text, r text)
RETURNS TABLE (id text, plain text, amount numeric, ambiguous boolean) LANGUAGE plpgsql AS $$
DECLARE
	r_compares text := (SELECT compares FROM base.kind WHERE name = r);
	same boolean := (SELECT count(DISTINCT compares) = 1 FROM base.kind WHERE name IN (k, r));
	r_type text := (SELECT type FROM base.kind WHERE name = r);
	k_plain text := base.plain('k.id', k);
	belongs text;
BEGIN
	belongs := CASE
		WHEN r_compares = 'exact' THEN format('%s = %s', base.plain('r.id', r), k_plain)
		WHEN r_compares = 'uuid' AND NOT same THEN format('r.id = base.usual_uuid(%s)', k_plain)
		WHEN same THEN 'r.id = k.id'
		ELSE format('r.id = CAST(%s AS %s) %s', k_plain, r_type,
			CASE WHEN r_compares LIKE '%any_case' THEN 'COLLATE base.any_case' END) END;
	RETURN QUERY EXECUTE format($q$
		WITH pair AS (SELECT k.id::text AS k, r.amount FROM %s k JOIN %s r ON %s),
		shared AS (SELECT p.amount FROM pair p GROUP BY 1 HAVING count(*) > 1)
		SELECT k.id::text, %s, COALESCE(sum(p.amount), 0),
			COALESCE(bool_or(p.amount IN (SELECT * FROM shared)), false)
		FROM %s k LEFT JOIN pair p ON p.k COLLATE "C" = k.id::text COLLATE "C" GROUP BY k.id$q$,
		base.relation('k', k), base.relation('r', r), belongs, k_plain, base.relation('k', k));
END $$;

-- the answer of a query, or its error
CREATE FUNCTION base.answer(query text, VARIADIC arguments text[] DEFAULT '{}')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE query INTO result USING arguments[1], arguments[2];
	RETURN COALESCE(result, '0');
EXCEPTION WHEN cardinality_violation OR datatype_mismatch THEN RETURN SQLSTATE;
END $$;

CREATE FUNCTION base.told(what text, found text, expected text)
RETURNS SETOF text LANGUAGE sql AS $$
SELECT format('%s: %s instead of %s', what, found, expected)
WHERE found IS DISTINCT FROM expected $$;

-- a ledger with customers of type c, invoices of type i and deposits of type d
CREATE FUNCTION base.check_customers(c text, i text, d text, sample int)
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	one record;
	any_ambiguous boolean;
	figures text;
	found text;
	n int := 0;
	view_type text;
BEGIN
	DROP SCHEMA IF EXISTS pair CASCADE;
	CREATE SCHEMA pair;
	EXECUTE format('CREATE VIEW pair.customer AS SELECT id AS customer_id, ''w'' AS wb_customer_id
		FROM %s', base.relation('k', c));
	EXECUTE format('CREATE VIEW pair.invoice AS SELECT amount AS invoice_id, id AS customer_id,
		''usd''::char(9) AS currency, ''open''::char(20) AS invoice_status, amount AS total,
		amount AS amount_due, amount AS amount_remaining FROM %s', base.relation('r', i));
	EXECUTE format('CREATE VIEW pair.deposit AS SELECT 1 AS deposit_id, id AS customer_id,
		''usd''::char(3) AS currency, ''in''::char(20) AS status, amount FROM %s',
		base.relation('r', d));
	PERFORM balance.create_report_views('pair');
	view_type := (SELECT format_type(atttypid, atttypmod) FROM pg_attribute
		WHERE attrelid = 'pair.report_customer_balance'::regclass AND attname = 'customer_id');
	IF view_type = 'character(1)' THEN RETURN NEXT 'the view has ids of type char(1)'; END IF;
	CREATE TEMP TABLE expected ON COMMIT DROP AS
	SELECT x.id, x.plain, x.amount AS invoices, y.amount AS deposits, x.ambiguous AS no_invoices,
		y.ambiguous AS no_deposits
	FROM base.expect(c, i) x JOIN base.expect(c, d) y USING (id);
	SELECT bool_or(no_invoices OR no_deposits) FROM expected INTO any_ambiguous;

	FOR one IN SELECT * FROM expected LOOP
		n := n + 1;
		figures := one.invoices || ' ' || one.deposits;
		IF one.no_invoices OR one.no_deposits THEN figures := '21000'; END IF;
		-- what is alike but has no rows may be an error, too
		found := base.answer($q$SELECT COALESCE(b #>> '{0,total_invoices_ready_for_payment}',
			'0')::numeric::int || ' ' || COALESCE(b #>> '{0,deposits,in,total}', '0')::numeric::int
			FROM balance.customer_balance($1, 'pair') b$q$, one.id);
		IF NOT (found = '21000' AND (one.invoices = 0 OR one.deposits = 0)) THEN
			RETURN QUERY SELECT base.told('document of ' || one.id, found, figures);
		END IF;
		CONTINUE WHEN n % 3 <> sample % 3;
		found := base.answer($q$SELECT sum(amount)::int
			FROM balance.items($1, 'invoices.ready_for_payment', 'usd', ledger => 'pair')$q$,
			one.id);
		IF NOT (found = '21000' AND one.invoices = 0) THEN
			RETURN QUERY
			SELECT base.told('items of ' || one.id, found, CASE WHEN one.no_invoices THEN '21000'
				ELSE one.invoices::text END);
		END IF;
		found := base.answer($q$SELECT sum(amount)::int
			FROM balance.items($1, 'deposits.in', 'usd', ledger => 'pair')$q$, one.id);
		IF NOT (found = '21000' AND one.deposits = 0) THEN
			RETURN QUERY SELECT base.told('items (deposits) of ' || one.id, found,
				CASE WHEN one.no_deposits THEN '21000' ELSE one.deposits::text END);
		END IF;
		RETURN QUERY SELECT base.told('verify of ' || one.id,
			(SELECT bool_or(rule = 'ambiguous_id')::text FROM balance.verify('pair', one.id) v
				WHERE v.id = one.id), 'true')
		WHERE figures = '21000';
		-- a report view asked for the customer, in the view's own type
		CONTINUE WHEN any_ambiguous OR NOT base.is_a(one.id, view_type)
			OR (view_type !~ 'citext' AND
			base.answer(format('SELECT %s = $2',
				base.plain(format('CAST($1 AS %s)', view_type), view_type)), one.id,
				one.plain) = 'false');
		RETURN QUERY SELECT base.told('view of ' || one.id, base.answer(
			format($q$SELECT COALESCE(sum(total) FILTER (WHERE kind = 'invoices'), 0)::int || ' '
			|| COALESCE(sum(total) FILTER (WHERE kind = 'deposits'), 0)::int
			FROM pair.report_customer_balance
			WHERE customer_id = CAST($1 AS %s)$q$, view_type), one.id), figures);
	END LOOP;

	RETURN QUERY SELECT base.told('book', base.answer($q$SELECT
		string_agg(customer_id || ' ' ||
		COALESCE(document #>> '{0,total_invoices_ready_for_payment}', '0')::numeric::int || ' '
		|| COALESCE(document #>> '{0,deposits,in,total}', '0')::numeric::int, ','
		ORDER BY customer_id COLLATE "C") FROM balance.customer_balances(ledger => 'pair')$q$),
		CASE WHEN any_ambiguous THEN '21000'
			ELSE
			(SELECT
			COALESCE(string_agg(x.id || ' ' || invoices || ' ' || deposits, ','
			ORDER BY x.id COLLATE "C"), '0') FROM expected x WHERE invoices + deposits > 0) END);
	RETURN QUERY SELECT base.told('debtors',
		base.answer($q$SELECT string_agg(customer_id || ' ' || total_unpaid_amount::int, ','
		ORDER BY customer_id COLLATE "C")
		FROM balance.top_debtors('usd', 100, ledger => 'pair')$q$),
		CASE WHEN (SELECT bool_or(no_invoices) FROM expected) THEN '21000'
			ELSE
			(SELECT COALESCE(string_agg(x.id || ' ' || invoices, ',' ORDER BY x.id COLLATE "C"),
			'0') FROM expected x WHERE invoices > 0) END);
	-- nothing is lost in a view: rows of nobody are there as well
	RETURN QUERY SELECT base.told('view', base.answer('SELECT sum(total)::int || max(wb_customer_id)
		FROM pair.report_customer_balance'),
		CASE WHEN any_ambiguous THEN '21000'
			ELSE
			base.answer('SELECT
			((SELECT sum(total) FROM pair.invoice) + (SELECT sum(amount) FROM pair.deposit))::int
			|| CASE WHEN (SELECT sum(invoices + deposits) FROM expected) > 0 THEN ''w''
			ELSE ''pair'' END') END);
	RETURN QUERY SELECT base.check_book_view();
	RETURN QUERY SELECT base.told('metrics',
		base.answer($q$SELECT sum(value)::int FROM pair.report_metrics
		WHERE metric = 'invoices.ready_for_payment.total' AND customer_id IS NOT NULL$q$),
		(SELECT sum(total)::int::text FROM pair.invoice)) WHERE NOT any_ambiguous;
	RETURN QUERY SELECT base.told('verify',
		(SELECT count(DISTINCT id)::text FROM balance.verify('pair')
		WHERE rule = 'ambiguous_id' AND relation = 'customer'), 'ids')
	WHERE any_ambiguous AND NOT EXISTS (SELECT FROM balance.verify('pair')
		WHERE rule = 'ambiguous_id');
	DROP TABLE expected;
END $$;

-- the view of the whole book has what the function lists
CREATE FUNCTION base.check_book_view() RETURNS SETOF text LANGUAGE sql AS $$
SELECT base.told('book as a view', base.answer('SELECT string_agg(document::text, '','' ORDER BY
	document::text COLLATE "C") FROM pair.book_customer_balance'),
	base.answer('SELECT string_agg(document::text, '','' ORDER BY document::text COLLATE "C")
	FROM balance.customer_balances(ledger => ''pair'')'))
$$;

-- invoices and memos whose ids are of type k, lines and applications of type r
CREATE FUNCTION base.check_references(k text, r text, with_views boolean)
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	any_ambiguous boolean;
	expected text;
BEGIN
	DROP SCHEMA IF EXISTS pair CASCADE;
	CREATE SCHEMA pair;
	EXECUTE format('CREATE VIEW pair.invoice AS SELECT id AS invoice_id, ''x''::text AS customer_id,
		''usd''::char(3) AS currency, ''open'' AS invoice_status, 1 AS total, 1 AS amount_due,
		1 AS amount_remaining FROM %s', base.relation('k', k));
	EXECUTE format('CREATE VIEW pair.invoice_line_item AS SELECT id AS invoice_id, amount FROM %s',
		base.relation('r', r));
	EXECUTE
		format('CREATE VIEW pair.credit_memo AS SELECT id AS credit_memo_id, ''b'' AS business_id,
		''x''::text AS customer_id, ''issued''::char(20) AS status, ''usd''::char(3) AS currency,
		1000000 AS amount, 0 AS amount_applied, date ''2026-01-01'' AS issue_date,
		now() AS created_at, now() AS updated_at, ''r''::char(9) AS reason FROM %s',
		base.relation('k', k));
	EXECUTE format('CREATE VIEW pair.credit_memo_application AS SELECT 1 AS application_id,
		id AS credit_memo_id, id AS invoice_id, amount::int8 AS amount_applied, now() AS applied_at
		FROM %s', base.relation('r', r));
	SELECT COALESCE(bool_or(ambiguous), false), COALESCE(sum(amount), 0)::int
	FROM base.expect(k, r) INTO any_ambiguous, expected;
	IF any_ambiguous THEN expected := '21000'; END IF;
	RETURN QUERY SELECT base.told('document',
		base.answer($q$SELECT (s ->> 'unpaid_fixed_charges')::numeric::int
		FROM balance.invoice_summary('x', ledger => 'pair') b,
		jsonb_array_elements(b -> 'summaries') s$q$), expected);
	RETURN QUERY SELECT base.told('book',
		base.answer($q$SELECT (s ->> 'unpaid_fixed_charges')::numeric::int
		FROM balance.invoice_summaries(ledger => 'pair') b,
		jsonb_array_elements(b.document -> 'summaries') s$q$), expected);
	IF with_views THEN
		PERFORM balance.create_report_views('pair');
		RETURN QUERY SELECT base.told('view',
			base.answer('SELECT unpaid_fixed_charges::int FROM pair.report_invoice_summary
			WHERE customer_id = ''x'''), expected);
	END IF;
	RETURN QUERY SELECT base.told('items', base.answer($q$SELECT sum(amount)::int
		FROM balance.items('x', 'unpaid_fixed_charges', 'usd', ledger => 'pair')$q$), expected);
	RETURN QUERY SELECT base.told('applications',
		base.answer($q$SELECT sum((a ->> 'amount_applied')::numeric)::int
		FROM balance.customer_credits('x', ledger => 'pair') b,
		jsonb_array_elements(b -> 'credit_memos') m,
		jsonb_array_elements(m -> 'applications') a$q$), expected);
	RETURN QUERY SELECT base.told('items (applications)', base.answer($q$SELECT sum(amount)::int
		FROM balance.items('x', 'credit_memos.applications.amount_applied', 'usd',
		ledger => 'pair')$q$), expected);
	RETURN QUERY SELECT base.told('verify', string_agg(DISTINCT relation, ',' ORDER BY relation),
		'credit_memo,invoice') FROM balance.verify('pair', 'x') WHERE rule = 'ambiguous_id'
	HAVING any_ambiguous;
END $$;

-- a ledger that does not say who its customers are: figures are those of the
-- rows of that spelling, or all of them are refused
CREATE FUNCTION base.check_unknown(i text, d text, with_views boolean)
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	one record;
	book text;
BEGIN
	DROP SCHEMA IF EXISTS pair CASCADE;
	CREATE SCHEMA pair;
	EXECUTE format('CREATE VIEW pair.invoice AS SELECT amount AS invoice_id, id AS customer_id,
		''usd'' AS currency, ''open'' AS invoice_status, amount AS total, amount AS amount_due,
		amount AS amount_remaining, now() - interval ''1 day'' AS issued_at FROM %s',
		base.relation('r', i));
	EXECUTE format('CREATE VIEW pair.deposit AS SELECT 1 AS deposit_id, id AS customer_id,
		''usd'' AS currency, ''in'' AS status, amount FROM %s', base.relation('r', d));
	book := base.answer($q$SELECT sum((document #>> '{0,total_invoices_ready_for_payment}')::numeric
		+ COALESCE((document #>> '{0,deposits,in,total}')::numeric, 0))::int
		FROM balance.customer_balances(ledger => 'pair')$q$);
	IF book = '42804' THEN
		RETURN QUERY SELECT base.told('document',
			base.answer($q$SELECT balance.customer_balance('cust_1', 'pair')::text$q$), '42804');
		RETURN QUERY SELECT base.told('positions', base.answer($q$SELECT count(*)::text
			FROM balance.positions_at(now(), 'UTC', 'pair')$q$), '42804');
		RETURN QUERY SELECT base.told('roll-forward', base.answer($q$SELECT count(*)::text
			FROM balance.customer_roll_forwards('2000-01-01', current_date, ledger => 'pair')$q$),
			'42804');
		RETURN QUERY SELECT base.told('view',
			base.answer($q$SELECT 'made' FROM balance.create_report_views('pair') LIMIT 1$q$),
			'42804');
		RETURN QUERY SELECT base.told('finding',
			(SELECT max(severity) FROM balance.check_ledger('pair')
			WHERE message ~ 'no relation customer'), 'error');
		RETURN;
	END IF;
	RETURN QUERY SELECT base.told('book', book, base.answer('SELECT
		((SELECT sum(total) FROM pair.invoice) + (SELECT sum(amount) FROM pair.deposit))::int'));
	-- what was so at an instant has the customers of the book, each once
	RETURN QUERY SELECT base.told('positions', (SELECT string_agg(COALESCE(p.customer_id,
			b.customer_id), ',') FROM balance.positions_at(now(), 'UTC', 'pair') p
		FULL JOIN balance.customer_balances(ledger => 'pair') b USING (customer_id)
		WHERE balance.to_customer_balance(p.position, 'pair', p.customer_id)
			IS DISTINCT FROM b.document), NULL);
	RETURN QUERY SELECT base.told('roll-forward', (SELECT string_agg(COALESCE(p.customer_id,
			r.customer_id), ',') FROM (SELECT p.customer_id, i.total_unpaid_amount AS unpaid
			FROM balance.all_invoices_at(now() - interval '1 hour', 'pair') p,
				balance.invoice_rows(p.position, now(), 'UTC') i) p
		FULL JOIN balance.customer_roll_forwards('2000-01-01', current_date + 1, ledger => 'pair') r
			USING (customer_id) WHERE unpaid IS DISTINCT FROM closing), NULL);
	IF with_views THEN
		PERFORM balance.create_report_views('pair');
		RETURN QUERY SELECT base.told('view',
			base.answer('SELECT sum(total)::int FROM pair.report_customer_balance'), book);
		RETURN QUERY SELECT base.check_book_view();
	END IF;
	FOR one IN SELECT * FROM balance.customer_balances(ledger => 'pair') LOOP
		RETURN QUERY SELECT base.told('document of ' || one.customer_id,
			balance.customer_balance(one.customer_id, 'pair')::text, one.document::text);
	END LOOP;
END $$;
SQL

# All checks of some pairs in one session, each in a transaction of its own
sub complaints
{
	my $failures = '';
	my @calls = @_;
	my $script = join '',
		map { my ($label, $call) = @$_; "SELECT '$label: ' || f FROM base.$call f;\n" } @calls;
	my ($status, $output, $errors) = $node->psql('postgres', $script, on_error_stop => 0);
	return grep { $_ ne '' } split /\n/, "$output\n$errors";
}

my @names = map { $_->[0] } @types;
my $n = @names;
my (@customers, @references, @unknown);
for my $x (0 .. $n - 1)
{
	for my $y (0 .. $n - 1)
	{
		# which of the two are domains
		for my $domains ($ENV{BALANCE_IDENTIFIERS} ? (0 .. 3) : ($x + $y) % 4)
		{
			my $k = ($domains & 1 ? 'd_' : '') . $names[$x];
			my $r = ($domains & 2 ? 'd_' : '') . $names[$y];
			my $third = ($domains & 1 ? '' : 'd_') . $names[ (3 * $x + 5 * $y + 1) % $n ];
			push @customers,
				[ "customers $k, invoices $r, deposits $third",
				"check_customers('$k', '$r', '$third', $x)" ];
			# making the views takes the longest
			my $with_views = $ENV{BALANCE_IDENTIFIERS} || ($x + 2 * $y) % 4 == 0 ? 'true' : 'false';
			push @references,
				[ "ids $k, references $r", "check_references('$k', '$r', $with_views)" ];
			push @unknown, [ "invoices $k, deposits $r", "check_unknown('$k', '$r', $with_views)" ];
		}
	}
}
for (
	[ 'customers', \@customers ],
	[ 'line items and applications', \@references ],
	[ 'ledgers that do not know their customers', \@unknown ])
{
	my ($title, $calls) = @$_;
	my @complaints = complaints(@$calls);
	ok(@$calls >= $n * $n && !@complaints, scalar(@$calls) . " pairs of types: $title")
	  or diag join "\n", scalar(@complaints) . ' complaints', grep defined, @complaints[ 0 .. 29 ];
}

# Kinds of ids that are refused, or that only tables have
SKIP:
{
	skip 'no ICU', 3 unless $has_icu;
	$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA refused;
CREATE TABLE refused.customer (customer_id text COLLATE base.any_case PRIMARY KEY);
CREATE TABLE refused.deposit (deposit_id int, customer_id name COLLATE base.any_case, currency text,
	status text, amount numeric);
INSERT INTO refused.customer VALUES ('cust_1');
SQL
	my $document = q{SELECT balance.customer_balance('CUST_1', 'refused')};
	my (undef, undef, $error) = $node->psql('postgres', $document);
	like($error, qr/is of type name with the nondeterministic collation "any_case"/,
		'name under a nondeterministic collation is refused');
	is($node->safe_psql('postgres',
		q{SELECT severity, "column" FROM balance.check_ledger('refused')
		WHERE message ~ 'collation'}), 'error|customer_id', 'check_ledger() says so');

	# two collations under which ids of different spelling are one: that of the reference decides
	is($node->safe_psql('postgres', <<'SQL'), "7.00\ncust_1|7.00\n3", 'two such collations');
CREATE COLLATION refused.any_accent (provider = icu, locale = 'und-u-ks-level1',
	deterministic = false);
ALTER TABLE refused.deposit ALTER customer_id TYPE text COLLATE refused.any_accent;
INSERT INTO refused.deposit VALUES (1, 'cust_1', 'usd', 'in', 1), (2, 'CUST_1', 'usd', 'in', 2),
	(3, 'cúst_1', 'usd', 'in', 4);
SELECT balance.customer_balance('CUST_1', 'refused') #>> '{0,deposits,in,total}';
SELECT customer_id, document #>> '{0,deposits,in,total}'
FROM balance.customer_balances(ledger => 'refused');
SELECT count(*) FROM balance.items('Cust_1', 'deposits.in', 'usd', ledger => 'refused');
TRUNCATE refused.deposit;
SQL

	# a name of a collation is in the query that is kept
	is( $node->safe_psql('postgres', <<"SQL"), "1.00\n1.00", 'a collation may be renamed');
ALTER TABLE refused.deposit ALTER customer_id TYPE text COLLATE "C";
INSERT INTO refused.deposit VALUES (1, 'cust_1', 'usd', 'in', 1), (2, 'CUST_1', 'usd', 'in', 2);
CREATE COLLATION refused.mine (locale = 'C');
ALTER TABLE refused.deposit ALTER customer_id TYPE text COLLATE refused.mine;
$document #>> '{0,deposits,in,total}';
ALTER COLLATION refused.mine RENAME TO yours;
-- all plans are to be parsed anew
CREATE FOREIGN DATA WRAPPER some_wrapper;
CREATE SERVER some_server FOREIGN DATA WRAPPER some_wrapper;
$document #>> '{0,deposits,in,total}';
SQL
}

$node->stop;
done_testing();
