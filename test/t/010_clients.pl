# The documents from applications: Node, Python and Java.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../clients";
use Book;
use Test::More tests => 84;

my $clients = "$FindBin::RealBin/../clients";
my $expected = "$clients/expected.json";
my $python = '/usr/bin/python3';
my ($node, %server) = book_server();
my $checks = 20;

# A client's tests, or as many skipped ones and why.
sub client
{
	my ($name, $reason, $env, @command) = @_;
	SKIP:
	{
		skip "$name: $reason", $checks + 1 if $reason;
		run_checks($name, $checks, { %server, %$env }, @command);
	}
}

my ($packages, $reason) = npm_packages('node-postgres');
client('node-postgres', $reason, { NODE_PATH => ($packages || '') . '/node_modules' },
	'node', "$clients/client.js", $expected);

for my $module ('psycopg', 'psycopg2')
{
	my $missing = system("$python -c 'import $module' 2>/dev/null") != 0;
	client($module, $missing && "there is no python3-$module", {}, $python, "$clients/client.py",
		$expected, $module);
}

my @jars = map { "/usr/share/java/$_.jar" }
  qw(postgresql jackson-core jackson-annotations jackson-databind);
my ($jar) = grep { !-e } @jars;
$reason = !find_program('java') || !find_program('javac') ? 'there is no JDK' : $jar
  && "there is no $jar";
client('JDBC', $reason, {},
	qw(java -XX:-UsePerfData -XX:TieredStopAtLevel=1 -cp), join(':', @jars),
		"$clients/Client.java", $expected);

$node->stop('immediate');
