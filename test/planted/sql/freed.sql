CREATE FUNCTION freed(int) RETURNS int LANGUAGE C AS '$libdir/planted';
SELECT freed(1);
