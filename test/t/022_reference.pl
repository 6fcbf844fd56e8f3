# docs/reference.md is what the catalogue and the examples make of it today, and the
# queries of other documents print what stands behind them.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Reference qw(reference with_outputs);
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('reference');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->start;

# What is stale is left where make reference takes it from.
sub is_fresh
{
	my ($name, $made) = @_;
	my $kept = -e "docs/$name" ? slurp_file("docs/$name") : '';

	append_to_file(($name =~ s{/}{-}r) . '.new', $made) if $made ne $kept;
	ok($made eq $kept, "docs/$name is fresh") or diag 'make reference writes it';
}

my $made = reference($node);
is_fresh('reference.md', $made);
cmp_ok(length $made, '>', 50_000, 'and says something');

# The ledger of the examples is also what somebody with a question has.
my ($out, $err) = run_command([ 'psql', '-X', '-d', $node->connstr('postgres'),
	'-v', 'ON_ERROR_STOP=1', '-v', 'ledger=billing', '-f', 'docs/support.sql' ]);
is($err, '', 'docs/support.sql runs');
is(() = $out =~ /^== /mg, 7, 'and shows all of its parts');
like($out, qr/\Q$_\E/, "among them $_")
  for '| 0.1.0', 'balance.ledger', 'credit_memo_application', 'exchange_rate';
unlike($out, qr/Acme|bolt|i1\b|120[.]5/, 'and nothing of the customers');

$node->safe_psql('postgres', "DROP SCHEMA billing, second CASCADE");
is_fresh('first-document.md', with_outputs($node, 'first-document.md'));
$made = with_outputs($node, 'cookbook.md');
is_fresh('cookbook.md', $made);
cmp_ok(() = $made =~ /^### /mg, '>=', 20, 'the cookbook answers twenty questions');
for my $guide ('postgrest', 'testing', 'bi')
{
	$node->safe_psql('postgres', 'DROP SCHEMA billing CASCADE');
	is_fresh("guides/$guide.md", with_outputs($node, "guides/$guide.md"));
}
done_testing();
