# Which file of src/ includes which, and whether that keeps to the direction in
# which the wings depend on each other.  Prints what does not.  A file and its
# header of the same name are one room; two findings are possible:
#
#   an arrow back up   src/value/ includes something of src/position/, or any
#                      other wing one of a wing behind it
#   a circle           rooms that include each other, directly or through others
#
# Beside the wings only src/module.c, which sees all of them, and src/compat.h,
# which sees none, are in src/ itself.  SOURCES is another folder than src, for
# the test of this test.
use strict;
use warnings;
use File::Basename;
use File::Find;

my @wings = qw(value position document ledger store answer);
my %rank = map { $wings[$_] => $_ } 0 .. $#wings;
my $top = $ENV{SOURCES} // 'src';
my (@files, %by_path, %by_name);

find({ no_chdir => 1, wanted => sub { push @files, $_ if /\.(?:[ch]|def)$/ } }, $top);
@files = sort @files;
die "there are no sources in $top\n" unless @files;
$by_path{$_} = 1 for @files;
push @{ $by_name{ basename($_) } }, $_ for @files;

# The wing of a file; '' in src/ itself.
sub wing
{
	my ($file) = @_;
	return $file =~ m{^\Q$top\E/(.+)/[^/]+$} ? $1 : '';
}

sub rank
{
	my ($file) = @_;
	return $rank{ wing($file) } // ($file =~ /\.c$/ ? scalar @wings : -1);
}

# The file of ours that an include means, or undef for one of the server's.
sub resolve
{
	my ($from, $name) = @_;
	my $path = dirname($from) . "/$name";
	1 while $path =~ s{[^/]+/\.\./}{};
	return $path if $by_path{$path};
	return "$top/$name" if $by_path{"$top/$name"};
	my $same = $by_name{$name} // [];
	return @$same == 1 ? $same->[0] : undef;
}

my $has_wings = grep { -d "$top/$_" } @wings;
my (%arrows, %line);
for my $file (@files)
{
	my $wing = wing($file);
	print "$file: there is no wing \"$wing\"\n" if $wing ne '' && !exists $rank{$wing};
	print "$file: it is in no wing\n"
	  if $has_wings && $wing eq '' && $file !~ m{/(?:module\.c|compat\.h)$};
	open my $source, '<', $file or die "$file: $!\n";
	while (<$source>)
	{
		my ($name) = /^\s*#\s*include\s+"([^"]+)"/ or next;
		my $to = resolve($file, $name) or next;
		print "$file:$.: an arrow back up, to $to\n" if $has_wings && rank($to) > rank($file);
		my ($from_room, $to_room) = map { s/\.\w+$//r } $file, $to;
		next if $from_room eq $to_room;
		$arrows{$from_room}{$to_room} = 1;
		$line{"$from_room $to_room"} //= "$file:$.";
	}
}

# Each circle once: a walk in depth that comes back to where it has been.
my (%state, @path);
sub walk
{
	my ($room) = @_;
	$state{$room} = 'open';
	push @path, $room;
	for my $next (sort keys %{ $arrows{$room} })
	{
		my $state = $state{$next} // '';
		walk($next) if $state eq '';
		next unless $state eq 'open';
		my ($start) = grep { $path[$_] eq $next } 0 .. $#path;
		print join(' -> ', @path[ $start .. $#path ], $next), ': a circle, closed at ',
		  $line{"$room $next"}, "\n";
	}
	pop @path;
	$state{$room} = 'done';
}
walk($_) for grep { !$state{$_} } sort keys %arrows;
