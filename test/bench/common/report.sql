-- The medians of the suite and what was asked of it, or the suite's own report.
\pset footer off
SELECT to_regclass('bench.' || current_setting('bench.suite') || '_report') AS own,
       EXISTS (SELECT FROM bench.run WHERE suite = current_setting('bench.suite')) AS has_runs,
       EXISTS (SELECT FROM bench.verdict WHERE suite = current_setting('bench.suite'))
         AS has_goals \gset
\if :{?own}
TABLE :own;
\elif :has_runs
SELECT m.name, round(m.ms::numeric, 3) AS "median ms", round(least::numeric, 3) AS least,
	round(most::numeric, 3) AS most, round(m.cpu_ms::numeric, 3) AS "CPU ms", runs
FROM bench.median m WHERE suite = current_setting('bench.suite') ORDER BY m.ms;
\endif
\if :has_goals
SELECT what, "ratio of medians", "median of ratios", "by CPU time", must, aim, reached
FROM bench.verdict WHERE suite = current_setting('bench.suite') ORDER BY place;
\endif
