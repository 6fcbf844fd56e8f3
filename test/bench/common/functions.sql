-- What all benchmarks share: a suite (one script of test/bench) registers its
-- contenders with add() and what is asked of them with goal(), then
-- check_answers() and compete(); report.sql prints the medians and ratios.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE SCHEMA bench;

-- For every session of the benchmark, pgbench's included.
ALTER DATABASE bench SET max_parallel_workers_per_gather = 0;
ALTER DATABASE bench SET work_mem = '1GB';
ALTER DATABASE bench SET jit = off;
ALTER DATABASE bench SET TimeZone = 'UTC';

-- A number below among for each row and column, the same in every run.
CREATE FUNCTION bench.random(n bigint, column_no int, among int)
RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(n, column_no) & 9223372036854775807) % among;

-- A query or, where the work takes several, queries; the settings are made for
-- it alone.  Those with the same answer are compared, by check_query where the
-- query itself tells it in a form of its own.
CREATE TABLE bench.contender (
	suite text DEFAULT current_setting('bench.suite'),
	place int GENERATED ALWAYS AS IDENTITY,
	name text,
	query text[] NOT NULL,
	answer text,
	check_query text,
	settings jsonb NOT NULL,
	PRIMARY KEY (suite, name)
);

-- CPU time is known on Linux, of work without parallel workers.
CREATE TABLE bench.run (
	suite text DEFAULT current_setting('bench.suite'),
	name text,
	round int,
	ms float8 NOT NULL,
	cpu_ms float8
);

-- The time of the best contender whose name begins with the word over, divided
-- by that of the best whose name begins with under, is to be at least or most this.
CREATE TABLE bench.goal (
	suite text DEFAULT current_setting('bench.suite'),
	place int GENERATED ALWAYS AS IDENTITY,
	what text,
	over text,
	under text,
	comparison text CHECK (comparison IN ('>=', '<=')),
	must numeric,
	aim numeric
);

-- Figures that are not made from runs.
CREATE TABLE bench.measure (
	suite text DEFAULT current_setting('bench.suite'),
	what text,
	value numeric,
	must numeric,
	aim numeric
);

CREATE FUNCTION bench.add(name text, query text[], answer text DEFAULT NULL,
	check_query text DEFAULT NULL, settings jsonb DEFAULT '{}') RETURNS void
BEGIN ATOMIC
	INSERT INTO bench.contender (name, query, answer, check_query, settings)
	VALUES (name, query, answer, check_query, settings);
END;

CREATE FUNCTION bench.goal(what text, over text, under text, comparison text, must numeric,
	aim numeric) RETURNS void
BEGIN ATOMIC
	INSERT INTO bench.goal (what, over, under, comparison, must, aim)
	VALUES (what, over, under, comparison, must, aim);
END;

-- Raises unless all contenders with the same answer give the same rows.
CREATE FUNCTION bench.check_answers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	c record;
	query text;
	first text;
	nrows bigint;
	differing bigint;
BEGIN
	FOR c IN SELECT *, lag(name) OVER (PARTITION BY answer ORDER BY place) IS NULL AS is_first
			 FROM bench.contender WHERE suite = current_setting('bench.suite')
			   AND answer IS NOT NULL ORDER BY answer, place LOOP
		query := COALESCE(c.check_query, c.query[1]);
		IF c.is_first THEN
			first := c.name;
			DROP TABLE IF EXISTS expected;
			EXECUTE 'CREATE TEMP TABLE expected AS ' || query;
			SELECT count(*) INTO nrows FROM expected;
			IF nrows = 0 THEN
				RAISE '"%" has no answer', c.name;
			END IF;
			CONTINUE;
		END IF;
		DROP TABLE IF EXISTS given;
		EXECUTE 'CREATE TEMP TABLE given AS ' || query;
		SELECT count(*) INTO differing
		FROM ((TABLE expected EXCEPT ALL TABLE given)
			UNION ALL (TABLE given EXCEPT ALL TABLE expected)) d;
		IF differing > 0 THEN
			RAISE 'the answers of "%" and "%" differ in % rows', first, c.name, differing;
		END IF;
	END LOOP;
END $$;

-- The CPU time that this session has used, in ms; NULL where it is not known.
CREATE FUNCTION bench.cpu() RETURNS float8 LANGUAGE sql VOLATILE
RETURN split_part(pg_read_file('/proc/self/schedstat', 0, 100, true), ' ', 1)::float8 / 1000000;

-- How long the queries take in the server.  Every column of every row is asked
-- for, as the planner leaves out the making of those that nobody wants.
CREATE FUNCTION bench.time(query text[], settings jsonb, OUT ms float8, OUT cpu_ms float8)
LANGUAGE plpgsql AS $$
DECLARE
	q text;
	setting record;
	started timestamptz;
	size bigint;
BEGIN
	FOR setting IN SELECT * FROM jsonb_each_text(settings) LOOP
		PERFORM set_config(setting.key, setting.value, false);
	END LOOP;
	cpu_ms := bench.cpu();
	started := clock_timestamp();
	FOREACH q IN ARRAY query LOOP
		EXECUTE format('SELECT sum(pg_column_size(q)) FROM (%s) q', q) INTO size;
	END LOOP;
	ms := extract(epoch FROM clock_timestamp() - started) * 1000;
	cpu_ms := CASE WHEN current_setting('max_parallel_workers_per_gather') = '0' THEN bench.cpu()
		- cpu_ms END;
	-- counted at the kernel's ticks, which are up to 10 ms apart, so shorter times say little
	cpu_ms := CASE WHEN cpu_ms >= 20 THEN cpu_ms END;
	FOR setting IN SELECT * FROM jsonb_each_text(settings) LOOP
		EXECUTE format('RESET %I', setting.key);
	END LOOP;
END $$;

-- In turn, with one round before them that is not counted.  Each round begins
-- with another contender.
CREATE PROCEDURE bench.compete() LANGUAGE plpgsql AS $$
DECLARE
	c record;
	t record;
BEGIN
	FOR i IN 0 .. current_setting('bench.runs')::int LOOP
		FOR c IN SELECT *
		FROM (SELECT *, row_number() OVER (ORDER BY place) AS nth, count(*) OVER () AS n
								FROM bench.contender WHERE suite = current_setting('bench.suite')) s
				 ORDER BY (nth + i) % n LOOP
			t := bench.time(c.query, c.settings);
			IF i > 0 THEN
				INSERT INTO bench.run (name, round, ms, cpu_ms) VALUES (c.name, i, t.ms, t.cpu_ms);
			END IF;
		END LOOP;
	END LOOP;
END $$;

CREATE VIEW bench.median AS
SELECT suite, name, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms, min(ms) AS least,
	max(ms) AS most, count(*) AS runs,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY cpu_ms) AS cpu_ms
FROM bench.run GROUP BY suite, name;

-- The ratio of the median times, the median of the ratios within rounds, which
-- a slow minute of the machine does not touch, and the ratio of the median CPU
-- times, which others at work on the machine touch least.  The verdict is by the worse of the first
-- two.
CREATE VIEW bench.verdict AS
SELECT suite, place, what, round(by_times, 2) AS "ratio of medians",
	round(by_rounds, 2) AS "median of ratios", round(by_cpu, 2) AS "by CPU time",
       comparison || ' ' || must AS must, comparison || ' ' || aim AS aim,
       CASE WHEN worse * sign >= aim * sign THEN 'aim' WHEN worse * sign >= must * sign THEN 'must'
         ELSE 'missed' END AS reached
FROM (SELECT g.*, sign, (o.ms / u.ms)::numeric AS by_times, r.ratio::numeric AS by_rounds,
	cpu.ratio::numeric AS by_cpu,
             CASE WHEN sign > 0 THEN least(o.ms / u.ms, r.ratio)
               ELSE greatest(o.ms / u.ms, r.ratio) END::numeric AS worse
      FROM bench.goal g
      CROSS JOIN LATERAL (SELECT CASE comparison WHEN '>=' THEN 1 ELSE -1 END) s(sign)
      CROSS JOIN LATERAL (SELECT * FROM bench.median m WHERE m.suite = g.suite
        AND starts_with(m.name, g.over) ORDER BY ms LIMIT 1) o
      CROSS JOIN LATERAL (SELECT * FROM bench.median m WHERE m.suite = g.suite
        AND starts_with(m.name, g.under) ORDER BY ms LIMIT 1) u
      CROSS JOIN LATERAL (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a.ms / b.ms) AS ratio
                          FROM bench.run a JOIN bench.run b USING (suite, round)
                          WHERE suite = g.suite AND a.name = o.name AND b.name = u.name) r
      CROSS JOIN LATERAL (SELECT min(cpu_ms) FILTER (WHERE starts_with(name, g.over)) /
        NULLIF(min(cpu_ms) FILTER (WHERE starts_with(name, g.under)), 0) AS ratio
                          FROM bench.median m WHERE m.suite = g.suite) cpu) v
UNION ALL
SELECT suite, 0, what, round(value, 2), NULL, NULL, '<= ' || must, '<= ' || aim,
       CASE WHEN value <= aim THEN 'aim' WHEN value <= must THEN 'must' ELSE 'missed' END
FROM bench.measure;
