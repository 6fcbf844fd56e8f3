# A cluster of Citus and its servers: whatever is set on workers, whoever asks, whichever
# server is away, new, or without our extension, each answer is that of one server, or an
# error.
use strict;
use warnings;
use PostgreSQL::Test::Utils;
use Test::More;
use Asked;
use Citus;

plan skip_all => 'the server has no citus.so' unless has_citus();

my ($node, @workers) = start_cluster();
fill($node, 6000, 200);
$node->safe_psql('postgres', "${quiet}SELECT balance.create_report_views('Asia/Kathmandu', '$_')")
	foreach 'near', 'far';
my @queries = Asked::queries();
my @fewer = grep { !/c199|c20\b/ } @queries;

# All that reads a ledger is asked; what is not makes something, or is of a store.
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT p.proname, ' ' ORDER BY p.proname)
	FROM pg_proc AS p JOIN pg_depend AS d ON d.objid = p.oid AND d.deptype = 'e'
		AND d.classid = 'pg_proc'::regclass
	WHERE p.pronamespace = 'balance'::regnamespace AND 'ledger' = ANY (p.proargnames)
		AND p.proname !~ '^(maintain|maintenance|stop_maintaining|fold|repair|prune_history|'
			'create_report_views|drop_report_views|check_ledger|progress|customer_is_one|'
			'.*store.*|.*recorded.*)$'
		AND p.proname <> ALL (ARRAY[} . join(', ', map { "'$_'" }
		map { /balance\.(\w+)/ } @queries) . '])'), '', 'all that reads a ledger is asked');

# Workers' databases that have settings of their own.
my %hostile = (DateStyle => 'German', IntervalStyle => 'iso_8601', TimeZone => 'Asia/Tokyo',
	search_path => 'nowhere', extra_float_digits => -15, bytea_output => 'escape',
	lc_messages => 'C', lc_monetary => 'C', lc_numeric => 'C', lc_time => 'C',
	standard_conforming_strings => 'off', backslash_quote => 'off', array_nulls => 'off',
	quote_all_identifiers => 'on', 'balance.ledger' => 'nowhere', plan_cache_mode =>
	'force_generic_plan', enable_hashagg => 'off', xmloption => 'document');
foreach my $worker (@workers)
{
	$worker->safe_psql('postgres', join '', 'SET citus.enable_ddl_propagation = off;',
		map { "ALTER DATABASE postgres SET $_ = '$hostile{$_}';" } keys %hostile);
	$worker->restart;
}
foreach my $query (@fewer)
{
	is(answer($node, $query, 'far'), answer($node, $query, 'near'),
		"$query, where workers have settings of their own");
}
foreach my $worker (@workers)
{
	$worker->safe_psql('postgres', 'SET citus.enable_ddl_propagation = off;
		ALTER DATABASE postgres RESET ALL');
	$worker->restart;
}

# What a session has set of the cluster's own, by which others are answered roughly.
my $rough = "SET datestyle = ISO; SET TimeZone = 'Asia/Kathmandu'; SET balance.ledger = 'nowhere';
	SET citus.limit_clause_row_fetch_count = 2; SET citus.count_distinct_error_rate = 0.5;
	SET citus.subquery_pushdown = on; SET citus.enable_binary_protocol = off;
	SET citus.enable_router_execution = on; SET citus.propagate_set_commands = 'local';
	SET citus.task_assignment_policy = 'round-robin'; SET citus.enable_local_execution = off; ";
foreach my $query (grep { /balance\./ } @fewer)
{
	is(answer($node, $query, 'far', $rough), answer($node, $query, 'near'),
		"$query, as roughly as may be");
}

# Row security that asks for a setting, which no worker is told of, is refused: of a table,
# and of one below views; so is one that asks by a function, which may ask for anything.
$node->safe_psql('postgres', join '', "$quiet CREATE ROLE app LOGIN;
	GRANT USAGE ON SCHEMA balance TO app;
	CREATE FUNCTION public.mine() RETURNS text STABLE LANGUAGE plpgsql AS
		\$\$BEGIN RETURN current_setting('app.mine', true); END\$\$;
	CREATE SCHEMA seen; CREATE VIEW seen.invoice WITH (security_invoker) AS TABLE far.invoice;
	CREATE VIEW seen.customer WITH (security_invoker) AS TABLE far.customer;
	CREATE VIEW seen.deposit WITH (security_invoker) AS TABLE far.deposit;
	GRANT USAGE ON SCHEMA seen TO app;
	GRANT SELECT ON ALL TABLES IN SCHEMA seen TO app;",
	map { "GRANT USAGE ON SCHEMA $_ TO app; GRANT SELECT ON ALL TABLES IN SCHEMA $_ TO app;
	ALTER TABLE $_.invoice ENABLE ROW LEVEL SECURITY;" } 'far', 'near');
my $mine = "SET ROLE app; SET app.mine = 'c42'; SELECT balance.customer_balance('c42', 'LEDGER')";
foreach my $policy ("customer_id = current_setting('app.mine', true)",
	'customer_id = public.mine()')
{
	$node->safe_psql('postgres', join '', $quiet,
		map { "CREATE POLICY mine ON $_.invoice USING ($policy);" } 'far', 'near');
	like(answer($node, $mine, 'near'), qr/"total"/, "row security, $policy");
	like(answer($node, $mine, $_), qr/"(far|LEDGER).invoice" asks for a setting of the session/,
		"... has no answer on workers, $_") foreach 'far', 'seen';
	like($node->safe_psql('postgres', "SELECT message FROM balance.check_ledger('far')"),
		qr/row security of far.invoice is asked on its servers/, '... as check_ledger() tells');
	$node->safe_psql('postgres', join '', $quiet, map { "DROP POLICY mine ON $_.invoice;" }
		'far', 'near');
}
$node->safe_psql('postgres', join '', $quiet,
	map { "CREATE POLICY mine ON $_.invoice USING (current_user = 'app' AND customer_id = 'c42');
	CREATE POLICY theirs ON $_.invoice FOR DELETE
		USING (customer_id = current_setting('app.mine'));" } 'far', 'near');
is(answer($node, $mine, 'far'), answer($node, $mine, 'near'), 'one by role is answered');
is(answer($node, $mine, 'seen'), answer($node, $mine, 'near'), '... and below a view');
$node->safe_psql('postgres', "$quiet DROP POLICY mine ON $_.invoice;
	DROP POLICY theirs ON $_.invoice; ALTER TABLE $_.invoice DISABLE ROW LEVEL SECURITY")
	foreach 'far', 'near';

# A document for each row of a table is refused.
my $each = 'SELECT balance.customer_balance(customer_id, %s) FROM far.customer';
like(($node->psql('postgres', sprintf $each, "'far'"))[2], qr/ERROR/, 'not for each row');
like(($node->psql('postgres', sprintf "$each WHERE customer_id = 'c42'", "'far'"))[2], qr/ERROR/,
	'... nor for one');
# A ledger of an ordinary role's, by a name that has to be quoted; and one that is upgraded,
# whose views keep their zone.
my $ours = q{Bücher "2026"};
$node->safe_psql('postgres', "$quiet CREATE ROLE keeper LOGIN;
	GRANT CREATE ON DATABASE postgres TO keeper; SET ROLE keeper;
	SELECT balance.create_ledger('$ours', distributed => true)");
my $quoted = q{"Bücher ""2026"""};
$node->safe_psql('postgres', qq{SET ROLE keeper; INSERT INTO $quoted.customer (customer_id)
	VALUES ('c1'); INSERT INTO $quoted.deposit VALUES ('d', 'c1', 'usd', 'held', 5)});
like($node->safe_psql('postgres', qq{SET ROLE keeper;
	SELECT document FROM $quoted.book_customer_balance}), qr/"held"/, 'a ledger of a role');
is($node->safe_psql('postgres', qq{SET ROLE keeper;
	SELECT * FROM balance.check_ledger('$quoted') WHERE message !~ 'could not be asked'}), '',
	'... in which nothing is wrong');
$node->safe_psql('postgres', qq{$quiet SET ROLE keeper; DROP TABLE $quoted.payment CASCADE;
	SELECT balance.drop_report_views('$quoted');
	ALTER TABLE $quoted.credit_memo DROP COLUMN expires_at;
	SELECT balance.create_report_views('Asia/Tokyo', '$quoted');
	SELECT balance.upgrade_ledger('$ours')});
is($node->safe_psql('postgres', qq{SET ROLE keeper;
	SELECT count(*) FROM $quoted.report_credit_expiry}), 0, '... is upgraded where it is');
like($node->safe_psql('postgres', qq{SELECT obj_description('$quoted.report_ageing'::regclass)}),
	qr/Asia.Tokyo/, '... and its views keep their zone');
is($node->safe_psql('postgres', qq{SELECT partmethod, repmodel FROM pg_dist_partition
	WHERE logicalrelid = '$quoted.payment'::regclass}), 'h|s', '... with the new table');
$node->safe_psql('postgres', qq{$quiet SET ROLE keeper; DROP SCHEMA $quoted CASCADE});

# What check_ledger() finds of shards.
is($node->safe_psql('postgres', "SELECT * FROM balance.check_ledger('far')"), '',
	'nothing is wrong with a ledger of create_ledger()');
$node->safe_psql('postgres', 'SET citus.enable_ddl_propagation = off;
	CREATE INDEX here ON far.deposit (status)');
like($node->safe_psql('postgres', "SELECT message FROM balance.check_ledger('far')"),
	qr/(shards on .* lack indexes that their tables have: \d of far.deposit\n?){2}/,
	'shards that lack an index');
$node->safe_psql('postgres', 'SET citus.enable_ddl_propagation = off; DROP INDEX far.here');

# A server that is away: an error, or the answer, where it is another's; never less.
$workers[1]->stop;
my ($away, $told) = (0, 0);
foreach my $query (@fewer)
{
	my $found = answer($node, $query, 'far');
	if ($found =~ /ERROR/) { $away++; }
	elsif ($found eq answer($node, $query, 'near')) { $told++; }
	else { fail("$query, of what a server has that is away"); }
}
cmp_ok($away, '>', 50, 'what needs a server that is away raises');
cmp_ok($told, '>', 5, '... and what does not is told');
like($node->safe_psql('postgres', "SELECT message FROM balance.check_ledger('far')"),
	qr/could not be asked/, '... as check_ledger() tells');
$workers[1]->start;

# A server that comes, and the rows that are moved to it.
my $third = start_node('worker3', 'Europe/Lisbon');
$node->safe_psql('postgres', "$quiet SELECT citus_add_node('" . $third->host . "', "
		. $third->port . "); SELECT rebalance_table_shards(shard_transfer_mode => 'block_writes')");
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM pg_dist_placement JOIN pg_dist_node
	USING (groupid) WHERE nodeport = ' . $third->port), '>', 10, 'a server that has come has rows');
foreach my $query (@fewer)
{
	is(answer($node, $query, 'far'), answer($node, $query, 'near'), "$query, after a move");
}
is($node->safe_psql('postgres', "SELECT * FROM balance.check_ledger('far')"), '',
	'... and check_ledger() finds nothing');

# Rows on the server that is asked itself, too.
$node->safe_psql('postgres', "$quiet SELECT citus_set_node_property('" . $node->host . "', "
		. $node->port . ", 'shouldhaveshards', true);
	SELECT rebalance_table_shards(shard_transfer_mode => 'block_writes')");
foreach my $query (@fewer)
{
	is(answer($node, $query, 'far'), answer($node, $query, 'near'), "$query, with rows here");
}

# Functions that are sent to the customer's server: who passes no ledger or zone has none.
my $here = "SET datestyle = ISO; SET TimeZone = 'Asia/Kathmandu'; SET balance.ledger = 'far';";
my @sent = ("SELECT balance.customer_balance('c42', 'LEDGER')",
	"SELECT balance.invoice_summary('c42', now(), 'Asia/Kathmandu', 'LEDGER')");
my @expected = map { answer($node, $_, 'near', $here) } @sent;
$node->safe_psql('postgres', "$quiet SELECT create_distributed_function('balance.$_',
	'customer_id', colocate_with => 'far.customer')") foreach
	'customer_balance(text, regnamespace)',
	'invoice_summary(text, timestamptz, text, regnamespace)';
$_->safe_psql('postgres', "SET citus.enable_ddl_propagation = off;
	ALTER DATABASE postgres SET balance.ledger = 'near'") foreach @workers;
is(answer($node, $sent[0], 'far', $here), $expected[0],
	'a function that is sent is told its ledger');
like(answer($node, "SELECT balance.customer_balance('c42')", 'far', $here),
	qr/ERROR:  the ledger that is set by who asks is not known here/, '... or has none');
is(answer($node, $sent[1], 'far', $here), $expected[1], '... and its zone');
like(answer($node, "SELECT balance.invoice_summary('c42', ledger => 'LEDGER')", 'far', $here),
	qr/"total|time zone of who asks is not known/, '... or has none');
$_->safe_psql('postgres', 'SET citus.enable_ddl_propagation = off;
	ALTER DATABASE postgres RESET ALL') foreach @workers;

# The extension goes once its views have, or with CASCADE.
like(($node->psql('postgres', 'DROP EXTENSION balance'))[2], qr/view far.report_ageing depends on/,
	'report views keep the extension');
$node->safe_psql('postgres', "BEGIN; $quiet DROP EXTENSION balance CASCADE; ROLLBACK");
$node->safe_psql('postgres', "$quiet SELECT balance.drop_report_views(nspname::regnamespace)
	FROM pg_namespace WHERE nspname = ANY ('{far,near}'); DROP EXTENSION balance");
is($_->safe_psql('postgres', "SELECT count(*) FROM pg_extension WHERE extname = 'balance'"), 0,
	'it goes from ' . $_->name) foreach $node, @workers;

# A server that lacks it, or has another version, is found.
$node->safe_psql('postgres', "$quiet CREATE EXTENSION balance;
	SELECT balance.create_report_views('Asia/Kathmandu', 'far')");
$workers[0]->safe_psql('postgres', "$quiet SET citus.enable_ddl_propagation = off;
	DROP EXTENSION balance CASCADE");
$workers[1]->safe_psql('postgres', "UPDATE pg_extension SET extversion = '0.0.9'
	WHERE extname = 'balance'");
my $found = $node->safe_psql('postgres',
	"SELECT severity, message FROM balance.check_ledger('far')");
like($found, qr/error\|\S+:@{[ $workers[0]->port ]} has no extension balance/ , 'one without it');
like($found, qr/warning\|\S+:@{[ $workers[1]->port ]} has version 0.0.9/, '... and an older one');
my @without = grep { answer($node, $_, 'far') !~ /ERROR/ }
	"SELECT * FROM balance.customer_balances(ledger => 'LEDGER')",
	"SELECT * FROM balance.invoice_summaries(ledger => 'LEDGER')",
	"SELECT * FROM balance.verify('LEDGER')", 'TABLE LEDGER.report_ageing';
is(join("\n", @without), '', '... where books and reports raise');

$_->stop for reverse $node, @workers, $third;
done_testing();
