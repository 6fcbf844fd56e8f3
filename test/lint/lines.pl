# No line is longer than 100 columns, with tabs of four: lists those that are, of
# the files given or of all.  Rows of tables in Markdown cannot be wrapped, and
# documents of others' and what is generated are not ours.
use strict;
use warnings;
use open qw(:std :encoding(UTF-8));

my $most = 100;
my $places = 'README.md CONTRIBUTING.md dashboards docs src sql specs test packaging .ci';
my $names = join ' -o ', map { "-name '$_'" }
  qw(*.[ch] *.def *.awk *.sql *.spec *.p[lm] *.sh *.py *.js *.mjs *.ts *.css *.java *.md);
my @files = @ARGV ? @ARGV : split /\0/,
  `find $places -type f \\( $names \\) -not -path '*/node_modules/*' \\
	-not -path 'test/released/[0-9]*' -not -path docs/reference.md -print0 2>/dev/null`;
die "there are no files\n" unless @files;

sub columns
{
	my ($line) = @_;
	1 while $line =~ s/^([^\t]*)\t/$1 . ' ' x (4 - length($1) % 4)/e;
	return length $line;
}

for my $file (sort @files)
{
	open my $source, '<', $file or die "$file: $!\n";
	while (<$source>)
	{
		chomp;
		next if $file =~ /\.md$/ && /^\s*\|.*\|$/;
		print "$file:$.: ", columns($_), " columns, at most $most\n" if columns($_) > $most;
	}
}
