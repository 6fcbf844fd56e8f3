# The documents as a GraphQL API: PostGraphile 4, which shows an extension's
# functions only when asked to, and functions of one's own in any case.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../clients";
use Book;
use HTTP::Tiny;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More tests => 14;

my ($packages, $reason) = npm_packages('postgraphile');
skip_rest("PostGraphile: $reason") unless $packages;

my $expected = decode_json(slurp_file("$FindBin::RealBin/../clients/expected.json"));
my ($node, %server) = book_server();
my $http = HTTP::Tiny->new(timeout => 20);

# What a user of PostGraphile would write: a view with a computed column, a
# document under another name, and units as rows, since BigFloat is exact.
$node->safe_psql('postgres', q{
	CREATE SCHEMA api;
	CREATE VIEW api.customer WITH (security_invoker) AS SELECT customer_id,
		customer_name FROM billing.customer;
	CREATE FUNCTION api.customer_credits(
		customer api.customer) RETURNS jsonb LANGUAGE sql STABLE AS $$
		SELECT balance.customer_credits((customer).customer_id, ledger => 'billing')
	$$;
	CREATE FUNCTION api.balances(customer_id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
		SELECT balance.customer_balance(customer_id, 'billing')
	$$;
	CREATE FUNCTION api.units(customer_id text, start_period date, end_period date)
	RETURNS TABLE (currency text, balance numeric, debt numeric) LANGUAGE sql STABLE AS $$
		SELECT e ->> 'currency', (e #>> '{vcuBalance,balance}')::numeric,
			(e #>> '{vcuBalance,debt}')::numeric
		FROM jsonb_array_elements(balance.vcu_balance(customer_id, start_period, end_period,
			'billing') -> 'balancesByCurrency') e
	$$;
	GRANT USAGE ON SCHEMA api TO app;
	GRANT SELECT ON api.customer TO app;
});

# An API over a schema, on the loopback address.
sub start_api
{
	my ($schema, @options) = @_;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $log = '';
	my $service = start_service(\$log, \%server, 'node',
		"$packages/node_modules/postgraphile/cli.js",
		'--host', '127.0.0.1', '--port', $port, '--schema', $schema, @options,
		qw(--dynamic-json --disable-graphiql --disable-query-log --extended-errors),
			'errcode,detail');
	return { url => "http://127.0.0.1:$port/graphql", service => $service, log => \$log };
}

# The answer's text, since JSON::PP has no numbers of 25 digits either.
sub ask
{
	my ($api, $query, %variables) = @_;
	my $answer = $http->post($api->{url}, {
		headers => { 'Content-Type' => 'application/json' },
		content => encode_json({ query => $query, variables => \%variables }) });
	return $answer->{content};
}

sub data { return decode_json(ask(@_))->{data}; }

sub is_ready
{
	my ($api, $name) = @_;
	my ($tries, $answer) = (300, '');
	while (($answer = ask($api, '{ __typename }')) !~ /"data"/ && $api->{service}->pumpable
		&& $tries--)
	{
		select undef, undef, undef, 0.1;
	}
	like($answer, qr/"data"/, $name) or die ${ $api->{log} };
}

my $extension = start_api('balance', '--include-extension-resources');
my $own = start_api('api');
is_ready($extension, "PostGraphile shows the extension's functions");

my %cust = (c => 'Cust_1');
is_deeply(data($extension, 'query ($c: String!) { customerBalance(customerId: $c) }', %cust),
	{ customerBalance => $expected->{customer_balance} }, 'customer_balance');
is_deeply(data($extension,
	'query ($c: String!) { customerBalance(customerId: $c, ledger: "archive") }', %cust),
	{ customerBalance => $expected->{archive_balance} }, 'the ledger as an argument');
is_deeply(
	data($extension,
		'query ($c: String!, $t: Datetime) {
			invoiceSummary(customerId: $c, asOf: $t, zone: "Europe/Berlin") }',
		%cust, t => '2026-02-15T12:00:00Z'),
	{ invoiceSummary => $expected->{invoice_summary} }, 'invoice_summary');
is_deeply(data($extension, 'query ($c: String!) { customerCredits(customerId: $c) }', %cust),
	{ customerCredits => $expected->{customer_credits} }, 'customer_credits');
like(ask($extension,
	'{ vcuBalance(customerId: "Cust_1", startPeriod: "2026-01-01", endPeriod: "2026-01-31") }'),
	qr/"balance":9007199254740992\b.*"balance":10\.123456789012346\b/,
		'vcu_balance, but its digits are lost in JavaScript');

my ($error) =
	@{ decode_json(ask($extension, '{ customerCredits(customerId: "Cust_2") }'))->{errors} };
is_deeply([ @$error{qw(errcode detail)} ], [ '22023', 'The credit memos are in JPY, KWD.' ],
	'several currencies');
is_deeply(
	data($extension,
		'query ($m: String, $s: String, $d: String) {
			errorBody(api: "customer-credits", sqlstate: $s, message: $m, detail: $d) }',
		m => $error->{message}, s => $error->{errcode}, d => $error->{detail}),
	{ errorBody => $expected->{errors}{'several currencies'}{answer} }, 'and its answer');
is_deeply(data($extension, 'query ($c: String!) { customerBalance(customerId: $c) }', %cust),
	{ customerBalance => $expected->{customer_balance} }, 'after an error');

is_ready($own, 'PostGraphile shows functions of our own');
is_deeply(data($own, 'query ($c: String!) { balances(customerId: $c) }', %cust),
	{ balances => $expected->{customer_balance} }, 'a function that calls the document');
is_deeply(data($own,
	'{ allCustomers(condition: { customerId: "Cust_1" }) { nodes { customerId credits } } }'),
	{ allCustomers => { nodes => [ { customerId => 'Cust_1',
		credits => $expected->{customer_credits} } ] } },
	'a computed column');
is_deeply(
	data($own, '{ units(customerId: "Cust_1", startPeriod: "2026-01-01", endPeriod: "2026-01-31") {
		nodes { currency balance debt } } }'),
	{ units => { nodes => [
		{ currency => 'BRL', balance => '9007199254740993', debt => '0' },
		{ currency => 'USD', balance => '10.1234567890123456789012344',
			debt => '0.0000000000000000000000001' } ] } },
	'units as rows keep their digits');
unlike(ask($own, '{ __schema { queryType { fields { name } } } }'), qr/customerBalance/,
	"the extension's functions do not show");

stop_service($_->{service}) for $extension, $own;
$node->stop('immediate');
