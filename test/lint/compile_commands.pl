# From what make -n prints to compile_commands.json, which clangd and other tools
# read: one entry a C file that is compiled.
use strict;
use warnings;
use Cwd;
use JSON::PP;

my @entries;
while (my $command = <STDIN>)
{
	chomp $command;
	my ($file) = $command =~ / -c (?:.* )?(\S+\.c)\b/ or next;
	next if $command =~ /-emit-llvm/;
	push @entries, { directory => getcwd(), command => $command, file => $file };
}
die "make -n compiles nothing\n" unless @entries;
print JSON::PP->new->canonical->pretty->encode(\@entries);
