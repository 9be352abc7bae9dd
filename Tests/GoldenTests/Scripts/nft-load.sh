# nft-load.sh FOLDER: loads a host's table by its own firewall.sh, next to tables of others.
. "$(dirname "$0")/sandbox.sh"
nft -f - <<'END'
table inet others {
  chain forward {
    type filter hook forward priority -5; policy drop;
    tcp dport 80 accept
  }
}
table ip filter {
  chain FORWARD {
    type filter hook forward priority filter; policy accept;
    counter
  }
}
END
nft -s list ruleset >/run/others
section check
nft -c -f "$1/rules.nft"
section dry
sh "$1/firewall.sh" --dry-run 2>&1
section untouched
nft -s list ruleset | diff /run/others - 2>&1
section first
sh "$1/firewall.sh" 2>&1
section second
sh "$1/firewall.sh" 2>&1
section others
nft -s list table inet others >/run/now
nft -s list table ip filter >>/run/now
nft -s list ruleset | sed '/^table inet romana/,$d' | diff /run/others - 2>&1
section table
nft -s list table inet romana
# What was changed by hand is put right.
nft add rule inet romana forward accept
section repaired
sh "$1/firewall.sh" 2>&1
sh "$1/firewall.sh" 2>&1
section again
nft -f "$1/rules.nft"
nft -s list table inet romana
# A file that was cut short, or that only the kernel refuses, changes nothing.
mkdir /run/bad
cp "$1/firewall.sh" /run/bad/
section cut
head -n 40 "$1/rules.nft" >/run/bad/rules.nft
sh /run/bad/firewall.sh 2>&1 || echo "status $?"
section circle
sed 's/^    jump spoof4$/    jump fabric4/' "$1/rules.nft" >/run/bad/rules.nft
sh /run/bad/firewall.sh 2>&1 || echo "status $?"
section kept
sh "$1/firewall.sh" 2>&1
section end
