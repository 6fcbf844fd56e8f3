# The list of currencies against others that were made without us: Debian's
# iso-codes, the JDK's java.util.Currency, and CLDR as Node's Intl has it.  They
# are older or newer than ours and have their own mistakes, so that what differs
# stands here, with the reason; a difference that a machine's version of a list
# does not show is no failure.
use strict;
use warnings;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More tests => 16;

# ---- ours ----

my $node = PostgreSQL::Test::Cluster->new('currencies');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION balance');
my (%digits, %withdrawn);
for (split /\n/, $node->safe_psql('postgres', slurp_file('test/released/currencies.sql')))
{
	my ($code, $digits, $month) = split;
	$digits{$code} = $digits;
	$withdrawn{$code} = $month unless $month eq '-';
}
$node->stop('immediate');

my $list = slurp_file('src/value/currency_list.h');
my @in_force = map { [ /\b([A-Z]{3})\b/g ] } $list =~ /^CURRENCIES\(\w+, ([^)]*)\)/mg;
my @gone = $list =~ /^WITHDRAWN\((\w+)/mg;
my @listed = ((map { @$_ } @in_force), @gone);
is(join(' ', sort @listed), join(' ', sort keys %digits), 'the list has each code once');
is_deeply([ @in_force, \@gone ], [ map { [ sort @$_ ] } @in_force, \@gone ],
	'and all parts of it are in code order');

# ---- differences ----

my $recent = 'since 2018 in ISO 4217';
my $before = 'gone before 1990, so that we have it not';
my $never = 'never in ISO 4217';
my $early = 'gone before the list was begun';
my $unlisted = 'only List Three has it';

# Codes in force that an older list may not have yet, or a newer one no longer.
my %not_yet = map { $_ => $recent } qw(MRU STN UYW VED VES SLE XAD XCG ZWG);

# What others have and we have not.
my %not_ours = (
	(map { $_ => $before } qw(
		ALK ARP BOP BRB BRC CNX ESA GNE GNS GQE GWE ILP LAJ LSM MAF MLF MTP MVQ MZE PES RHD UGS
		UYN)),
	(map { $_ => $never } qw(
		ADF ARL ARM BAN BGM BGO BOL BRZ CLE CNH KRH KRO MCF MDC MKN MVP TLE VNN YUR)));

# What we have and others have not.
my %not_java = (
	(map { $_ => $early } grep { $withdrawn{$_} lt '2001-05' } keys %withdrawn),
	(map { $_ => $unlisted } qw(CHC GHP)));
my %not_cldr = map { $_ => $unlisted } qw(ARY AYM BGJ BGK CHC CSJ GHP PEH ROK UGW VNC ZWN);

# CLDR has the digits that people write, for some currencies none; it has 2 for
# what has no minor unit, and where it does not know better.
my %cldr_digits = (
	(map { $_ => 0 } qw(
		AFN ALL COP HUF IDR IQD IRR KPW LAK LBP MGA MMK MRO PKR RSD SLL SOS STD SYP TMM YER ZMK
		ZWD)),
	(map { $_ => 2 } grep { $digits{$_} eq '-' } keys %digits),
	(map { $_ => 2 } qw(BEC BEF BEL BYB ESB GRD LUC LUL PTE ROL TPE)));

# Months that iso-codes has otherwise than List Three.
my %iso_codes_months = (
	# that of the law, or of the last day of use
	ADP => '2002-03', BAD => '1997-07', BYB => '1999', GWP => '1997-04',
	SIT => '2006-12-31', TJR => '2000',
	# out of use in Russia before it left the list
	RUR => '1997');

# ---- comparing ----

# The codes of one list that are not in another, but for those that are known to
# be missing there.
sub missing
{
	my ($has, $lacks, $known) = @_;
	return join ' ', sort grep { !exists $lacks->{$_} && !$known->{$_} } keys %$has;
}

# Both ways, and the digits where the list has some.
sub compare
{
	my ($name, $theirs, $not_theirs, $their_digits) = @_;
	my %in_force = map { $_ => 1 } grep { !$withdrawn{$_} } keys %digits;
	cmp_ok(scalar keys %$theirs, '>', 150, "$name is a list");
	is(missing($theirs, \%digits, \%not_ours), '', "$name has no code that we have not");
	is(missing(\%in_force, $theirs, \%not_yet), '', "$name has all codes in force");
	return unless $not_theirs;
	is(missing(\%withdrawn, $theirs, $not_theirs), '', "$name has all withdrawn codes");
	is(join(' ', map { "$_ $theirs->{$_}" } sort grep {
				exists $digits{$_} && $digits{$_} ne $theirs->{$_} &&
					!(exists $their_digits->{$_} && $their_digits->{$_} eq $theirs->{$_})
			} keys %$theirs), '', "$name has the same minor digits");
}

# Lines of a code and its digits from a program, or nothing.
sub list_from
{
	my @command = @_;
	my ($lines, $errors) = ('', '');
	IPC::Run::run(\@command, '>', \$lines, '2>', \$errors) or diag("$command[0]: $errors");
	return { map { split } split /\n/, $lines };
}

sub has_program
{
	my ($name) = @_;
	return grep { -x "$_/$name" } split /:/, $ENV{PATH};
}

# ---- Debian's iso-codes: those in force; and in the older form, history ----

my $json = '/usr/share/iso-codes/json/iso_4217.json';
my $xml = '/usr/share/xml/iso-codes/iso_4217.xml';
SKIP:
{
	skip "there is no $json (Debian: iso-codes)", 3 unless -e $json;
	compare('iso-codes',
		{ map { $_->{alpha_3} => 1 } @{ decode_json(slurp_file($json))->{4217} } });
}
SKIP:
{
	skip "there is no $xml (Debian: iso-codes)", 1 unless -e $xml;
	my $entry = qr/<historic_iso_4217_entry\s+letter_code="(\w+)".*?date_withdrawn="([\w-]+)"/s;
	my %month = slurp_file($xml) =~ /$entry/g;
	my @others = map { "$_ $month{$_}" } sort grep {
		my $ours = $withdrawn{$_} || '-';
		$month{$_} ne 'unknown' && !$not_ours{$_} && $month{$_} ne ($iso_codes_months{$_} || '') &&
			substr($ours, 0, length $month{$_}) ne substr($month{$_}, 0, 7)
	} keys %month;
	is(join(' ', @others), '', 'the historic part of iso-codes has the same months');
}

# ---- the JDK ----

SKIP:
{
	skip 'there is no JDK (Debian: default-jdk-headless)', 5
	  unless has_program('java') && has_program('javac');
	my $file = "$PostgreSQL::Test::Utils::tmp_check/Codes.java";
	append_to_file($file, <<'JAVA');
class Codes {
	public static void main(String[] args) {
		for (var currency : java.util.Currency.getAvailableCurrencies()) {
			int digits = currency.getDefaultFractionDigits();
			System.out.println(currency.getCurrencyCode() + " " + (digits < 0 ? "-" : digits));
		}
	}
}
JAVA
	compare('java.util.Currency', list_from('java', '-XX:-UsePerfData', $file), \%not_java, {});
}

# ---- CLDR ----

SKIP:
{
	skip 'there is no Node (Debian: nodejs)', 5 unless has_program('node');
	my $theirs = list_from('node', '-e', <<'JS');
const names = new Intl.DisplayNames('en', { type: 'currency', fallback: 'none' });
const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
for (const a of letters) for (const b of letters) for (const c of letters) {
	const currency = a + b + c;
	if (names.of(currency) !== undefined)
		console.log(currency, new Intl.NumberFormat('en', { style: 'currency', currency })
			.resolvedOptions().maximumFractionDigits);
}
JS
	compare('CLDR', $theirs, \%not_cldr, \%cldr_digits);
}
