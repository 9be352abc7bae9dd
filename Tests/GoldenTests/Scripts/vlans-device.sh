# vlans-device.sh FOLDER TRUNK TAG...: runs a device's vlans.sh where a trunk is all that there is.
#
# Kernels without 802.1Q are common in test machines. Here a program in front of ip(8) plays that one part of it: it makes
# cables of sub-interfaces and says of them what ip says of VLANs. Rules, routes and addresses are the kernel's.
. "$(dirname "$0")/sandbox.sh"
folder=$1
trunk=$2
shift 2

real=$(command -v ip)
mkdir /run/bin
: >/run/vlans
cat >/run/bin/ip <<'SHIM'
#!/bin/sh
case "$*" in
"link add link "*" name "*" type vlan id "*)
    "$REAL" link add "$6" type veth peer name "p$6" && "$REAL" link set "p$6" up && echo "$6 $4 ${10}" >>/run/vlans
    ;;
"-o -d link show"*)
    "$REAL" "$@" | awk '
        BEGIN { while ((getline line <"/run/vlans") > 0) { split(line, w, " "); below[w[1]] = w[2]; id[w[1]] = w[3] } }
        {
            name = $2
            sub(/[@:].*$/, "", name)
            if (name in id) {
                sub(/: [^ ]+: /, ": " name "@" below[name] ": ")
                sub(/ veth /, " vlan protocol 802.1Q id " id[name] " <REORDER_HDR> ")
            }
            print
        }'
    ;;
*) exec "$REAL" "$@" ;;
esac
SHIM
chmod +x /run/bin/ip
export REAL="$real"
PATH="/run/bin:$PATH"

state() {
    for family in -4 -6; do
        "$REAL" $family rule show | grep ' proto 77$' | sed "s/^/rule $family /" || :
        for tag in "$@"; do
            "$REAL" -o $family route show table $((7740000 + tag)) 2>/dev/null | sed "s/^/$tag $family /" || :
        done
    done
}
vlans() { sh "$folder/vlans.sh" "$@" 2>&1 || echo "status $?"; }

section "no trunk"
vlans
section "no trunk rules"
state "$@"
link "$trunk"
# Of others: a rule, a route in a table of theirs.
ip rule add pref 100 from 203.0.113.1 lookup 99
ip route add 203.0.113.0/24 dev "$trunk" table 99 proto static
section dry-run
vlans --dry-run
section untouched
ip -o link show | grep -c ": $trunk\\." || :
for run in first second; do
    section $run
    vlans
done
section rules
state "$@"
section addresses
ip -o address show scope global | awk '{ print $2, $4 }'
section links
ip -o -d link show | grep ": $trunk\\."
# A leftover of each kind goes: an interface, a rule, a route, an address of ours.
ip link add link "$trunk" name "$trunk.4000" type vlan id 4000
ip link set "$trunk.4000" alias romana-vlan
ip rule add pref 7711 from 198.51.100.0/24 lookup 7744000 protocol 77
ip route add blackhole 198.51.100.0/24 table 7744000 proto 77
ip address add 198.51.100.1/24 dev "$trunk.$1"
section leftovers
vlans
section "after leftovers"
state "$@" 4000
ip -o address show scope global | awk '{ print $2, $4 }'
ip -o link show | grep -c ": $trunk.4000" || :
# The interface goes down: discard routes are all that is left of what led over it.
ip link set "$trunk.$1" down
section down
state "$1" | grep -v '^rule'
section up
vlans
section "rules again"
state "$@"
section foreign
ip rule show pref 100
ip route show table 99
# An interface with the wanted name and another tag.
sed -i "s/^\\($trunk.$1 $trunk\\) .*/\\1 4001/" /run/vlans
section conflict
vlans
section end
