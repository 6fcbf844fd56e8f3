CREATE FUNCTION overflow(int) RETURNS int LANGUAGE C AS '$libdir/planted';
SELECT overflow(2147483647);
