# Joins the declarations to the install script.  figures.def is read first: a line
# "-- FIGURES(document)" among a function's OUT columns becomes those of the
# document, name and type of each FIGURE.  Other repetition is spelled out from
#
#	-- DEFINE NAME(parameter; parameter)
#	SQL with {parameter}
#	-- END
#	-- NAME(argument; argument)
#
# A call may go on for several lines of comment, up to the parenthesis.

function fail(message) {
	print FILENAME ":" FNR ": " message >"/dev/stderr"
	exit 1
}

function call(name, arguments,    values, names, text, i) {
	if (split(arguments, values, /; */) != split(parameters[name], names, /; */))
		fail(name " takes other arguments")
	text = body[name]
	for (i in names)
		gsub("[{]" names[i] "[}]", values[i], text)
	printf "%s", text
}

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
	if (columns[document] == "")
		fail("figures.def has no figures of " document)
	print columns[document] ")"
	next
}
match($0, /^-- DEFINE [A-Z]+\(/) {
	defined = substr($0, 11, RLENGTH - 11)
	parameters[defined] = substr($0, RLENGTH + 1, length($0) - RLENGTH - 1)
	body[defined] = ""
	next
}
defined != "" {
	if ($0 == "-- END")
		defined = ""
	else
		body[defined] = body[defined] $0 "\n"
	next
}
match($0, /^-- [A-Z]+\(/) {
	name = substr($0, 4, RLENGTH - 4)
	arguments = substr($0, RLENGTH + 1)
	while (arguments !~ /\)$/ && (getline line) > 0 && sub(/^--[ \t]+/, "", line))
		arguments = arguments " " line
	if (!(name in body) || !sub(/\)$/, "", arguments))
		fail("this is no call of what is defined")
	call(name, arguments)
	next
}
{ print }
