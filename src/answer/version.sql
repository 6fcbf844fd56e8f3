-- Versions.  C: version.c

CREATE FUNCTION balance.version()
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION balance.version() IS
'The version of the library that this session has loaded, such as 0.1.0. That of the extension''s '
'objects is extversion in pg_extension: where the two differ, the database awaits ALTER EXTENSION '
'balance UPDATE, or the session has the old library and must connect anew.';
