CREATE FUNCTION uninitialised(int) RETURNS int LANGUAGE C AS '$libdir/planted';
SELECT uninitialised(1);
