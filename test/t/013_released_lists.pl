# What a release has known stays known, since it is in people's tables, stored
# positions and constraints: every currency with its minor digits and month of
# withdrawal, every status word with its class.  test/released has them as the
# last release left them.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('released_lists');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION balance');

# The lines of today's list, and of the released one, by all but the last field.
sub today
{
	my ($name) = @_;
	my $list = $node->safe_psql('postgres', slurp_file("test/released/$name.sql"));
	return map { /^(.*) (\S+)$/ } split /\n/, $list;
}

sub released
{
	my ($name) = @_;
	my $file = "test/released/$name";
	return map { /^(.*) (\S+)$/ or die "$file: $_\n"; [ $1, $2 ] } split /\n/, slurp_file($file);
}

# All that a released line says must be so; but what was in force may have been
# withdrawn since.
sub check
{
	my ($name, $may_become) = @_;
	my %now = today($name);
	my @released = released($name);
	my @lost;
	for (@released)
	{
		my ($known, $said) = @$_;
		my $says = $now{$known};
		push @lost, "$known $said is now " . ($says || 'unknown')
			unless defined $says
				&& ($says eq $said || $said eq '-' && $may_become && $says =~ $may_become);
	}
	cmp_ok(scalar @released, '>', 50, "there are released $name");
	is(join("\n", @lost), '', "the released $name are as they were");
}

check('currencies', qr/^\d{4}-\d{2}$/);
check('words');
done_testing();
