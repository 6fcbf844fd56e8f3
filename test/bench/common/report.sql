-- The medians of the suite, and what was asked of it.
\pset footer off
SELECT count(*) > 0 AS has_runs FROM bench.median WHERE suite = current_setting('bench.suite') \gset
\if :has_runs
SELECT m.name, round(m.ms::numeric, 3) AS "median ms", round(least::numeric, 3) AS least, round(most::numeric, 3) AS most, round(m.cpu_ms::numeric, 3) AS "CPU ms", runs
FROM bench.median m JOIN bench.contender c USING (suite, name)
WHERE suite = current_setting('bench.suite') ORDER BY m.ms;
\endif
SELECT what, "ratio of medians", "median of ratios", "by CPU time", must, aim, reached
FROM bench.verdict WHERE suite = current_setting('bench.suite') ORDER BY place;
