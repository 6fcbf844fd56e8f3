-- What is kept of columns whose type looks words up in a way of its own.
-- a server without contrib's modules has no citext
SELECT NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citext') AS no_citext \gset
\if :no_citext
\quit
\endif
SET client_min_messages = warning;
SET search_path = public, balance;
CREATE SCHEMA worded;
CREATE EXTENSION citext SCHEMA worded;
CREATE TABLE worded.vcu_order (vcu_order_id text, customer_id worded.citext, currency text,
	status text, units numeric, created_at timestamptz);
SELECT relation, valid, reason FROM maintain('worded') WHERE relation = 'vcu_order';

-- columns that nobody reads but a query: the same is kept of them
CREATE SCHEMA slow;
CREATE TABLE slow.deposit (deposit_id text, customer_id text, currency worded.citext,
	status worded.citext, amount numeric);
CREATE TABLE slow.vcu_order (vcu_order_id text, customer_id text, currency worded.citext,
	status text, units numeric, created_at timestamptz);
SELECT relation, valid FROM maintain('slow');
INSERT INTO slow.deposit VALUES ('1', 'c1', 'usd', 'ok', 1), ('2', 'c1', 'USD', 'Ok', 2);
INSERT INTO slow.deposit VALUES ('3', 'c2', 'zzz', 'ok', 1);
UPDATE slow.deposit SET amount = amount + 4, currency = 'eur' WHERE deposit_id = '2';
DELETE FROM slow.deposit WHERE deposit_id = '1';
INSERT INTO slow.vcu_order VALUES ('o', 'c1', 'brl', 'issued', 1, '2026-01-01');
SELECT source, customer_id, sum(bad) AS bad, merge(p) AS position
FROM slow.balance_store, position_from_packed(position) p
GROUP BY 1, 2 HAVING merge(p) <> '1{}' OR sum(bad) <> 0
ORDER BY 1, 2;
SELECT count(*) AS differing FROM verify('slow') WHERE rule = 'store_differs';
-- a column that comes while a session writes makes another query of it
ALTER TABLE slow.vcu_order ADD pay_with_balance boolean;
SELECT relation, valid, reason FROM repair('slow') WHERE relation = 'vcu_order';
INSERT INTO slow.vcu_order VALUES ('p', 'c1', 'brl', 'issued', 2, '2026-01-01', true),
	('q', 'c1', 'brl', 'issued', 4, '2026-01-01', false);
SELECT vcu_balance('c1', NULL, NULL, 'slow');
SELECT count(*) AS differing FROM verify('slow') WHERE rule = 'store_differs';
DROP SCHEMA slow, worded CASCADE;
