# The version, and the names of the sources, are written down in several
# places, which must agree.  Runs in the tree that make test has built.
use strict;
use warnings;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

my ($version) = slurp_file('balance.control') =~ /^default_version *= *'([^']+)'/m;
like($version, qr/^\d+\.\d+\.\d+$/, 'the control file has a version');

my $meta = decode_json(slurp_file('META.json'));
is($meta->{version}, $version, 'META.json has the same version');
is($meta->{provides}{balance}{version}, $version, 'and provides it');

SKIP:
{
	skip 'there is no CHANGELOG.md', 1 unless -e 'CHANGELOG.md';
	my ($top) = slurp_file('CHANGELOG.md') =~ /^##* *\[?v?(\d+\.\d+\.\d+)/m;
	is($top, $version, 'so has the top of CHANGELOG.md');
}

# Both follow from the folders, in the order of their dependence.
my @wings = qw(value position document ledger store answer);
my @parts = ('src/header.sql', map { sort glob "src/$_/*.sql" } @wings);

my $script = "balance--$version.sql";
ok(-e $script, "$script is there");
# But for what sql.awk fills in: the columns of figures.def, and the calls of what is defined.
my $declarations = join '', map { slurp_file($_) } @parts;
my @defined = $declarations =~ /^-- DEFINE ([A-Z]+)\(/mg;
$declarations =~ s/^-- DEFINE .*?^-- END\n//msg;
$declarations = quotemeta $declarations;
$declarations =~ s/\\\t\\-\\-\\ FIGURES\\\(\w+\\\)/(?:\\tOUT "\\w+" (?:numeric|bigint)[,)]\\n?)+/g;
$declarations =~ s/\)\+\\\n/)+/g;
my $filled = 0;
for my $name (@defined)
{
	$filled += $declarations =~
	  s/(?<=\n)\\-\\-\\ $name\\\(.*?\\\)\\\n(?=\\')/CREATE (?:(?!\\nCREATE TYPE).)*? IS\\n/sg;
	# or a comment in whole, with the empty line behind it
	$filled += $declarations =~
	  s/(?<=\n)\\-\\-\\ $name\\\([^\n]*?\\\)\\\n/COMMENT (?:(?!\\n\\n).)*;\\n\\n/g;
}
cmp_ok($filled, '>', 20, 'what is defined for declarations that are alike is filled in');
like(slurp_file($script), qr/\A$declarations\z/s,
	'and is made of the declarations of all wings, in order');
unlike(slurp_file($script), qr{\{[a-z]+\}}, 'without a hole');

done_testing();
