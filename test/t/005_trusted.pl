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
$node->safe_psql('postgres', 'CREATE ROLE owner LOGIN; CREATE ROLE reader LOGIN; CREATE DATABASE owned OWNER owner');

# The last line of what a user's SQL prints.
sub run_as
{
	my ($user, $sql) = @_;
	my $out = $node->safe_psql('owned', $sql, extra_params => [ '-U', $user ]);
	return (split /\n/, $out)[-1] // '';
}

is(run_as('owner', q{CREATE EXTENSION balance; SELECT balance.create_ledger('billing')}), 'billing',
	'a database owner installs it and makes a ledger');
is($node->safe_psql('owned', q{SELECT DISTINCT prosecdef FROM pg_proc WHERE pronamespace = 'balance'::regnamespace}), 'f',
	'nothing in it runs with the rights of its installer');
run_as('owner', q{INSERT INTO billing.customer VALUES ('c', 'Wb');
	INSERT INTO billing.deposit VALUES ('d', 'c', 'eur', 'held', 5);
	GRANT USAGE ON SCHEMA billing TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA billing TO reader});
like(run_as('reader', q{SELECT balance.customer_balance('c')}), qr/"held": \{"count": 1, "total": "5.00"\}/, 'a reader gets documents');
is(run_as('reader', q{SELECT count(*) FROM balance.check_ledger(), balance.verify()}), '0', '... checks the ledger');
is(run_as('reader', q{SELECT amount FROM balance.items('c', 'deposits.held', 'eur')}), '5', '... and sees the rows');
is($node->psql('owned', q{SELECT balance.create_ledger('mine')}, extra_params => [ '-U', 'reader' ]), 3,
	'... but makes no schema that it may not make');
is(run_as('owner', 'DROP EXTENSION balance; SELECT count(*) FROM billing.deposit'), '1',
	'the owner removes it, and the ledger stays');
$node->stop;
done_testing();
