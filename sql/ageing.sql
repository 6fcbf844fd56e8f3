-- Ageing: boundary days, zones, due instants, any bounds; always adding up.
SET search_path = balance, public;
SET TimeZone = 'UTC';

-- days past due, one invoice for each: 0 is due today and so current
CREATE TEMP TABLE aged AS
SELECT days, tally_invoices('usd', 'open', NULL, 1, 1, 1, '2026-06-30'::date - days) AS p
FROM unnest('{-400,-1,0,1,29,30,31,59,60,61,89,90,91,4000}'::int[]) days GROUP BY days;
SELECT bucket, from_days, to_days, a.count, amount
	FROM (SELECT merge(p) AS p FROM aged) t, ageing(p, '2026-06-30 12:00Z') a;
SELECT days, bucket FROM aged, ageing(p, '2026-06-30 12:00Z') a WHERE a.count > 0 ORDER BY days;
-- any bounds: the last days of the ranges
SELECT bucket, from_days, to_days, a.count
	FROM (SELECT merge(p) AS p FROM aged) t, ageing(p, '2026-06-30 12:00Z', 'UTC', '{1}') a;
SELECT bucket, from_days, to_days, a.count
	FROM (SELECT merge(p) AS p FROM aged) t,
	ageing(p, '2026-06-30 12:00Z', 'UTC', '{30,31,2147483646}') a;
SELECT bucket, a.count FROM (SELECT merge(p) AS p FROM aged) t, ageing(p, 'infinity') a
	WHERE a.count > 0;
SELECT bucket, a.count FROM (SELECT merge(p) AS p FROM aged) t, ageing(p, '-infinity') a
	WHERE a.count > 0;

-- due dates and instants, none, infinite ones, negative amounts, several currencies, drafts; paid
-- and void ones do not count
SELECT currency, bucket, a.count, amount
FROM ageing('1{EUR 2 paid(1 5 5 0) void(1 5 5 5), JPY 3 draft(1 1200 1200 1200) '
	'open(2 -300 -300 -300) due(2026-01-01 1 -300), '
            'USD 5 open(5 15 15 15) due(-infinity 1 1) due(infinity 1 2) due_at(-infinity 1 3) '
              'due_at(2026-06-30T11:59:59.999999Z 1 4) due_at(2026-06-30T12:00:00Z 1 5)}',
              '2026-06-30 12:00Z') a
WHERE a.count <> 0 OR bucket = 'current';
SELECT count(*) FROM ageing('1{}', now()), ageing('1{USD 1 credit(1 1)}', now()) a(c);
SELECT count(*) FROM ageing(NULL);

-- the day that decides is that of the zone: UTC-12 to UTC+14, days of 23 and 25 hours
SELECT zone, as_of, string_agg(bucket || ' ' || a.count, ', ' ORDER BY bucket) FROM (VALUES
  ('Etc/GMT+12', '2026-07-01 11:59:59Z'), ('Etc/GMT+12', '2026-07-01 12:00:00Z'),
  ('Pacific/Kiritimati', '2026-06-30 09:59:59Z'), ('Pacific/Kiritimati', '2026-06-30 10:00:00Z'),
  ('America/New_York', '2026-03-09 03:59:59Z'), ('America/New_York', '2026-03-09 04:00:00Z'),
  ('America/New_York', '2026-11-02 04:59:59Z'),
  ('America/New_York', '2026-11-02 05:00:00Z')) v(zone, as_of),
  ageing('1{USD 3 open(3 3 3 3) due(2026-03-08 1 1) due(2026-06-30 1 1) due(2026-11-01 1 1)}',
  	as_of::timestamptz, zone, '{1}') a WHERE a.count > 0 GROUP BY zone, as_of
  	ORDER BY as_of::timestamptz;
-- an instant is past due at once, by the days of the zone, but by one at least
SELECT zone, bucket FROM (VALUES ('UTC'), ('Asia/Tokyo'), ('America/Los_Angeles')) v(zone),
	ageing('1{USD 1 open(1 1 1 1) due_at(2026-06-29T16:00:00Z 1 1)}', '2026-06-30 06:00Z', zone,
	'{1,2}') a WHERE a.count > 0;
SELECT as_of, bucket, from_days, to_days
	FROM (VALUES ('2026-06-29 16:00:00Z'), ('2026-06-29 16:00:00.000001Z'),
	('2026-06-30 23:59:59Z'), ('2026-07-01 00:00Z')) v(as_of),
	ageing('1{USD 1 open(1 1 1 1) due_at(2026-06-29T16:00:00Z 1 1)}', as_of::timestamptz, 'UTC',
	'{1,2}') a WHERE a.count > 0;

-- random books, bounds and instants: the buckets add up to what the summary says is unpaid and
-- overdue
SELECT setseed(0.75);
CREATE TEMP TABLE book AS
SELECT g, tally_invoices_add(NULL, (ARRAY['usd', 'eur', 'jpy'])[1 + g % 3],
	(ARRAY['open', 'draft', 'paid', 'void'])[1 + (random() * 3)::int], NULL, 1, 1,
	round((random() * 1000 - 200)::numeric, (random() * 20)::int),
         CASE WHEN random() < 0.8 THEN '2026-06-30'::date + (random() * 200 - 150)::int END) AS p
         	FROM generate_series(1, 300) g
UNION ALL
SELECT g, tally_invoices_add(NULL, 'usd', 'open', NULL, 1, 1,
	round((random() * 1000 - 200)::numeric, 2),
	'2026-06-30 12:00Z'::timestamptz + (random() * 200 - 150) * interval '1 day')
	FROM generate_series(1, 300) g;
SELECT count(*) AS checked, bool_and(total = unpaid) AS unpaid, bool_and(past = overdue) AS overdue,
	bool_and(n = unpaid_count) AS counts
FROM (SELECT currency, as_of, zone, bounds, sum(amount) AS total,
	sum(amount) FILTER (WHERE bucket NOT IN ('current', 'no_due_date')) AS past, sum(a.count) AS n,
             (SELECT (s->>'total_unpaid_amount')::numeric
             	FROM jsonb_array_elements(d->'summaries') s WHERE s->>'currency' = lower(currency))
             	AS unpaid,
             (SELECT (s->>'total_overdue_amount')::numeric
             	FROM jsonb_array_elements(d->'summaries') s WHERE s->>'currency' = lower(currency))
             	AS overdue,
             (SELECT (s->>'unpaid_invoice_count')::numeric
             	FROM jsonb_array_elements(d->'summaries') s WHERE s->>'currency' = lower(currency))
             	AS unpaid_count
      FROM (SELECT merge(p) AS p FROM book) b,
      	(SELECT '2026-06-30 12:00Z'::timestamptz + (random() * 300 - 200) * interval '1 day'
      	AS as_of FROM generate_series(1, 30)) w,
      	unnest('{UTC,Etc/GMT+12,Pacific/Kiritimati,Asia/Kathmandu}'::text[]) zone,
           (VALUES ('{30,60,90}'::int[]), ('{1}'), ('{1,2,3}'), ('{7,14,21,28,35}')) v(bounds),
           	ageing(p, as_of, zone, bounds) a, to_invoice_summary(p, 'c', NULL, as_of, zone) d
      GROUP BY currency, as_of, zone, bounds, d) x;

-- bad input
SELECT * FROM ageing('1{}', now(), 'UTC', '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM ageing('1{}', now(), 'UTC', '{60,30}');
SELECT * FROM ageing('1{}', now(), 'UTC', '{30,30}');
SELECT * FROM ageing('1{}', now(), 'UTC', '{-1,30}');
SELECT * FROM ageing('1{}', now(), 'UTC', '{0,30,60,90}');
SELECT * FROM ageing('1{}', now(), 'UTC', '{2147483647}');
SELECT * FROM ageing('1{}', now(), 'UTC', '{30,NULL}');
SELECT * FROM ageing('1{}', now(), 'UTC', '{{30,60},{90,120}}');
SELECT * FROM ageing('1{}', now(), 'UTC', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM ageing('1{}', now(), 'Mars');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM ageing('1{}', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM ageing('1{}', now(), NULL);
SELECT * FROM ageing('1{USD 1 open(1 1 1 0?1)}');
\echo :LAST_ERROR_SQLSTATE
DROP TABLE aged, book;
