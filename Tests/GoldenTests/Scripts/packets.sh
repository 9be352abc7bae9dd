# packets.sh IPTABLES-FOLDER NFT-FOLDER PACKETS: sends packets to a host without a packet filter, with rules.v4 and rules.v6 in both
# forms of iptables, and with rules.nft, and tells what became of each.
#
# PACKETS has lines `address INTERFACE ADDRESS/LENGTH`, `route PREFIX INTERFACE` and `packet …` (packets.py).
. "$(dirname "$0")/sandbox.sh"
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0 \
    net.ipv4.conf.default.rp_filter=0 net.ipv6.conf.default.accept_dad=0 net.ipv4.icmp_echo_ignore_broadcasts=0
interfaces=$(awk '$1 == "address" { print $2 }' "$3" | sort -u)
for interface in $interfaces; do
    # What comes in at the other end is not for it, so nothing answers there.
    link "$interface"
    sysctl -qw "net.ipv6.conf.$interface-peer.disable_ipv6=1"
    ip link set "$interface-peer" promisc on
    ip address add 169.254.255.1/32 dev "$interface"
    ip neighbour add 169.254.255.254 lladdr 02:00:00:00:00:99 dev "$interface" nud permanent
    ip neighbour add fe80::99 lladdr 02:00:00:00:00:99 dev "$interface" nud permanent
done
while read -r what first second; do
    case $what:$first in
    address:*) case $second in *:*) ip address add "$second" dev "$first" nodad ;; *) ip address add "$second" dev "$first" ;; esac ;;
    route:*:*) ip route add "$first" via fe80::99 dev "$second" ;;
    route:*) ip route add "$first" via 169.254.255.254 dev "$second" onlink ;;
    esac
done <"$3"
section open
python3 "$(dirname "$0")/packets.py" "$3"
for form in nft legacy; do
    use_backend "$form"
    sh "$1/firewall.sh" >/run/said 2>&1 || cat /run/said
    for command in iptables ip6tables; do $command -Z; done
    conntrack -F 2>/dev/null
    section "iptables-$form"
    python3 "$(dirname "$0")/packets.py" "$3"
    section "counters-$form"
    iptables-save -c -t filter
    ip6tables-save -c -t filter
    for command in iptables ip6tables; do
        $command -P FORWARD ACCEPT
        $command -F
        $command -X
    done
done
sh "$2/firewall.sh" >/run/said 2>&1 || cat /run/said
conntrack -F 2>/dev/null
section nft
python3 "$(dirname "$0")/packets.py" "$3"
section end
