# The owner of a database, who is no superuser, installs the extension and uses
# all of it; so does a user who was given nothing but a ledger to read.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('trusted');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE owner LOGIN; CREATE ROLE reader LOGIN;
	CREATE DATABASE owned OWNER owner');

my ($status, $err);

# The last line of what a user's SQL prints.
sub run_as
{
	my ($user, $sql) = @_;
	my $out = $node->safe_psql('owned', $sql, extra_params => [ '-U', $user ]);
	return (split /\n/, $out)[-1] // '';
}

is(run_as('owner', q{CREATE EXTENSION balance; SELECT balance.create_ledger('billing')}), 'billing',
	'a database owner installs it and makes a ledger');
is($node->safe_psql('owned',
	q{SELECT DISTINCT prosecdef FROM pg_proc WHERE pronamespace = 'balance'::regnamespace}), 'f',
	'nothing in it runs with the rights of its installer');
run_as('owner', q{INSERT INTO billing.customer VALUES ('c', 'Wb');
	INSERT INTO billing.deposit VALUES ('d', 'c', 'eur', 'held', 5);
	GRANT USAGE ON SCHEMA billing TO reader;
		GRANT SELECT ON ALL TABLES IN SCHEMA billing TO reader});
like(run_as('reader', q{SELECT balance.customer_balance('c')}),
	qr/"held": \{"count": 1, "total": "5.00"\}/, 'a reader gets documents');
is(run_as('reader', q{SELECT count(*) FROM balance.check_ledger(), balance.verify()}), '0',
	'... checks the ledger');
is(run_as('reader', q{SELECT amount FROM balance.items('c', 'deposits.held', 'eur')}), '5',
	'... and sees the rows');
is($node->psql('owned', q{SELECT balance.create_ledger('mine')},
	extra_params => [ '-U', 'reader' ]), 3,
	'... but makes no schema that it may not make');

# The schema is nobody's to put things into: not the installer's, who owns the
# database and the extension, nor anybody else's.
my $bootstrap = $node->safe_psql('owned', 'SELECT pg_get_userbyid(10)');
is($node->safe_psql('owned',
	q{SELECT nspowner::regrole,
	(SELECT string_agg(DISTINCT proowner::regrole::text, ' ') FROM pg_proc
	WHERE pronamespace = n.oid), extowner::regrole FROM pg_namespace n, pg_extension
	WHERE nspname = 'balance' AND extname = 'balance'}),
	"$bootstrap|$bootstrap|owner", 'the schema and its functions are the bootstrap superuser\'s');
is($node->safe_psql('owned',
	q{SELECT count(*) FROM pg_roles WHERE NOT rolsuper
	AND has_schema_privilege(oid, 'balance', 'CREATE')}), '0',
	'nobody but a superuser may make anything in it');
my $caught = q{RETURNS jsonb LANGUAGE sql AS $$ SELECT '"caught"'::jsonb $$};
for my $user ('owner', 'reader')
{
	for my $sql (
		"CREATE FUNCTION balance.customer_balance(varchar) $caught",
		"CREATE FUNCTION balance.ageing(balance.position, int DEFAULT 0) $caught",
		"CREATE OR REPLACE FUNCTION balance.customer_balance(customer_id text,
			ledger regnamespace DEFAULT NULL) $caught",
		'CREATE AGGREGATE balance.merge(varchar) (SFUNC = textcat, STYPE = text)',
		'CREATE TABLE balance.invoice ()',
		'CREATE TYPE balance.kind AS ENUM ()',
		'GRANT CREATE ON SCHEMA balance TO owner; CREATE TABLE balance.invoice ()',
		'ALTER SCHEMA balance OWNER TO owner',
		'ALTER SCHEMA balance RENAME TO other',
		'DROP SCHEMA balance CASCADE',
		'ALTER FUNCTION balance.customer_balance(text, regnamespace) RENAME TO other',
		'ALTER FUNCTION balance.customer_balance(text, regnamespace) SET search_path = public',
		'ALTER EXTENSION balance DROP FUNCTION balance.customer_balance(text, regnamespace)',
		'ALTER EXTENSION balance DROP SCHEMA balance')
	{
		(undef, undef, $err) = $node->psql('owned', $sql,
			extra_params => [ '-U', $user, '-v', 'VERBOSITY=sqlstate' ]);
		like($err, qr/ERROR:  42501$/, "$user may not: $sql");
	}
}
($status, undef, $err) = $node->psql('owned', 'ALTER EXTENSION balance SET SCHEMA public',
	extra_params => [ '-U', 'owner' ]);
like($err, qr/extension "balance" does not support SET SCHEMA/, 'it stays where it is');

is(run_as('owner', 'DROP EXTENSION balance; SELECT count(*) FROM billing.deposit'), '1',
	'the owner removes it, and the ledger stays');
is($node->safe_psql('owned', q{SELECT count(*) FROM pg_namespace WHERE nspname = 'balance'}), '0',
	'... but not the schema');

# ---- a schema balance that is there beforehand

my $refused = qr/ERROR:  schema "balance" already exists/;
for my $object (
	'TABLE t ()', 'VIEW v AS SELECT 1', 'SEQUENCE s', 'MATERIALIZED VIEW m AS SELECT 1',
	'FUNCTION f(int) RETURNS int LANGUAGE sql AS \'SELECT 1\'',
		'PROCEDURE p() LANGUAGE sql AS \'\'',
	'AGGREGATE a(text) (SFUNC = textcat, STYPE = text)', 'TYPE c AS (a int)', 'TYPE e AS ENUM ()',
		'DOMAIN d AS text',
	'TYPE r AS RANGE (SUBTYPE = text)',
		'OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)',
	'OPERATOR FAMILY f USING btree', 'COLLATION o FROM "C"',
		'TEXT SEARCH CONFIGURATION c (COPY = simple)',
	'TEXT SEARCH DICTIONARY d (TEMPLATE = simple)',
	'TEXT SEARCH PARSER p (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end,
		LEXTYPES = prsd_lextype)',
	'CONVERSION c FOR \'LATIN1\' TO \'UTF8\' FROM iso8859_1_to_utf8')
{
	($status, undef, $err) = $node->psql('owned',
		"BEGIN; CREATE SCHEMA balance; SET search_path = balance, pg_catalog; CREATE $object;
		CREATE EXTENSION balance");
	like($err,
		qr/$refused, and is not empty\nDETAIL:  .* on schema balance\nHINT:  Drop or rename it/,
		"refused with $object in it");
}
$node->safe_psql('owned', 'GRANT CREATE ON DATABASE owned TO reader');
run_as('reader', 'CREATE SCHEMA balance; GRANT ALL ON SCHEMA balance TO PUBLIC');
($status, undef, $err) = $node->psql('owned', 'CREATE EXTENSION balance',
	extra_params => [ '-U', 'owner' ]);
like($err, qr/$refused\nDETAIL:  It belongs to another role\.\nHINT:  Have it dropped or renamed/,
	'refused if it is somebody else\'s');
is(run_as('reader', q{CREATE EXTENSION balance; SELECT has_schema_privilege('balance', 'CREATE')}),
	'f',
	'an empty one of the installer\'s own is made anew, and no right on it is left');
is(run_as('owner',
	q{CREATE SCHEMA mine; SELECT has_schema_privilege('balance', 'CREATE'),
	balance.tally_deposits('usd', 'held', 1)}),
	'f|1{USD 1 deposit("held" 1 1)}', '... and everybody uses it');

# ---- who owns the extension, and what becomes of that

is($node->safe_psql('owned', q{REASSIGN OWNED BY reader TO owner;
	SELECT extowner::regrole, nspowner::regrole FROM pg_extension, pg_namespace
	WHERE extname = 'balance' AND nspname = 'balance'}),
	"owner|$bootstrap",
		'given to another role, the extension changes its owner, the schema does not');
($status, undef, $err) = $node->psql('owned',
	'CREATE EXTENSION IF NOT EXISTS balance; DROP EXTENSION balance',
	extra_params => [ '-U', 'reader' ]);
like($err, qr/must be owner of extension balance/, 'who has it no more does not drop it');
is($node->safe_psql('owned',
	q{DROP OWNED BY owner CASCADE; SELECT count(*) FROM pg_extension, pg_namespace
	WHERE extname = 'balance' OR nspname = 'balance'}),
	'0', 'it goes with what its owner owns, and the schema with it');
is($node->safe_psql('owned', q{CREATE ROLE other SUPERUSER; SET ROLE other;
	CREATE EXTENSION balance; SELECT nspowner::regrole FROM pg_namespace
	WHERE nspname = 'balance'}),
	$bootstrap, 'whichever superuser installs it, the schema is the first one\'s');

# ---- whose setting a SECURITY DEFINER function reads

$node->safe_psql('postgres', 'CREATE DATABASE wrapped');
$node->safe_psql('wrapped', q{CREATE EXTENSION balance;
	SELECT balance.create_ledger('theirs');
	CREATE FUNCTION wrapper() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*)
		FROM balance.customer_balances()';
	ALTER FUNCTION wrapper() OWNER TO owner;
	CREATE FUNCTION answer() RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		RETURN CASE wrapper() WHEN 0 THEN 'read' END;
	EXCEPTION WHEN insufficient_privilege THEN
		RETURN 'refused';
	END $$;
	GRANT USAGE ON SCHEMA theirs TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA theirs TO PUBLIC;
	ALTER DATABASE wrapped SET balance.ledger = theirs});

# Each in a session of its own, which has not loaded the library yet.
sub answer_to
{
	my ($sql, $options) = @_;
	local $ENV{PGOPTIONS} = $options // '';
	my $out = $node->safe_psql('wrapped', "$sql; SELECT answer()",
		extra_params => [ '-U', 'reader' ]);
	return (split /\n/, $out)[-1];
}
is(answer_to('SELECT'), 'read', 'the setting of the database counts for everybody');
is(answer_to(q{SET balance.ledger = 'theirs'}), 'refused',
	'what the caller has set does not count for the definer');
is(answer_to(q{SET balance.ledger = 'theirs'; RESET balance.ledger}), 'read',
	'... and what was reset is the database\'s again');
is(answer_to(q{SELECT balance.minor_unit('usd'); SET balance.ledger = 'theirs'}), 'refused',
	'... whether the library was loaded before');
is(answer_to('SELECT', '-c balance.ledger=theirs'), 'refused',
	'... or it came with the connection');
answer_to(q{SELECT balance.minor_unit('usd'); ALTER ROLE reader SET balance.ledger = 'theirs'});
is(answer_to('SELECT'), 'refused', '... or it is a setting that he gave his role');
is(answer_to(q{SET balance.ledger = 'theirs'; RESET ALL}), 'refused',
	'... to which RESET goes back');
answer_to(q{SELECT balance.minor_unit('usd'); ALTER ROLE reader RESET balance.ledger;
	ALTER ROLE reader IN DATABASE wrapped SET balance.ledger = 'theirs'});
is(answer_to('SELECT'), 'refused', '... or gave it in this database');
$node->safe_psql('postgres',
	q{ALTER ROLE reader RESET ALL; ALTER ROLE reader IN DATABASE wrapped RESET ALL;
	GRANT owner TO reader});
is(answer_to(q{SET balance.ledger = 'theirs'}), 'read',
	'who has the definer\'s rights loses nothing');
is(answer_to(q{SET balance.ledger = 'theirs'; SET ROLE owner}), 'read',
	'... nor does who is the definer');
$node->stop;
done_testing();
