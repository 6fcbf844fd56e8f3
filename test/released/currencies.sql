-- The currencies as a release knows them: code, minor digits, month of
-- withdrawal, or "-" where there is none.  A release writes this to
-- test/released/currencies, which never loses a line: see test/t/013_released_lists.pl.
SELECT concat_ws(' ', code, coalesce(balance.minor_unit(code)::text, '-'),
                 coalesce(to_char(balance.currency_withdrawn(code), 'YYYY-MM'), '-'))
FROM generate_series(ascii('A'), ascii('Z')) a, generate_series(ascii('A'), ascii('Z')) b,
     generate_series(ascii('A'), ascii('Z')) c, LATERAL concat(chr(a), chr(b), chr(c)) code
WHERE balance.known_currency(code)
ORDER BY code COLLATE "C";
