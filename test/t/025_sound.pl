# Ledgers at random, in which anything may be wrong.  verify() asks of each row first whether it
# certainly breaks no rule (breaks_no_rule, in C), and puts only the others to its rules, in SQL:
# with a function that never is certain, the same is found.  And it is found by the same queries in
# a session with another zone and style of dates, as a cluster's workers have.  The environment may
# give BALANCE_SEED, as a failure prints it, and BALANCE_LEDGERS, how many.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $first_seed = $ENV{BALANCE_SEED} || 1 + time % 100_000;
my $ledgers = $ENV{BALANCE_LEDGERS} || 6;

my $node = PostgreSQL::Test::Cluster->new('sound');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION balance;
SELECT balance.create_ledger('clean');
-- One of the first, nearly always, or else of the second, in which NULL is one, too.
CREATE FUNCTION pick(good text[], bad text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE list text[] = CASE WHEN random() < 0.96 THEN good ELSE bad END;
BEGIN
	RETURN list[1 + floor(random() * cardinality(list))];
END $$;
CREATE FUNCTION word(good text[]) RETURNS text LANGUAGE sql AS
$$SELECT pick(good, '{NULL,"",shipped,Partially-Paid,partly paid,void,written_off,paid,refunded,
	uncollectible}')$$;
CREATE FUNCTION code() RETURNS text LANGUAGE sql AS
$$SELECT pick('{usd,USD,eur,jpy,kwd}', '{NULL,hrk,HRK,xau,zzz,"",us,ITL,clf}')$$;
CREATE FUNCTION number(good text[]) RETURNS numeric LANGUAGE sql AS
$$SELECT pick(good, '{NULL,NaN,Infinity,-Infinity,-1,0,0.001,0.0000000001,1e20,123456789012.34,
	1e-16000,9.9e131071,-9.9e131071,92233720368.54,-5}')::numeric$$;
CREATE FUNCTION units(good text[]) RETURNS bigint LANGUAGE sql AS
$$SELECT pick(good, '{NULL,-1,0,99,9223372036854775807,-9223372036854775808,150}')::bigint$$;
CREATE FUNCTION day(good text[]) RETURNS date LANGUAGE sql AS
$$SELECT pick(good, '{NULL,infinity,-infinity,0001-12-31 BC,4714-11-24 BC,0001-01-01,9999-12-31,
	10000-01-01,5874897-12-31,2023-02-01,2025-12-31}')::date$$;
CREATE FUNCTION instant(good text[]) RETURNS timestamptz LANGUAGE sql AS
$$SELECT pick(good, '{NULL,infinity,-infinity,0001-12-31 23:59:59.9Z BC,4714-11-24 00:00Z BC,
	0001-01-01Z,9999-12-31 23:59:59.999999Z,10000-01-01Z,294276-12-31 23:59:59Z,2023-02-01Z,
	2023-01-31 18:00Z,2026-01-01 12:30Z}')::timestamptz$$;
CREATE FUNCTION object() RETURNS text LANGUAGE sql AS
$$SELECT pick('{NULL,"{}","{\"a\": 1}"}', '{[],1,"\"x\"",null,"{\"a\": 1e9}"}')$$;

-- Tables like those of create_ledger(), in which anything can be wrong.
CREATE FUNCTION make_loose(due text, memo_lines text, minor boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	r record;
	name text;
BEGIN
	CREATE SCHEMA loose;
	FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'clean'::regnamespace
		AND relkind = 'r' LOOP
		EXECUTE format('CREATE TABLE loose.%I (LIKE clean.%I)', name, name);
		FOR r IN SELECT attname FROM pg_attribute WHERE attnum > 0 AND attnotnull
			AND attrelid = ('loose.' || name)::regclass AND attidentity = '' LOOP
			EXECUTE format('ALTER TABLE loose.%I ALTER %I DROP NOT NULL', name, r.attname);
		END LOOP;
	END LOOP;
	ALTER TABLE loose.invoice_line_item DROP line_item_id;
	EXECUTE 'ALTER TABLE loose.invoice ALTER due_date TYPE ' || due;
	EXECUTE 'ALTER TABLE loose.credit_memo ALTER line_items TYPE ' || memo_lines || ' USING NULL';
	IF minor THEN
		ALTER TABLE loose.invoice RENAME amount_remaining TO amount_remaining_minor;
		ALTER TABLE loose.invoice ALTER amount_remaining_minor TYPE bigint;
		ALTER TABLE loose.payment RENAME amount TO amount_minor;
		ALTER TABLE loose.payment ALTER amount_minor TYPE bigint;
		ALTER TABLE loose.invoice_line_item RENAME amount TO amount_minor;
		ALTER TABLE loose.invoice_line_item ALTER amount_minor TYPE bigint;
	END IF;
END $$;

CREATE FUNCTION fill_loose(minor boolean, payments boolean) RETURNS void
LANGUAGE plpgsql SET search_path = loose, public, pg_temp AS $$
DECLARE
	remaining text = CASE WHEN minor THEN 'units(ARRAY[0,500,1000,600]::text[])'
		ELSE 'number(ARRAY[0,5,10,6]::text[])' END;
	amount text = CASE WHEN minor THEN 'units(ARRAY[400,500]::text[])'
		ELSE 'number(ARRAY[4,5]::text[])' END;
BEGIN
	INSERT INTO customer SELECT 'c' || n, 'w', 'b', 'N', CASE n % 3 WHEN 0 THEN code() END
	FROM generate_series(1, 20) AS n;
	EXECUTE 'INSERT INTO invoice SELECT pick(ARRAY[''i'' || n], ''{NULL,i0,I1}''),
		pick(ARRAY[''c'' || n % 20 + 1], ''{NULL,nobody,c1,C1}''), code(),
		word(''{open,paid,draft,void,sent,Past Due}''),
		word(''{NULL,NULL,NULL,pending,succeeded}''), CASE n % 2 WHEN 0 THEN ''N'' || n / 4 END,
		number(''{10,10.00}''), number(''{10}''), ' || remaining || ',
		' || CASE WHEN (SELECT atttypid = 'date'::regtype FROM pg_attribute
			WHERE attrelid = 'invoice'::regclass AND attname = 'due_date')
			THEN 'day(''{2026-01-31,2026-01-01,2026-01-02,NULL}'')'
			ELSE 'instant(''{2026-01-31Z,2026-01-01 12:00Z,NULL}'')' END || ',
		instant(''{2026-01-01 12:00Z,2026-01-01 23:00Z,2025-12-31 11:00Z,NULL}''),
		instant(''{2026-01-01 12:00Z,NULL}''), instant(''{2026-01-05Z,NULL}'')
	FROM generate_series(1, 400) AS n';
	EXECUTE 'INSERT INTO invoice_line_item SELECT pick(ARRAY[''i'' || n], ''{NULL,i0,nowhere}''),
		word(''{usage,seat}''), ' || amount || ' FROM generate_series(1, 200) AS n';
	INSERT INTO deposit SELECT pick(ARRAY['d' || n], '{NULL,d1}'),
		pick(ARRAY['c' || n % 20 + 1], '{NULL,nobody}'), code(), word('{held}'), number('{5,0.1}')
	FROM generate_series(1, 100) AS n;
	INSERT INTO vcu_invoice SELECT pick(ARRAY['v' || n], '{NULL,v1}'),
		pick(ARRAY['c' || n % 20 + 1], '{NULL,nobody}'), code(), word('{paid,pending}'),
		number('{5,0.1}'), instant('{2026-01-01Z}'), instant('{NULL,2026-01-01Z}')
	FROM generate_series(1, 150) AS n;
	INSERT INTO vcu_order SELECT pick(ARRAY['o' || n], '{NULL,o1}'),
		pick(ARRAY['c' || n % 20 + 1], '{NULL,nobody}'), code(), word('{issued,billed}'),
		number('{5,0.1}'), n % 2 = 0, instant('{2026-01-01Z}') FROM generate_series(1, 150) AS n;
	EXECUTE 'INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency,
		amount, amount_applied, issue_date, created_at, updated_at, reason, invoice_id,
		applied_date, voided_at, line_items, expires_at, amount_refunded)
	SELECT pick(ARRAY[''m'' || n], ''{NULL,m0,M1}''), ''b'',
		pick(ARRAY[''c'' || n % 20 + 1], ''{NULL,nobody}''), pick(
			''{issued,partially_applied,fully_applied,void,draft}'', ''{NULL,paid,""}''), code(),
		units(''{150,100,200}''), units(''{150,0,50,200}''), day(''{2026-01-01}''),
		instant(''{2026-01-01Z}''), instant(''{2026-01-01Z}''), pick(''{r}'', ''{NULL}''),
		pick(ARRAY[''i'' || n, NULL], ''{nowhere}''), instant(''{NULL,2026-01-01Z}''),
		instant(''{NULL}''), object()::' || (SELECT format_type(atttypid, NULL) FROM pg_attribute
			WHERE attrelid = 'credit_memo'::regclass AND attname = 'line_items') || ',
		instant(''{NULL,2027-01-01Z}''), units(''{NULL,0,50}'') FROM generate_series(1, 300) AS n';
	INSERT INTO credit_memo_application (application_id, credit_memo_id, invoice_id,
		amount_applied, applied_at, reversed_at)
	SELECT pick(ARRAY['a' || n], '{NULL,a1}'), pick(ARRAY['m' || n % 220], '{NULL,nomemo}'),
		pick(ARRAY['i' || n % 220], '{NULL,nowhere}'), units('{50,100,500}'),
		instant('{2026-01-06Z}'), instant('{NULL,NULL,NULL,2026-01-07Z}')
	FROM generate_series(1, 300) AS n;
	EXECUTE 'INSERT INTO payment SELECT pick(ARRAY[''p'' || n], ''{NULL,p1}''),
		pick(ARRAY[''c'' || n % 20 + 1], ''{NULL,nobody}''), code(), ' || amount || ',
		instant(''{2026-01-03Z}''), pick(''{NULL,succeeded,paid}'', ''{failed,"",zzz}''),
		pick(ARRAY[''i'' || n, NULL], ''{nowhere}'') FROM generate_series(1, 300) AS n
	WHERE ' || payments;
	INSERT INTO exchange_rate SELECT code(), code(), day('{2026-01-01}'), number('{2,0.5}')
	FROM generate_series(1, 30) AS n;
END $$;

-- Without copies of what others refer to, which an index then vouches for.
CREATE PROCEDURE make_unique() LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
	FOREACH name IN ARRAY '{customer,invoice,credit_memo}'::text[] LOOP
		EXECUTE format('DELETE FROM loose.%1$I AS a USING loose.%1$I AS b
			WHERE a.%1$s_id = b.%1$s_id AND a.ctid > b.ctid', name);
		EXECUTE format('ALTER TABLE loose.%1$I ADD UNIQUE (%1$s_id)', name);
	END LOOP;
END $$;
SQL

# What is found with the function and without it: what stands in for it is NULL where nothing is
# replayed.
my $find = q{SELECT v.* FROM balance.verify('loose') AS v
	UNION ALL SELECT 'of ' || c || v.rule, v.relation, v.id, v.expected, v.found
	FROM (SELECT c FROM unnest('{c1,c2,c7,C1,nobody}'::text[]) AS c
		WHERE c IN (SELECT customer_id FROM loose.invoice)) AS asked,
		balance.verify('loose', c) AS v};
my $never = q{CREATE OR REPLACE FUNCTION balance.breaks_no_rule(relation text, zone text,
	names text[], VARIADIC shown "any") RETURNS boolean AS 'pg_last_xact_replay_timestamp'
	LANGUAGE internal IMMUTABLE COST 20 PARALLEL SAFE};

# The queries that verify() runs, as one, with their parameters as values.
sub composed
{
	my ($log) = @_;
	my @queries;

	my $query = qr/SELECT (?:v\.rule|').*?/s;
	my $logged = qr/LOG:  query over ledger "loose": ($query)(?=^(?:psql\S+ )?(?:DETAIL|LOG):|\z)/m;

	while ($log =~ /$logged(?:DETAIL:  Parameters: (.*?)\.$)?/gms)
	{
		my ($sql, %values) = ($1, map { split / = /, $_, 2 } split /, (?=\$)/, $2 // '');

		$sql =~ s/(\$\d+)\b/$values{$1}/g;
		push @queries, "SELECT q.* FROM ($sql) AS q(rule, relation, id, expected, found)";
	}
	return join ' UNION ALL ', @queries;
}

my %rules;
for my $seed ($first_seed .. $first_seed + $ledgers - 1)
{
	my ($due, $json) = $seed % 2 ? ('timestamptz', 'json') : ('date', 'jsonb');
	my ($minor, $payments) = map { $_ ? 'true' : 'false' } $seed % 3 == 0, $seed % 4 != 0;
	my $zone = (qw(UTC Pacific/Kiritimati Etc/GMT+12 America/Sao_Paulo))[ $seed % 4 ];
	my $unique = $seed % 5 < 2 ? 'CALL make_unique();' : '';
	my $out = $node->safe_psql('postgres', <<"SQL");
SET client_min_messages = warning;
SET TimeZone = '$zone';
SELECT setseed(@{[ $seed % 10_000 / 10_000 ]});
SELECT make_loose('$due', '$json', $minor);
SELECT fill_loose($minor, $payments);
$unique
ANALYZE;
CREATE TEMP TABLE found AS $find;
BEGIN;
$never;
CREATE TEMP TABLE without AS $find;
SELECT 'lost', * FROM (TABLE without EXCEPT ALL TABLE found) AS l;
SELECT 'more', * FROM (TABLE found EXCEPT ALL TABLE without) AS m;
SELECT DISTINCT 'rule', rule FROM found WHERE rule NOT LIKE 'of %';
ROLLBACK;
SQL
	my (undef, undef, $log) = $node->psql('postgres', "SET TimeZone = '$zone';
		SET balance.log_queries = on; SET client_min_messages = log;
		SELECT count(*) FROM balance.verify('loose')");
	my $queries = composed($log);
	is($node->safe_psql('postgres', <<"SQL"), '', "BALANCE_SEED=$seed: ... and in another zone");
SET TimeZone = '$zone';
CREATE TEMP TABLE here AS SELECT * FROM balance.verify('loose');
SET TimeZone = 'America/Havana';
SET DateStyle = 'German';
CREATE TEMP TABLE there AS $queries;
SELECT 'here', * FROM (TABLE here EXCEPT ALL TABLE there) AS h;
SELECT 'there', * FROM (TABLE there EXCEPT ALL TABLE here) AS t;
DROP SCHEMA loose CASCADE;
SQL
	my @lines = grep { !/^\s*\|?\s*$/ } split /\n/, $out;
	$rules{$1}++ while $out =~ /^rule\|(\w+)$/mg;
	is(join("\n", grep { /^(lost|more)/ } @lines), '',
		"BALANCE_SEED=$seed: the same is found as without the function");
}
cmp_ok(scalar keys %rules, '>=', 38, 'of these rules: ' . join ', ', sort keys %rules);

$node->stop;
done_testing();
