# sets-load.sh FOLDER BACKEND OTHER: loads a host's packet filter and its sets by its own firewall.sh, again after changes by
# hand, and at last that of a host without sets.
. "$(dirname "$0")/sandbox.sh"
use_backend "$2"
ipset create others hash:net
section dry
sh "$1/firewall.sh" --dry-run 2>&1
section untouched
ipset list -name
section first
sh "$1/firewall.sh" 2>&1
section saved
ipset save
section second
sh "$1/firewall.sh" 2>&1
# A member too many, one too few, a set of ours too many, and what an interrupted run left.
ipset add romana-4-own 203.0.113.0/24
ipset flush romana-6-own
ipset create romana-4-t999 hash:net family inet
ipset create romana-4-own.new hash:net family inet
section repaired
sh "$1/firewall.sh" 2>&1
section again
ipset save
# Sets are not what has changed: a rule too few.
iptables -D romana-fabric 1
section rules
sh "$1/firewall.sh" 2>&1
# Files that are not as they should be change nothing.
mkdir /run/bad
cp "$1"/* /run/bad/
head -n 20 "$1/ipset.conf" >/run/bad/ipset.conf
section cut
sh /run/bad/firewall.sh 2>&1 || echo "status $?"
sed '3s/.*/flush others/' "$1/ipset.conf" >/run/bad/ipset.conf
section strange
sh /run/bad/firewall.sh 2>&1 || echo "status $?"
sed '$d' "$1/ipset.conf" >/run/bad/ipset.conf
tail -n 1 "$1/ipset.conf" >/run/bad/end
{ echo "add romana-4-own 10.0.0.1/33"; cat /run/bad/end; } >>/run/bad/ipset.conf
section refused
sh /run/bad/firewall.sh 2>&1 || echo "status $?"
section kept
sh "$1/firewall.sh" 2>&1
section other
sh "$3/firewall.sh" 2>&1
section left
ipset list -name
section end
