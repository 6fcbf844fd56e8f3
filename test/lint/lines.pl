# No line is longer than 100 columns, with tabs of four; rows of tables in
# Markdown, which cannot be wrapped, are none.  What was longer when this was
# first asked for is counted per file in long_lines, and these counts only ever
# shrink: more long lines are an error, and so are fewer, until lines.pl --update
# has written down the smaller number; lines.pl FILE lists a file's.  A file that
# moves takes its line in long_lines along.
use strict;
use warnings;
use open qw(:std :encoding(UTF-8));

my $most = 100;
my $list = $ENV{LONG_LINES} // 'test/lint/long_lines';
my $update = @ARGV && $ARGV[0] eq '--update' ? shift : undef;

# C, SQL, tests and README; documents of others' and what is generated are not ours.
my $places = 'README.md CONTRIBUTING.md docs src sql specs test .ci';
my $names = join ' -o ', map { "-name '$_'" }
  qw(*.[ch] *.def *.awk *.sql *.spec *.p[lm] *.sh *.py *.js *.java *.md);
my @files = @ARGV ? @ARGV : split /\0/,
  `find $places -type f \\( $names \\) -not -path '*/node_modules/*' -print0 2>/dev/null`;

sub columns
{
	my ($line) = @_;
	1 while $line =~ s/^([^\t]*)\t/$1 . ' ' x (4 - length($1) % 4)/e;
	return length $line;
}

my (%allowed, @heading);
open my $known, '<', $list or die "$list: $!\n";
while (<$known>)
{
	push @heading, $_ if /^#/;
	$allowed{$2} = $1 if /^(\d+) (\S+)$/;
}
close $known;

my %count;
for my $file (sort @files)
{
	my @long;
	open my $source, '<', $file or die "$file: $!\n";
	while (<$source>)
	{
		chomp;
		next if $file =~ /\.md$/ && /^\s*\|.*\|$/;
		push @long, "$file:$.: " . columns($_) . " columns\n" if columns($_) > $most;
	}
	$count{$file} = @long;
	my $allowed = $allowed{$file} // 0;
	if (@ARGV)
	{
		print @long;
		next;
	}
	print "$file: " . @long . " lines of more than $most columns, where $allowed were; which:",
	  " perl test/lint/lines.pl $file\n"
	  if @long > $allowed;
	print "$file: only " . @long . " long lines now: perl test/lint/lines.pl --update\n"
	  if @long < $allowed && !$update;
}
exit if @ARGV;
for my $file (sort keys %allowed)
{
	print "$list: there is no $file\n" unless exists $count{$file} || $update;
}
if ($update)
{
	open my $out, '>', $list or die "$list: $!\n";
	print $out @heading;
	for my $file (sort keys %allowed)
	{
		my $n = $count{$file} // 0;
		$n = $allowed{$file} if $n > $allowed{$file};
		print $out "$n $file\n" if $n;
	}
}
