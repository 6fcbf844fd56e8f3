CREATE FUNCTION past_chunk(int) RETURNS int LANGUAGE C AS '$libdir/planted';
SELECT past_chunk(21);
