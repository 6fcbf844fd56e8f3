# dashboards/page, what make dashboard serves: its figures are SQL's, to the last digit;
# it can be read on a narrow screen, on paper, in the dark and by keyboard; and what
# cannot be had is said.  In Debian's Chromium.
use strict;
use utf8;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../clients";
use Book;
use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $page = "$FindBin::RealBin/../../dashboards/page";
my $checks = 52;
plan tests => $checks + 14;

my $chromium = find_program('chromium');
skip_rest('the dashboard: there is no chromium') unless $chromium;
my ($packages, $reason) = npm_packages('dashboard', $page);
skip_rest("the dashboard: $reason") unless $packages;

# As make dashboard builds it, which fetches nothing.
my $built = '';
ok(IPC::Run::run([ 'node', "$page/build.js", $packages ], '<', \undef, '>&', \$built),
	'the page is built') or BAIL_OUT($built);

my ($node, %server) = book_server();

# Where it is about noon, so that it is one day from beginning to end.
my $zone = sprintf 'Etc/GMT%+d', (gmtime)[2] - 12;

# Where the page is served, of a ledger and under what else the environment says.
sub serve
{
	my (%env) = @_;
	my $address = '';
	my $service = start_service(\$address,
		{ %server, PSQL => $node->installed_command('psql'), PGTZ => $zone, %env },
		'node', "$page/serve.js", "$packages/dist");
	my $tries = 300;

	while ($address !~ /\n/ && $service->pumpable && $tries--)
	{
		select undef, undef, undef, 0.1;
		$service->pump_nb;
	}
	$address =~ /^(http\S+)\n/ or die "no address: $address";
	return $1;
}

sub sql { return $node->safe_psql('postgres', "SET TimeZone = '$zone'; $_[0]") }

# The rows of a query as lists of texts; its columns are c1, c2 and so on.
sub rows
{
	my ($query) = @_;
	return decode_json(sql("SELECT COALESCE(json_agg((SELECT json_agg(value) FROM
		json_each_text(row_to_json(r)))), '[]') FROM ($query) r"));
}

# What the page is to show, by SQL that knows nothing of the extension.
sub expected
{
	my %expected = (
		late => '70.50',
		cards => rows(q{SELECT currency, shown(sum(amount_remaining), currency),
			format('unpaid: %s, %s', counted(count(*), 'invoice'),
				counted(count(DISTINCT customer_id), 'customer')),
			CASE WHEN bool_or(late > 0) THEN format('overdue: %s (%s%%)',
				shown(sum(amount_remaining) FILTER (WHERE late > 0), currency),
				round(100 * sum(amount_remaining) FILTER (WHERE late > 0)
					/ sum(amount_remaining), 1)) ELSE 'nothing overdue' END
			FROM owed GROUP BY currency ORDER BY currency}),
		'Unpaid amounts by days late' => rows('SELECT currency' . join('', map {
				", shown(COALESCE(sum(amount_remaining) FILTER (WHERE $_), 0), currency)" }
				'late <= 0', (map { "late BETWEEN $_" } '1 AND 30', '31 AND 60', '61 AND 90'),
				'late > 90', 'late IS NULL')
			. ' FROM owed GROUP BY currency ORDER BY currency'),
		Deposits => rows(q{SELECT currency, initcap(status), count(*), shown(sum(amount), currency)
			FROM book.deposit GROUP BY currency, status ORDER BY currency, status}),
		'Available credit' => rows(q{SELECT currency, count(*), shown(sum(major), currency)
			FROM memo GROUP BY currency ORDER BY currency}),
		'When credit expires' => rows(q{SELECT currency, COALESCE(to_char(expires_at, 'Mon YYYY'),
				'Never'), count(*), shown(sum(major), currency)
			FROM memo GROUP BY currency, 2 ORDER BY currency, min(expires_at)}),
		'What happened in each month' => rows(q{SELECT to_char(month, 'Mon YYYY'),
				shown(opening, 'KWD'), shown(invoiced, 'KWD'), '0.000', shown(paid, 'KWD'),
				'0.000', '0.000', shown(opening + invoiced - paid, 'KWD'),
				COALESCE(round((opening + invoiced - paid) / NULLIF(invoiced, 0)
					* extract(day FROM month + interval '1 month - 1 day'), 2)::text, '–')
			FROM months ORDER BY month DESC}),
		behind => rows(q{SELECT COALESCE(customer_name, customer_id), count(*),
				shown(sum(amount_remaining), 'EUR')
			FROM owed JOIN book.customer USING (customer_id) WHERE currency = 'EUR' AND late > 0
			GROUP BY customer_id, customer_name ORDER BY sum(amount_remaining) DESC}),
		bars => sql(q{SELECT count(*) FROM (SELECT round(100 * sum(amount_remaining)
				/ sum(sum(amount_remaining)) OVER (PARTITION BY currency), 1) AS share
			FROM owed GROUP BY currency, COALESCE((greatest(late, 0) + 29) / 30, 9)) s
			WHERE share > 0}) + 0,
		invoices => rows(q{SELECT invoice_id, CASE invoice_status WHEN 'draft' THEN 'Draft'
				ELSE 'Open' END, COALESCE(to_char(due_date, 'FMDD Mon YYYY'), ''),
				CASE WHEN late > 0 THEN late::text ELSE '' END, shown(total, 'EUR'),
				shown(amount_remaining, 'EUR')
			FROM owed WHERE customer_id = 'c1' AND currency = 'EUR' ORDER BY due_date}),
		net => [ [ 'EUR', qw(65.50 60.50 0.00 750.00 70.50), "\x{2212}755.00" ],
			[ 'KWD', qw(1.250 1.250 0.000 0.000 0.000 1.250) ] ],
		period => { start => day('m - interval \'1 month\''),
			finish => day('m - interval \'1 month - 2 days\'') },
		sources => [
			[ '#behind/deposits/EUR/held', 'Deposits: Held, EUR', '750.00' ],
			[ '#behind/credits/JPY/', 'Available credit, JPY', '30,000' ],
			[ '#behind/expiry/JPY/', 'Credit that never expires, JPY', '30,000' ],
			[ '#behind/ageing/USD/no_due_date', 'No due date, USD', '0.1234567' ],
			[ '#behind/paid/KWD/' . day("m - interval '1 month'", 'YYYY-MM'),
				'Paid in ' . day("m - interval '1 month'", 'Mon YYYY') . ', KWD', '10.000' ] ]);

	for my $currency (qw(USD KWD))
	{
		$expected{"Who owes most in $currency"} = rows(qq{SELECT COALESCE(customer_name,
				customer_id), shown(sum(amount_remaining), currency),
				shown(COALESCE(sum(amount_remaining) FILTER (WHERE late > 0), 0), currency),
				round(100 * sum(amount_remaining)
					/ sum(sum(amount_remaining)) OVER (), 1) || '%', count(*)
			FROM owed JOIN book.customer USING (customer_id) WHERE currency = '$currency'
			GROUP BY customer_id, customer_name, currency ORDER BY sum(amount_remaining) DESC});
	}
	my @invoice = (day("m - interval '1 month - 2 days'", 'FMDD Mon YYYY'), 'Invoice', 'e1', 'e1',
		'100.00', '100.00');
	$expected{statement} = [
		[ day("m - interval '2 months'", 'FMDD Mon YYYY'), 'Opening balance', '', '', '', '0.00' ],
		[@invoice],
		[ day("m - interval '1 month - 5 days'", 'FMDD Mon YYYY'), 'Payment', 'p1', 'e1',
			"\x{2212}39.50", '60.50' ],
		[ day('current_date', 'FMDD Mon YYYY'), 'Closing balance', '', '', '', '60.50' ] ];
	$expected{otherStatement} = [
		[ day("m - interval '1 month'", 'FMDD Mon YYYY'), 'Opening balance', '', '', '', '0.00' ],
		[@invoice], [ $invoice[0], 'Closing balance', '', '', '', '100.00' ] ];
	$expected{large} = {
		owed => sql(q{SELECT shown(sum(amount_remaining), 'USD') FROM large.invoice
			WHERE invoice_status = 'open'}),
		net => rows(q{SELECT 'USD', shown(sum(amount_remaining), 'USD'),
				shown(sum(amount_remaining) FILTER (WHERE due_date < current_date), 'USD'),
				'0.00', '0.00', '0.00', shown(sum(amount_remaining), 'USD')
			FROM large.invoice WHERE invoice_status = 'open' AND customer_id = 'k9876'}) };
	return \%expected;
}

# A day of this run, m being the first of this month.
sub day
{
	my ($expression, $form) = @_;
	return sql(sprintf q{SELECT to_char(%s, '%s') FROM month}, $expression, $form // 'YYYY-MM-DD');
}

sql(slurp_file("$FindBin::RealBin/../clients/dashboard.sql"));

my %urls = (
	book => serve(LEDGER => 'book'),
	large => serve(LEDGER => 'large'),
	empty => serve(LEDGER => 'empty'),
	forbidden => serve(LEDGER => 'book', PGHOST => $node->host, PGUSER => 'clerk'),
	unreachable => serve(PGPORT => PostgreSQL::Test::Cluster::get_free_port()),
	nowhere => serve(LEDGER => q{no'where}),
	bare => serve(PGDATABASE => 'template1'),
	viewless => serve(LEDGER => 'viewless'));

my $file = PostgreSQL::Test::Utils::tempdir() . '/expected.json';
append_to_file($file, encode_json({ urls => \%urls, expected => expected() }));
{
	local $Book::patience = 900;
	run_checks('dashboard', $checks, { PACKAGES => $packages, CHROMIUM => $chromium },
		'node', "$FindBin::RealBin/../clients/dashboard.mjs", $file);
}

# The server behind it: only for whoever knows the address, and only what there is.
my $http = HTTP::Tiny->new(timeout => 20);
my ($origin) = $urls{book} =~ m{^(http://[^/]+/)};
is($http->get($origin)->{status}, 404, 'without the whole address there is nothing');
is($http->get("$urls{book}..%2f..%2f..%2fserve.js")->{status}, 404, 'nothing beside the page');
is($http->post("$urls{book}data/overview.json")->{status}, 405, 'nothing but GET');
is($http->get("$urls{book}data/verify.json")->{status}, 404, 'no other data');
like($http->get("$urls{book}data/customer.json")->{content}, qr/"no customer is given"/,
	'nothing without what it needs');
my $bad = PostgreSQL::Test::Utils::tempdir() . '/bad';
my $odd = join '', map { sprintf '%%%02x', ord } split //,
	qq{`touch $bad` \\'; \\! touch $bad\n\\q\n:'ledger' \\\\};
like($http->get("$urls{book}data/search.json?text=$odd")->{content},
	qr/"name": "customers", "value": \[\]\}\n/,
	'what is typed is a text to psql');
ok(!-e "$bad", 'and nothing else');
unlike($http->get($urls{book})->{headers}{'content-security-policy'}, qr/script[^;]*unsafe/,
	'no script but the page\'s own may run');

# What nobody waits for any more is not computed either.
my $slow = serve(LEDGER => 'slow', PGAPPNAME => 'slow');
my $ours = q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'slow'};
my $begun = '';
$http->get("${slow}data/overview.json", { data_callback => sub {
	$begun .= shift;
	ok($node->poll_query_until('postgres', "$ours AND wait_event = 'PgSleep'", '1'),
		'the rest is being computed');
	die "enough\n";
} });
like($begun, qr/"name": "book"/, 'what there is comes at once');
ok($node->poll_query_until('postgres', $ours, '0'), 'what nobody waits for is cancelled');

# It goes with what started it, though nobody tells it to.
my ($said, $gone) = ('', 0);
IPC::Run::run([ 'sh', '-c', 'node "$0" "$1" & echo $!; sleep 2', "$page/serve.js",
	"$packages/dist" ], '<', \undef, '>', \$said);
my ($pid) = $said =~ /^(\d+)$/m;
for (1 .. 300)
{
	last if $gone = !kill 0, $pid;
	select undef, undef, undef, 0.1;
}
ok($gone, 'it ends with whoever started it') or kill 'KILL', $pid;

$node->stop('immediate');
