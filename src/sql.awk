# Joins the declarations to the install script, and spells out what is alike:
#
#	-- DEFINE NAME(parameter; parameter)
#	SQL with {parameter}
#	-- END
#	-- NAME(argument; argument)
#
# A call may go on for several lines of comment, up to a parenthesis at an end.  A
# signature is shown without defaults and OUT columns in a COMMENT ON, and has
# FIGURES(document) for those of figures.def, which is read first.

function fail(message) {
	print FILENAME ":" FNR ": " message >"/dev/stderr"
	exit 1
}

function types(signature) {
	gsub(/ DEFAULT ('[^']*'|[a-zA-Z_]+([(][^()]*[)])?)/, "", signature)
	gsub(/,? *(OUT "?[a-z_]+"? [a-z.]+|FIGURES[(][A-Z_]+[)])/, "", signature)
	return signature
}

function figures(signature,    document) {
	if (match(signature, /FIGURES[(][A-Z_]+[)]/)) {
		document = substr(signature, RSTART + 8, RLENGTH - 9)
		if (columns[document] == "")
			fail("figures.def has no figures of " document)
		sub(/FIGURES[(][A-Z_]+[)]/, columns[document], signature)
	}
	return signature
}

function call(name, arguments,    values, names, lines, n, i, j) {
	if (split(arguments, values, /; */) != split(parameters[name], names, /; */))
		fail(name " takes other arguments")
	n = split(body[name], lines, "\n")
	for (j = 1; j < n; j++) {
		for (i in names)
			gsub("[{]" names[i] "[}]",
				lines[j] ~ /^COMMENT/ ? types(values[i]) : figures(values[i]), lines[j])
		print lines[j]
	}
}

FILENAME ~ /\.def$/ {
	if (match($0, /^FIGURE\([A-Z_]+, [A-Za-z_]+, [A-Z_]+,/)) {
		split(substr($0, 8, RLENGTH - 8), word, ", ")
		type = word[3] == "COUNT_OF_ROWS" ? "bigint" : "numeric"
		columns[word[1]] = columns[word[1]] separator[word[1]] "OUT \"" word[2] "\" " type
		separator[word[1]] = ", "
	}
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
