-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION balance" to load this file. \quit

-- The schema is a member of the extension and belongs to the bootstrap
-- superuser, whichever role installs the extension: so no other role can put a
-- function into it that captures calls.  An existing schema is dropped and made
-- anew if it is empty and belongs to the installer, which also removes the
-- privileges that were granted on it.
DO $$
DECLARE
	dependents text;
BEGIN
	IF EXISTS (SELECT FROM pg_extension e, pg_namespace n
			   WHERE e.extname = 'balance' AND n.nspname = 'balance'
			   AND NOT pg_has_role(e.extowner, n.nspowner, 'USAGE')) THEN
		RAISE duplicate_schema USING
			MESSAGE = 'schema "balance" already exists',
			DETAIL = 'It belongs to another role.',
			HINT = 'Have it dropped or renamed; the extension makes a schema of that name.';
	END IF;
	DROP SCHEMA IF EXISTS balance RESTRICT;
	EXECUTE format('CREATE SCHEMA balance AUTHORIZATION %I', pg_get_userbyid(10));
EXCEPTION WHEN dependent_objects_still_exist THEN
	GET STACKED DIAGNOSTICS dependents = PG_EXCEPTION_DETAIL;
	RAISE duplicate_schema USING
		MESSAGE = 'schema "balance" already exists, and is not empty',
		DETAIL = dependents,
		HINT = 'Drop or rename it; the extension makes a schema of that name.';
END
$$;

COMMENT ON SCHEMA balance IS
'What customers owe and hold, per currency: the position, its aggregates and projections, and the '
'documents over a ledger. Everything runs with its caller''s rights. A function whose ledger is '
'NULL reads the one that the setting balance.ledger names; in a SECURITY DEFINER function, pass '
'the ledger or SET balance.ledger in its definition.';

-- everything in it runs with the caller's rights
GRANT USAGE ON SCHEMA balance TO PUBLIC;

-- A support function of the type, and its comment, which follows the call: see sql.awk.  Functions
-- that somebody calls are written out.

-- DEFINE FUNCTION(signature; type; labels)
CREATE FUNCTION balance.{signature}
RETURNS {type}
AS 'MODULE_PATHNAME' LANGUAGE C {labels} PARALLEL SAFE;

COMMENT ON FUNCTION balance.{signature} IS
-- END
