# Fills a line "-- FIGURES(document)" of a function's OUT columns with those of
# figures.def, which is read first: name and type of each FIGURE of the document.
FILENAME ~ /\.def$/ {
	if (match($0, /^FIGURE\([A-Z_]+, [A-Za-z_]+, [A-Z_]+,/)) {
		split(substr($0, 8, RLENGTH - 8), word, ", ")
		type = word[3] == "COUNT_OF_ROWS" ? "bigint" : "numeric"
		columns[word[1]] = columns[word[1]] separator[word[1]] "\tOUT \"" word[2] "\" " type
		separator[word[1]] = ",\n"
	}
	next
}
match($0, /^\t-- FIGURES\([A-Z_]+\)$/) {
	document = substr($0, 13, RLENGTH - 13)
	if (columns[document] == "") {
		print FILENAME ": figures.def has no figures of " document >"/dev/stderr"
		exit 1
	}
	print columns[document] ")"
	next
}
{ print }
