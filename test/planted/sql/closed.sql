CREATE FUNCTION closed(regclass) RETURNS int LANGUAGE C AS '$libdir/planted';
CREATE TABLE shut (a int, b int);
SELECT CASE closed('shut') WHEN 2 THEN 'two columns' ELSE 'columns of' || ' freed memory' END;
