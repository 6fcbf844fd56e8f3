# What the X-macro files (*.def) of src/ list, as tables, in the order of their
# lines: for whoever looks for a name that grep does not find whole.  Arguments
# are the files; without any it is all of them.
use strict;
use warnings;

my $cc = $ENV{CC} // 'cc';
my @files = @ARGV ? @ARGV : sort glob 'src/*/*.def';
my ($field, $line) = ("\x{1e}", "\x{1f}");

sub slurp
{
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	local $/;
	return scalar <$in>;
}

# The macros of a file, as it defines them where nobody else has: to nothing.
sub macros
{
	return map { [ $_->[0], [ split /,\s*/, $_->[1] ] ] }
	  map { [/^#define (\w+)\(([^)]*)\)$/] } grep { /^#define \w+\([^)]*\)$/ } split /\n/, $_[0];
}

# One line of the file: its macro and its arguments, as the compiler sees them.
sub expanded
{
	my ($file, @macros) = @_;
	my @defines = map {
		my ($name, $args) = @$_;
		my $body = join " $field ", map { $_ eq '...' ? '__VA_ARGS__' : $_ } @$args;
		"-D$name(" . join(', ', @$args) . ")=$line$name $field $body$line"
	} @macros;
	open my $cpp, '-|', $cc, '-E', '-P', '-x', 'c', @defines, $file or die "$cc: $!\n";
	my $text = do { local $/; <$cpp> };
	close $cpp or die "$cc cannot read $file\n";
	return map { [ map { s/\s+/ /gr =~ s/^ | $//gr =~ s/(?<=") (?=")//gr =~ s/""//gr }
		split /$field/, $_, -1 ] } grep { /$field/ } split /$line/, $text;
}

sub print_rows
{
	my (@rows) = @_;
	my @width;
	for my $row (@rows)
	{
		for my $i (0 .. $#$row)
		{
			my $length = length $row->[$i];
			$width[$i] = $length if $length > ($width[$i] // 0) && $length <= 40;
		}
	}
	my @rule = map { '-' x ($_ // 1) } @width;
	for my $row ($rows[0], \@rule, @rows[1 .. $#rows])
	{
		my @cells = map { sprintf '%-*s', $width[$_] // 0, $row->[$_] } 0 .. $#$row;
		print join('  ', @cells) =~ s/ +$//r, "\n";
	}
	print "\n";
}

for my $file (@files)
{
	my @macros = macros(slurp($file));
	my %arguments = map { $_->[0] => $_->[1] } @macros;
	my @run;
	print "=== $file\n\n";
	for my $line (expanded($file, @macros), ['END'])
	{
		my ($name, @values) = @$line;
		if (@run && $run[0] ne $name)
		{
			my ($macro, @rows) = @run;
			print "$macro\n";
			print_rows($arguments{$macro}, @rows);
			@run = ();
		}
		next if $name eq 'END';
		@run = ($name) unless @run;
		push @run, \@values;
	}
}
