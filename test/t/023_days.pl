# When days begin, in every zone of the time zone database, around each of its changes of
# clocks from 1800 to 2037: what statements, their periods and months say is what PostgreSQL's
# own dates say, and no day has begun before the one before it is over.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('days');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\nTimeZone = 'UTC'\nsynchronous_commit = off\n");
$node->start;

# The clocks of each zone are looked at once a week, and before 1900, when none changed for
# less, four times a year.  What changed between two looks is found by halving, to the second.
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION balance;
CREATE FUNCTION local(at timestamptz, zone text) RETURNS timestamp LANGUAGE sql IMMUTABLE
RETURN at AT TIME ZONE zone;
CREATE FUNCTION ahead(at timestamptz, zone text) RETURNS interval LANGUAGE sql IMMUTABLE
RETURN local(at, zone) - local(at, 'UTC');
CREATE TABLE changed AS
SELECT name AS zone, at AS low, at + step AS high, at + step AS until
FROM (SELECT name FROM pg_timezone_names
	WHERE name !~ '^(posix|right)/' AND name !~ '(localtime|posixrules|Factory)$') AS z,
	(SELECT at, '90 days'::interval AS step
	FROM generate_series('1800-01-01Z'::timestamptz, '1900-01-01Z', '90 days') AS at
	UNION ALL SELECT at, '7 days'
	FROM generate_series('1900-01-01Z'::timestamptz, '2037-12-31Z', '7 days') AS at) AS look
WHERE local(at + step, name) - local(at, name) <> step;
CREATE TABLE change (zone text, at timestamptz, ahead interval, next interval);
DO $$
BEGIN
	WHILE EXISTS (SELECT FROM changed) LOOP
		WHILE EXISTS (SELECT FROM changed WHERE high - low > '1 second') LOOP
			CREATE TEMP TABLE nearer AS
			SELECT zone, CASE WHEN is_low THEN middle ELSE low END AS low,
				CASE WHEN is_low THEN high ELSE middle END AS high, until
			FROM changed, date_trunc('second', low + (high - low) / 2) AS middle,
				LATERAL (SELECT ahead(middle, zone) = ahead(low, zone)) AS s(is_low);
			TRUNCATE changed;
			INSERT INTO changed TABLE nearer;
			DROP TABLE nearer;
		END LOOP;
		INSERT INTO change SELECT zone, high, ahead(low, zone), ahead(high, zone) FROM changed;
		DELETE FROM changed WHERE ahead(high, zone) = ahead(until, zone);
		UPDATE changed SET low = high, high = until;
	END LOOP;
END $$;
-- of zones with the same changes, one
CREATE TABLE one AS
SELECT min(zone) AS zone FROM (SELECT zone, md5(string_agg(at || ' ' || next, ',' ORDER BY at))
	FROM change GROUP BY zone) AS z GROUP BY md5;
CREATE INDEX ON change (zone, at);
ANALYZE;
SQL
my ($zones, $changes) = split /\|/, $node->safe_psql('postgres',
	'SELECT count(DISTINCT zone), count(*) FROM change JOIN one USING (zone)');
note "$changes changes of $zones zones";
cmp_ok($changes, '>', 10000, 'clocks change');
is($node->safe_psql('postgres', q{SELECT ahead, next FROM change
	WHERE zone = 'America/Sitka' AND at < '1868-01-01Z'}), '14:58:47|-09:01:13',
	'in Alaska by a day');

# The instants at which a day may begin around a change, and those before, with the day that has
# begun then: the least that clocks show from then on.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE instant AS
SELECT row_number() OVER () AS id, i.*, least(local(i.at, i.zone)::date,
	(SELECT min(local(c.at, c.zone)::date) FROM change AS c
	WHERE c.zone = i.zone AND c.at > i.at AND c.at < i.at + '2 days')) AS day
FROM (SELECT DISTINCT c.zone, v.at + around AS at
	FROM change AS c
	JOIN one ON one.zone = c.zone
	CROSS JOIN LATERAL (SELECT greatest(c.next - c.ahead, c.ahead - c.next) > '3 hours') AS m(far)
	CROSS JOIN generate_series(-1, 1) AS n
	CROSS JOIN LATERAL (VALUES (c.at),
		((local(c.at, c.zone)::date + n - c.ahead) AT TIME ZONE 'UTC'),
		((local(c.at, c.zone)::date + n - c.next) AT TIME ZONE 'UTC')) AS v(at)
	CROSS JOIN (VALUES ('0'::interval), ('-1 microsecond'), ('-3 hours'), ('5 hours'),
		('15 hours')) AS a(around)
	WHERE far OR (around IN ('0', '-1 microsecond')
			AND v.at > c.at - '6 hours'::interval AND v.at < c.at + '6 hours'::interval)) AS i;
CREATE INDEX ON instant (zone, at);
SELECT balance.create_ledger('days');
INSERT INTO days.customer (customer_id) SELECT DISTINCT zone FROM instant;
INSERT INTO days.payment (payment_id, customer_id, currency, amount, paid_at)
SELECT id, zone, 'usd', 1, at FROM instant WHERE at < now();
ANALYZE;
SQL
note $node->safe_psql('postgres', 'SELECT count(*) FROM instant'), ' instants';

is($node->safe_psql('postgres', <<'SQL'), '', 'a line of a statement has the day that has begun');
SELECT s.customer_id, s.at, s.day, i.day
FROM (SELECT c.customer_id, l.* FROM days.customer AS c,
		balance.statement(c.customer_id, '1790-01-01', '2040-01-01', NULL, c.customer_id, 'days')
		AS l) AS s
FULL JOIN (SELECT * FROM instant WHERE at < now()) AS i ON i.id::text = s.document_id
WHERE (s.at, s.day) IS DISTINCT FROM (i.at, i.day) AND s.kind NOT LIKE '%balance'
ORDER BY 1, 2 LIMIT 20
SQL
is($node->safe_psql('postgres', <<'SQL'), '', 'so has a month');
SELECT zone, at, m, day FROM instant, balance.month_of_instant(at, zone) AS m
WHERE m <> date_trunc('month', day)::date ORDER BY 1, 2 LIMIT 20
SQL

# A period begins and ends as its days do: all where clocks change by hours, and some others.
is($node->safe_psql('postgres', <<'SQL'), '', 'a period has the instants of its days');
SELECT p.zone, p.day, s.balance, e.before, s.closing, e.until
FROM (SELECT zone, day FROM (
		SELECT DISTINCT c.zone, local(c.at, c.zone)::date + n AS day, c.next - c.ahead AS moved
		FROM change AS c JOIN one ON one.zone = c.zone, generate_series(-1, 2) AS n
		WHERE c.at < '2026-01-01Z') AS d
	ORDER BY greatest(moved, - moved) > '4 hours' DESC, md5(zone || day) LIMIT 800) AS p
CROSS JOIN LATERAL (
	SELECT min(balance) FILTER (WHERE kind = 'opening_balance') AS balance,
		min(balance) FILTER (WHERE kind = 'closing_balance') AS closing
	FROM balance.statement(p.zone, p.day, p.day, 'usd', p.zone, 'days')) AS s
CROSS JOIN LATERAL (
	SELECT - count(*) FILTER (WHERE i.day < p.day) AS before, - count(*) AS until
	FROM instant AS i WHERE i.zone = p.zone AND i.day <= p.day AND i.at < now()) AS e
WHERE (s.balance, s.closing) IS DISTINCT FROM (e.before, e.until)
ORDER BY 1, 2 LIMIT 20
SQL

$node->stop;
done_testing();
