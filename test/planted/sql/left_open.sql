CREATE FUNCTION left_open(regclass) RETURNS int LANGUAGE C AS '$libdir/planted';
CREATE TABLE left_alone ();
SELECT left_open('left_alone');
