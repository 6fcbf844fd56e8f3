# uncovered.pl FOLDER MAJOR PERCENT FILE: reads what gcov says of the objects in
# FOLDER/src, and in FOLDER/test/template, where a source of src/ is compiled once
# more; prints for each source how much of it was run and what was not with the
# reason in FILE, and fails below PERCENT, where a reason is missing, and where a
# reason has nothing left to excuse.
#
# FILE has paragraphs: a reason behind #, then places, each a line
#   SOURCE FUNCTION: CODE
# with the code of any one of the lines next to each other that were not run; a
# place that is there twice is written twice.  A paragraph whose reason begins
# with "PostgreSQL 15:" is for this version alone, others may run it; one that
# begins with "By chance:" is of places that are run or not as workers race.
use strict;
use warnings;
use JSON::PP;

my ($folder, $major, $least, $file) = @ARGV;

sub slurp_lines
{
	my ($name) = @_;
	open my $handle, '<', $name or die "$name: $!\n";
	return <$handle>;
}

sub trimmed
{
	my ($line) = @_;
	return $line =~ s/^\s+|\s+$//gr =~ s/\s+/ /gr;
}

my (@reasons, $reason);
for my $line (slurp_lines($file))
{
	if ($line =~ /^#\s*(.*)/) { $reason = defined $reason ? "$reason $1" : $1 }
	elsif ($line =~ /^\s*$/) { undef $reason }
	else { push @reasons,
		{ place => trimmed($line), reason => $reason // die("$file: no reason for $line") } }
}

chdir $folder or die "$folder: $!\n";
my %lines;
for my $data (glob 'src/*.gcda src/*/*.gcda test/template/*.gcda')
{
	my $report = decode_json(scalar qx(gcov --json-format --stdout $data)
		|| die "gcov failed for $data\n");
	for my $source (grep { $_->{file} =~ m{^src/} } @{ $report->{files} })
	{
		for my $line (@{ $source->{lines} })
		{
			my $known = $lines{ $source->{file} }{ $line->{line_number} } //=
			  { count => 0, function => $line->{function_name} // '' };
			$known->{count} += $line->{count};
		}
	}
}
die "nothing was compiled for coverage\n" unless %lines;

my ($all, $run, $missing) = (0, 0, 0);
for my $source (sort keys %lines)
{
	my @code = map { trimmed($_) } slurp_lines($source);
	my ($these, $covered, @places) = (0, 0);
	my $is_next;
	for my $number (sort { $a <=> $b } keys %{ $lines{$source} })
	{
		my $line = $lines{$source}{$number};
		$these++;
		if ($line->{count}) { $covered++; $is_next = 0; next }
		push @places, { number => $number, function => $line->{function}, code => [] }
		  unless $is_next;
		push @{ $places[-1]{code} }, $code[ $number - 1 ];
		$is_next = 1;
	}
	printf "%-24s %4d of %4d lines, %5.1f %%\n", $source, $covered, $these, 100 * $covered / $these;
	for my $place (@places)
	{
		my %code = map { ("$source $place->{function}: $_" => 1) } @{ $place->{code} };
		my ($excuse) = grep { !$_->{used} && $code{ $_->{place} } } @reasons;
		$excuse->{used} = 1 if $excuse;
		$missing++ unless $excuse;
		printf "  %d %s: %s%s\n    %s\n", $place->{number}, $place->{function}, $place->{code}[0],
		  @{ $place->{code} } > 1 ? ' ...' : '', $excuse ? $excuse->{reason} : 'NO REASON';
	}
	$all += $these;
	$run += $covered;
}
printf "%d of %d lines, %.2f %%\n", $run, $all, 100 * $run / $all;

my @idle =
	grep { !$_->{used}
	&& !($_->{reason} =~ /^By chance:/ || $_->{reason} =~ /^PostgreSQL (\d+):/
	&& $1 != $major) } @reasons;
print "has nothing to excuse any more: $_->{place}\n" for @idle;
print "less than $least %\n" if 100 * $run < $least * $all;
print "$missing places have no reason\n" if $missing;
exit(@idle || $missing || 100 * $run < $least * $all ? 1 : 0);
