-- What make demo shows.
CREATE EXTENSION balance;
SELECT extversion AS "balance is installed, version" FROM pg_extension WHERE extname = 'balance';
