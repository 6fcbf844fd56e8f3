# A session of a standby that goes on when that is promoted: what it knows of relations is of
# snapshots in recovery, and others come now.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1, extra => [ '--locale=C', '--encoding=UTF8' ]);
$primary->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\n");
$primary->start;
$primary->safe_psql('postgres', <<'SQL');
CREATE EXTENSION balance;
SELECT balance.create_ledger('kept');
INSERT INTO kept.customer (customer_id) VALUES ('a');
INSERT INTO kept.deposit VALUES (1, 'a', 'usd', 'held', 5);
SELECT balance.maintain('kept');
SQL
$primary->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'copy', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby);

my $held = q{SELECT balance.customer_balance('a', 'kept') #>> '{0,deposits,held,total}'};
is($standby->safe_psql('postgres', <<"SQL"), <<'SHOWN' =~ s/\n$//r, 'each answer is of its time');
$held;
SELECT balance.store_counts('kept', 'deposit'), pg_is_in_recovery();
SELECT pg_promote();
$held;
SELECT balance.store_counts('kept', 'deposit'), pg_is_in_recovery();
INSERT INTO kept.deposit VALUES (2, 'a', 'usd', 'held', 10);
$held;
SELECT balance.store_counts('kept', 'deposit');
TRUNCATE kept.deposit;
SELECT balance.customer_balance('a', 'kept');
SQL
5.00
t|t
t
5.00
t|f
15.00
t
[]
SHOWN
is($standby->safe_psql('postgres', "SELECT count(*) FROM balance.verify('kept')"), '0',
	'and the store differs from nothing');
$_->stop('fast') for $standby, $primary;
done_testing();
