"""Prints what is wrong with a META.json, by version 1 of PGXN's specification."""
import json
import re
import sys

TERM = r'[^\s/\\\x00-\x1f]{2,}'
VERSION = r'(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+)?'
RANGE = rf'0|(?:(?:==|!=|<=|>=|<|>)?\s*{VERSION}\s*(?:,\s*|$))+'
TEXT, URI = r'(?s).*\S.*', r'[a-z][a-z0-9+.-]*:\S+'
LICENSES = {'agpl_3', 'apache_1_1', 'apache_2_0', 'artistic_1', 'artistic_2', 'bsd', 'freebsd',
            'gfdl_1_2', 'gfdl_1_3', 'gpl_1', 'gpl_2', 'gpl_3', 'lgpl_2_1', 'lgpl_3_0', 'mit',
            'mozilla_1_0', 'mozilla_1_1', 'open_source', 'openssl', 'perl_5', 'postgresql',
            'qpl_1_0', 'ssleay', 'sun', 'zlib', 'restricted', 'unrestricted', 'unknown'}
RELATIONS = {'requires', 'recommends', 'suggests', 'conflicts'}
PHASES = {'configure', 'runtime', 'build', 'test', 'develop'}
KNOWN = {'name', 'version', 'abstract', 'maintainer', 'license', 'provides', 'meta-spec',
         'description', 'generated_by', 'tags', 'no_index', 'prereqs', 'release_status',
         'resources'}
errors = []


def wrong(where, why):
    errors.append(f'{where}: {why}')


def text(where, value, pattern):
    """A string of this form."""
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        wrong(where, f'{value!r} is not as it has to be')


def mapping(where, value, needed, known):
    """An object with these keys; others are for x_-extensions only."""
    if not isinstance(value, dict):
        wrong(where, 'not an object')
        return {}
    for key in sorted(needed - value.keys()):
        wrong(where, f'{key} is missing')
    for key in value:
        if known is not None and key not in known and not key.lower().startswith('x_'):
            wrong(where, f'{key} is not known')
    return value


def strings(where, value, pattern):
    """One string or several."""
    for item in value if isinstance(value, list) and value else [value]:
        text(where, item, pattern)


def prereqs(value):
    for phase, relations in mapping('prereqs', value, set(), PHASES).items():
        where = f'prereqs.{phase}'
        for relation, modules in mapping(where, relations, set(), RELATIONS).items():
            for name, version in mapping(f'{where}.{relation}', modules, set(), None).items():
                text(f'{where}.{relation}', name, TERM)
                text(f'{where}.{relation}.{name}', str(version), RANGE)


def provides(value):
    if not value:
        wrong('provides', 'nothing')
    for name, extension in mapping('provides', value, set(), None).items():
        where = f'provides.{name}'
        text(where, name, TERM)
        extension = mapping(where, extension, {'file', 'version'},
                            {'file', 'version', 'abstract', 'docfile'})
        text(f'{where}.version', extension.get('version'), VERSION)
        for key in extension.keys() & {'file', 'abstract', 'docfile'}:
            text(f'{where}.{key}', extension[key], TEXT)


def check(meta):
    mapping('META', meta, {'name', 'version', 'abstract', 'maintainer', 'license', 'provides',
                           'meta-spec'}, KNOWN)
    text('name', meta.get('name'), TERM)
    text('version', meta.get('version'), VERSION)
    text('abstract', meta.get('abstract'), TEXT)
    strings('maintainer', meta.get('maintainer'), TEXT)
    license = meta.get('license')
    if isinstance(license, dict):
        for name, address in license.items():
            text(f'license.{name}', address, URI)
    else:
        for name in license if isinstance(license, list) and license else [license]:
            if name not in LICENSES:
                wrong('license', f'{name!r} is not known')
    provides(meta.get('provides'))
    spec = mapping('meta-spec', meta.get('meta-spec'), {'version'}, {'version', 'url'})
    text('meta-spec.version', spec.get('version'), r'1\.0\.\d+')
    prereqs(meta.get('prereqs', {}))
    strings('tags', meta.get('tags', ['tag']), r'[^/\\\x00-\x1f]{2,255}')
    for key in meta.keys() & {'description', 'generated_by'}:
        text(key, meta[key], TEXT)
    if meta.get('release_status', 'stable') not in ('stable', 'testing', 'unstable'):
        wrong('release_status', 'not known')


def read(argument):
    with open(argument, encoding='utf-8') as source:
        return json.load(source)


# What has to be noticed, so that saying nothing means something.
good = {'name': 'a-b', 'version': '1.0.0', 'abstract': 'a', 'maintainer': 'm', 'license': 'bsd',
        'provides': {'ab': {'file': 'f', 'version': '1.0.0'}}, 'meta-spec': {'version': '1.0.0'}}
for bad in ({'version': '1.0'}, {'license': 'wtfpl'}, {'provides': {}}, {'meta-spec': {}},
            {'prereqs': {'runtime': {'requires': {'PostgreSQL': 'fifteen'}}}}, {'other': 1},
            {'prereqs': {'running': {}}}, {'maintainer': []}, {'tags': ['t']}, {'abstract': ''}):
    check({**good, **bad})
    if not errors:
        sys.exit(f'{bad} was not noticed')
    errors.clear()
check(good)
assert not errors, errors
check(read(sys.argv[1]))
print('\n'.join(errors) or f'{sys.argv[1]} is as the specification wants it')
sys.exit(bool(errors))
