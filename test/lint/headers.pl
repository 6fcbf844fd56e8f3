# What a file of src/ uses of the server's it includes for itself, or through headers
# of ours: PostgreSQL's headers include less of each other with each version, and what
# came with another one does not in the next.  Prints what came so, by the headers in
# the folder that is the argument.  SOURCES is another folder than src, for the test of
# this test.
use strict;
use warnings;
use File::Basename;
use File::Find;

my ($folder) = @ARGV;
my $top = $ENV{SOURCES} // 'src';

# What postgres.h brings, and basic ones that whatever needs them includes.
my @basic = qw(postgres.h fmgr.h access/attnum.h access/htup.h access/skey.h access/stratnum.h
	access/tupdesc.h catalog/objectaddress.h datatype/timestamp.h nodes/bitmapset.h
	nodes/nodes.h nodes/parsenodes.h nodes/pathnodes.h nodes/pg_list.h nodes/value.h
	port/pg_bitutils.h storage/itemptr.h storage/lockdefs.h utils/fmgrprotos.h utils/relcache.h
	utils/snapshot.h);

# A file without its comments, and what it includes.
sub text_of
{
	my ($file) = @_;
	open my $handle, '<', $file or die "$file: $!\n";
	local $/;
	return <$handle> =~ s{/\*.*?\*/}{}gsr;
}

sub includes_of { return $_[0] =~ /^\s*#\s*include\s+"([^"]+)"/mg; }

# All that headers include, themselves among it.
sub closure
{
	my ($includes, @queue) = @_;
	my %seen;
	while (defined(my $name = shift @queue))
	{
		push @queue, @{ $includes->{$name} // [] } unless $seen{$name}++;
	}
	return \%seen;
}

my (%includes, %defined_in);
sub read_header
{
	return unless /\.h$/;
	my ($text, $name) = (text_of($_), $_ =~ s{^\Q$folder\E/}{}r);
	$includes{$name} = [ includes_of($text) ];
	$defined_in{$_}{$name} = 1
	  for $text =~ /^extern\s[^;{]*?\b(\w+)\s*\(/mg, $text =~ /^\s*#\s*define\s+(\w+)/mg,
	  $text =~ /^(\w+)\(/mg;
}
find({ no_chdir => 1, wanted => \&read_header }, $folder);
die "there are no headers in $folder\n" unless %includes;

my (%path, %text);
find({ no_chdir => 1, wanted => sub { $path{ basename($_) } = $_ if /\.(?:[ch]|def)$/ } }, $top);
for my $path (values %path)
{
	$text{$path} = text_of($path);
	$includes{ basename($path) } = [ map { $path{ basename($_) } ? basename($_) : $_ }
		  includes_of($text{$path}) ];
	$text{$path} =~ s/"(?:[^"\\\n]|\\.)*"/""/g;
}

# The server's headers that a file and those of ours that it includes name themselves.
sub named
{
	my (@queue) = @_;
	my (%seen, %named);
	while (defined(my $name = shift @queue))
	{
		next if $seen{$name}++;
		$named{$name} = 1 unless $path{$name};
		push @queue, @{ $includes{$name} } if $path{$name};
	}
	return keys %named;
}

my $basic = closure(\%includes, 'postgres.h', 'fmgr.h');
for my $path (sort grep { /\.c$/ } values %path)
{
	my @named = named(basename($path));
	# catalog/pg_class.h is for pg_class_d.h, which is made of it
	my %has = (%$basic, map { $_ => 1 } @basic, @named, map { s/\.h$/_d.h/r } @named);
	my $brought = closure(\%includes, @named);
	my %missing;
	for my $name ($text{$path} =~ /\b([A-Za-z]\w+)\b/g)
	{
		my @headers = keys %{ $defined_in{$name} // {} };
		next if !@headers || grep { $has{$_} } @headers;
		my ($header) = sort grep { $brought->{$_} } @headers or next;
		$missing{$header}{$name} = 1;
	}
	print "$path: no $_ for ", join(', ', sort keys %{ $missing{$_} }), "\n"
	  for sort keys %missing;
}
