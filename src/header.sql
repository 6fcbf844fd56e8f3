-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION balance" to load this file. \quit

COMMENT ON SCHEMA balance IS
'What customers owe and hold, per currency: the position, its aggregates and projections, and the documents over a ledger.';

-- everything in it runs with the caller's rights
GRANT USAGE ON SCHEMA balance TO PUBLIC;
