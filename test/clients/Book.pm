# What the tests of client programs share: a server with a book in it, npm
# packages, and running a program that prints a line for each of its checks.
package Book;

use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(basename dirname);
use File::Compare qw(compare);
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(book_server find_program npm_packages run_checks skip_rest start_service
	stop_service);

my $folder = dirname(abs_path(__FILE__));
my @services;

# How many seconds run_checks gives a program.
our $patience = 60;

# A server with book.sql, and the environment for the user app to reach it on
# the loopback address. Others on this machine may try, so app needs a password.
sub book_server
{
	my $node = PostgreSQL::Test::Cluster->new('book');
	my $password = join '', map { sprintf '%08x', rand 2**32 } 1 .. 4;

	$node->init;
	$node->append_conf('postgresql.conf', "listen_addresses = '127.0.0.1'");
	unlink $node->data_dir . '/pg_hba.conf';
	$node->append_conf('pg_hba.conf', "local all all trust
		host all app 127.0.0.1/32 scram-sha-256");
	$node->start;
	$node->safe_psql('postgres', slurp_file("$folder/book.sql")
		. "ALTER ROLE app PASSWORD '$password';");
	return (
		$node,
		PGHOST => '127.0.0.1',
		PGPORT => $node->port,
		PGDATABASE => 'postgres',
		PGUSER => 'app',
		PGPASSWORD => $password);
}

# Where in the path, or in the other folders given, a program is.
sub find_program
{
	my ($name, @others) = @_;
	return (grep { -x } map { "$_/$name" } split(/:/, $ENV{PATH}), @others)[0];
}

# The folder of a client's npm packages, or undef and why there is none. Their
# list is in a folder of test/clients, or in another one. They are fetched once, to
# beside the folders that each run of the tests makes anew.
sub npm_packages
{
	my ($name, $list) = @_;
	$list //= "$folder/$name";
	my $tmp_check = abs_path($PostgreSQL::Test::Utils::tmp_check);
	my $work = basename(dirname($tmp_check)) eq 'build' ? dirname(dirname($tmp_check)) : $tmp_check;
	my $cache = "$work/npm";
	my ($lock, $output) = ('package-lock.json', '');

	return (undef, 'there is no node') unless find_program('node');
	return "$cache/$name" if !compare("$cache/$name/$lock", "$list/$lock");
	return (undef, 'there is no npm') unless find_program('npm');

	my $new = "$cache/$name.$$";
	make_path("$cache/home", $new);
	copy("$list/$_", $new) or die $! for 'package.json', $lock;
	local $ENV{HOME} = "$cache/home";
	# node has certificates of its own, but the way out may need the system's
	my ($certificates) = grep { -r } '/etc/ssl/certs/ca-certificates.crt';
	local $ENV{NODE_EXTRA_CA_CERTS} = $certificates if $certificates;
	my $done = 1;
	# first something small, as npm ci is slow to see that there is no network
	for my $command (
		[ qw(view pg version --fetch-retries=0) ],
		[ qw(ci --ignore-scripts --no-audit --no-fund --fetch-retries=1) ])
	{
		$done &&= IPC::Run::run(
			[ qw(timeout --foreground 120 npm), @$command,
				qw(--no-update-notifier --loglevel=error) ],
			'<', \undef, '>&', \$output, init => sub { chdir $new or die $! });
	}
	note $output;
	if ($done)
	{
		remove_tree("$cache/$name");
		rename $new, "$cache/$name" or die $!;
		return "$cache/$name";
	}
	remove_tree($new);
	my ($reason) = $output =~ /^npm (?:error|ERR!) (?!code|errno|syscall)(.*\S)/m;
	return (undef, 'npm: ' . ($reason || 'failed'));
}

# Each line that a program prints is a test, as are their number and its end.
sub run_checks
{
	my ($client, $checks, $env, @command) = @_;
	my ($output, $errors) = ('', '');

	local @ENV{ keys %$env } = values %$env;
	my $done = IPC::Run::run([ qw(timeout --foreground), $patience, @command ],
		'<', \undef, '>', \$output, '2>', \$errors);
	my @lines = split /\n/, $output;
	my $good = grep { /^(not )?ok - (.*)/ ? ok(!$1, "$client: $2") : fail("$client: $_") } @lines;
	ok($done && @lines == $checks, "$client: ended well, after $checks checks");
	diag $errors unless $done && $good == $checks;
}

# For want of a program: all of the tests that a file has announced.
sub skip_rest
{
	my ($reason) = @_;
	SKIP: { skip $reason, Test::More->builder->expected_tests }
	exit;
}

# Starts a program that serves us until the test ends, however it ends.
sub start_service
{
	my ($log, $env, @command) = @_;
	local @ENV{ keys %$env } = values %$env;
	my $service = IPC::Run::start([ 'setpriv', '--pdeathsig', 'KILL', @command ], '<', \undef,
		'>&', $log);
	push @services, $service;
	return $service;
}

sub stop_service
{
	my ($service) = @_;
	$service->kill_kill(grace => 5);
	@services = grep { $_ != $service } @services;
}

END
{
	my $status = $?;
	$_->kill_kill(grace => 1) for @services;
	$? = $status;
}

1;
