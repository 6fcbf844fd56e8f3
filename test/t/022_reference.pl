# docs/reference.md is what the catalogue and the examples make of it today.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Reference qw(reference);
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('reference');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->start;
my $made = reference($node);
my $kept = -e 'docs/reference.md' ? slurp_file('docs/reference.md') : '';

append_to_file('reference.md.new', $made) if $made ne $kept;
ok($made eq $kept, 'docs/reference.md is fresh') or diag 'make reference writes it';
cmp_ok(length $made, '>', 50_000, 'and says something');

# The ledger of the examples is also what somebody with a question has.
my ($out, $err) = run_command([ 'psql', '-X', '-d', $node->connstr('postgres'),
	'-v', 'ON_ERROR_STOP=1', '-v', 'ledger=billing', '-f', 'docs/support.sql' ]);
is($err, '', 'docs/support.sql runs');
is(() = $out =~ /^== /mg, 7, 'and shows all of its parts');
like($out, qr/\Q$_\E/, "among them $_")
  for '| 0.1.0', 'balance.ledger', 'credit_memo_application', 'exchange_rate';
unlike($out, qr/Acme|bolt|i1\b|120[.]5/, 'and nothing of the customers');
done_testing();
