CREATE FUNCTION past_array(int) RETURNS int LANGUAGE C AS '$libdir/planted';
SELECT past_array(5);
