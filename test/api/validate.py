#!/usr/bin/python3
"""Judge jsonb documents by the OpenAPI 3.0 schemas beside this file.

Needs Debian's python3-jsonschema, and nothing else.

Reads lines `FILE_STEM<TAB>SCHEMA_NAME or ROOT<TAB>LABEL<TAB>jsonb text` from stdin (from psql -At,
not COPY, which doubles backslashes) and prints for each `ok - LABEL` or
`not ok - LABEL: path: message; ...` with every error.
Exit status 1 if any was not ok or if there were none: a test that judged nothing has not passed.
A label that starts with `any-currency` lets customer-balance name any currency, not only the five
of its page.

Read from a schema file besides OpenAPI: `x-root`, the schema of the response, and `x-strict`,
{schema name: level}:
  open      as OpenAPI says: properties that the schema does not list pass;
  closed    they are errors, because we must not invent fields (the default);
  complete  closed, and every listed property must be there, whether the page requires it or not.
`--self-test` instead judges what `x-self-test` holds, proof that this program can fail: for each
schema an example and its changes, [what, this text (' stands for "), by that, part of the errors
that must come or null if none may].
"""
import datetime, functools, json, pathlib, re, sys
from decimal import Decimal
from jsonschema import Draft4Validator, FormatChecker

# Other keywords are refused: one misspelt in a file, or not translated below, would check nothing
# without a word.
PLAIN = {"type", "required", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
         "pattern", "format", "description", "example"}
# jsonschema's own formats would not do: its date takes 20240101, its date-time checks nothing
# without a package.  A date-time is RFC 3339 in UTC, as the contract has it.
SHAPES = {"date": "([0-9]{4}-[0-9]{2}-[0-9]{2})",
          "date-time": "([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})"
                       "([.][0-9]+)?(Z|[+]00:00)"}
FORMATS = FormatChecker(formats=())

def is_real(shape, text):
    """Whether a string has the shape and names a day or instant that exists.

    Other types are for `type` to judge.
    """
    match = isinstance(text, str) and re.fullmatch(shape, text)
    return not isinstance(text, str) or bool(match and datetime.datetime.fromisoformat(match[1]))

for _name, _shape in SHAPES.items():
    FORMATS.checks(_name, raises=ValueError)(functools.partial(is_real, _shape))

def refuse(what):
    raise ValueError(f"{what} is not accepted")

def parse(text):
    """JSON with exact numbers: 0.1 is 0.1, 1.0 no integer, and NaN and Infinity are no JSON."""
    return json.loads(text, parse_float=Decimal, parse_constant=refuse)

def load(stem):
    if stem == "own":
        return OWN
    return parse(pathlib.Path(__file__).with_name(stem + ".json").read_text("utf-8"))

def draft4(node, doc, level="closed"):
    """An OpenAPI 3.0 schema in JSON Schema draft 4: $ref, nullable, strictness.

    Boolean exclusive bounds agree.
    """
    if "$ref" in node:
        name = node["$ref"].removeprefix("#/components/schemas/")
        level = doc.get("x-strict", {}).get(name, "closed")
        return draft4(doc["components"]["schemas"][name], doc, level)
    out = {key: value for key, value in node.items() if key in PLAIN}
    for key, value in node.items():
        if key == "properties":
            out[key] = {name: draft4(sub, doc, level) for name, sub in value.items()}
        elif key in ("items", "additionalProperties"):
            out[key] = value if isinstance(value, bool) else draft4(value, doc, level)
        elif key == "anyOf":
            out[key] = [draft4(sub, doc, level) for sub in value]
        elif key not in PLAIN and key != "nullable" and not key.startswith("x-"):
            refuse("schema keyword " + key)
    if node.get("nullable"):
        out["type"] = [node["type"], "null"]
    if out.get("format", "date") not in SHAPES or level not in ("open", "closed", "complete"):
        refuse(f"format {out.get('format')} or strictness {level}")
    if "properties" in out and level != "open":
        out.setdefault("additionalProperties", False)
    if "properties" in out and level == "complete":
        out["required"] = list(out["properties"])
    return out

@functools.lru_cache(maxsize=None)
def validator(stem, name, any_currency):
    doc = load(stem)
    if any_currency:    # \Z because Python's $ would let a newline follow
        doc["components"]["schemas"]["Currency"] = {"type": "string", "pattern": r"^[a-z]{3}\Z"}
    schema = draft4(doc["x-root"] if name == "ROOT" else {"$ref": name}, doc)
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema, format_checker=FORMATS)

def judge(line):
    """The label of an input line, and all that is wrong with its document.

    What cannot be judged is wrong too.
    """
    label = line.rstrip("\n")
    try:
        stem, name, label, text = label.split("\t", 3)
        any_currency = stem == "customer-balance" and label.startswith("any-currency")
        judged = validator(stem, name, any_currency)
        return label, [".".join(map(str, ["$", *e.absolute_path])) + ": " + e.message
                       for e in judged.iter_errors(parse(text))]
    except (ValueError, LookupError, OSError) as problem:
        return label, [f"$: cannot be judged: {type(problem).__name__}: {problem}"]

def self_test():
    """The verdicts on this program: does it judge every example and change of one as it must?"""
    files = pathlib.Path(__file__).parent.glob("*.json")
    for stem in ["own"] + sorted(path.stem for path in files):
        for name, test in load(stem)["x-self-test"].items():
            good = json.dumps(test["example"])
            for label, old, new, error in [("example", "", "", None)] + test["changed"]:
                old, new = old.replace("'", '"'), new.replace("'", '"')
                found = "; ".join(judge("\t".join((stem, name, label, good.replace(old, new))))[1])
                right = old in good and (error in found if error else not found)
                yield f"{stem} {name}: {label}", [] if right else [f"must be {error}, is {found}"]

# What no page has: bounds that tell exact numbers from floats, and the level open.
NUMBER = {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": Decimal("0.1")}
OWN = {"components": {"schemas": {"Open": {"type": "object", "properties": {"n": NUMBER}}}},
       "x-strict": {"Open": "open"}, "x-self-test": {"Open": {"example": {"n": 0.1}, "changed": [
           ["more than 0.1", "0.1", "0.10000000000000001",
            "n: Decimal('0.10000000000000001') is greater"],
           ["exclusive minimum", "0.1", "0", "n: 0 is less than or equal"],
           ["extra key", "}", ", 'm': 1}", None],
           ["5000 digits", "0.1", "9" * 5000, "is greater than the maximum"]]}}}

if __name__ == "__main__":
    # a numeric may have 131072 digits, Python would stop at 4300
    sys.set_int_max_str_digits(0)
    sys.stdin.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    good = []
    for tested, errors in self_test() if sys.argv[1:] == ["--self-test"] else map(judge, sys.stdin):
        print(f"not ok - {tested}: {'; '.join(errors)}" if errors else f"ok - {tested}")
        good.append(not errors)
    sys.exit(0 if good and all(good) else 1)
