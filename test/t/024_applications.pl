# Documents, report views and positions from applications by their mappers: Kysely and
# pgtyped with types from the catalogue, SQLAlchemy, Django, ActiveRecord; and in a test
# suite of the user's own by pgTAP.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::RealBin/../clients";
use Book;
use File::Copy qw(copy);
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More tests => 53;

my $clients = "$FindBin::RealBin/../clients";
my $docs = "$FindBin::RealBin/../../docs";
my $python = '/usr/bin/python3';
my ($node, %server) = book_server();

$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA app;
CREATE TABLE app.month_end (customer_id text, month date, position balance.position NOT NULL,
	PRIMARY KEY (customer_id, month));
GRANT USAGE ON SCHEMA app TO app;
GRANT ALL ON app.month_end TO app;
SQL

# A client's tests, or as many skipped ones and why.
sub client
{
	my ($name, $reason, $checks, $env, @command) = @_;
	SKIP:
	{
		skip "$name: $reason", $checks + 1 if $reason;
		run_checks($name, $checks, { %server, %$env }, @command);
	}
}

# ---- TypeScript ----

# Where Intl's decimals of a currency are not those of ISO 4217, as the guide says.
my ($differing) = slurp_file("$docs/guides/applications.md") =~ /^((?:[A-Z]{3},? ?\n?){10,})/m;
$differing = join ' ', $differing =~ /[A-Z]{3}/g;

# A tool of the set, over the book.
sub run_tool
{
	my ($work, @command) = @_;
	my $output = '';
	local @ENV{ keys %server } = values %server;
	my $done = IPC::Run::run([ qw(timeout --foreground 120 node), @command ], '<', \undef, '>&',
		\$output, init => sub { chdir $work or die $! });
	note $output;
	return $done;
}

SKIP:
{
	my ($packages, $reason) = npm_packages('typed');
	skip "Kysely and pgtyped: $reason", 21 unless $packages;

	my $work = PostgreSQL::Test::Utils::tempdir;
	copy($_, $work) or die $! for glob "$clients/*.ts $clients/pgtyped.sql";
	symlink abs_path("$packages/node_modules"), "$work/node_modules" or die $!;
	append_to_file("$work/package.json", '{"type": "module"}');
	append_to_file("$work/pgtyped.json", <<'JSON');
{"transforms": [{"mode": "sql", "include": "pgtyped.sql", "emitTemplate": "pgtyped.queries.ts"}],
	"srcDir": ".", "failOnError": true}
JSON
	my $url = 'postgres://app:' . "$server{PGPASSWORD}\@$server{PGHOST}:$server{PGPORT}/postgres";

	ok(run_tool($work, 'node_modules/kysely-codegen/dist/cli/bin.js', '--dialect', 'postgres',
			'--url', $url, '--include-pattern', '{billing.report_*,app.*}', '--numeric-parser',
			'string', '--out-file', 'db.ts'), 'kysely-codegen makes types of the report views');
	like(slurp_file("$work/db.ts"), qr{/\*\*\n\s+\* Sum of their amount_remaining, in major units.},
		"... with the views' comments");
	unlike(slurp_file("$work/db.ts"), qr/total_unpaid_amount: number/, '... and no amount a float');
	ok(run_tool($work, 'node_modules/@pgtyped/cli/lib/index.js', '-c', 'pgtyped.json'),
		'pgtyped makes types of queries');
	like(slurp_file("$work/pgtyped.queries.ts"),
		qr{The part of total_unpaid_amount that is past due now}, '... with comments, too');
	ok(run_tool($work, 'node_modules/typescript/bin/tsc', qw(--strict --target es2022 --module
			nodenext --skipLibCheck), map { s{.*/}{}r } glob "$work/*.ts"),
		'the programs compile, and what is wrong does not');
	client('Kysely', undef, 9, {}, 'node', "$work/kysely.js", $differing);
	client('pgtyped', undef, 4, {}, 'node', "$work/pgtyped.js");
}

# ---- Python and Ruby ----

my $ruby = find_program('ruby');
for my $program (
	[ 'SQLAlchemy', 'sqlalchemy_client.py', 'sqlalchemy, psycopg2', 'python3-sqlalchemy' ],
	[ 'Django', 'django_client.py', 'django, psycopg2', 'python3-django' ])
{
	my ($name, $file, $modules, $package) = @$program;
	my $missing = system("$python -c 'import $modules' 2>/dev/null") != 0;

	client($name, $missing && "there is no $package", 7, {}, $python, "$clients/$file");
}
my $missing = !$ruby ? 'there is no ruby'
  : system("$ruby -e 'require \"active_record\"; require \"pg\"' 2>/dev/null") != 0
  ? 'there is no ruby-activerecord or ruby-pg' : undef;
client('ActiveRecord', $missing, 7, {}, $ruby, "$clients/activerecord.rb");

# ---- pgTAP ----

SKIP:
{
	my $sharedir = `pg_config --sharedir` =~ s/\n//r;
	skip 'the server has no pgTAP', 8 unless -e "$sharedir/extension/pgtap.control";

	my ($test) = slurp_file("$docs/guides/testing.md") =~ /^```pgtap\n(.*?)^```$/ms;
	my @lines = grep { /^(not )?ok|^\d+\.\./ } split /\n/,
	  $node->safe_psql('postgres', "CREATE EXTENSION pgtap;\n$test");
	is(shift @lines, '1..6', 'pgTAP: the plan');
	ok(!/^not/, 'pgTAP: ' . s/.* - //r) for @lines;
	is(@lines, 6, 'pgTAP: all of it');
}
$node->stop('immediate');
