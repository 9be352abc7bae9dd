# endpoint-host.sh FOLDER "UPLINK ADDRESS..." GATEWAY4 GATEWAY6 "INTERFACE ADDRESS4 ADDRESS6" "INTERFACE ADDRESS4 ADDRESS6":
# a host with nothing but its emitted files, two listed endpoints that are plugged in afterwards, and an outside. Prints a line
# for each try: what, then "yes" if an answer came.
. "$(dirname "$0")/sandbox.sh"
folder=$1 gateway4=$3 gateway6=$4
mkdir -p /run/netns
for name in outside one two; do ip netns add "$name"; done
trap 'for name in outside one two; do ip netns delete "$name"; done' EXIT

# shellcheck disable=SC2086 # an interface and its addresses
set -- "$folder" $2 -- $5 $6
uplink=$2
ip link add "$uplink" type veth peer name eth0 netns outside
shift 2
while [ "$1" != -- ]; do
    ip address add "$1" dev "$uplink" nodad
    shift
done
shift
ip link set "$uplink" up
ip -n outside link set eth0 up
ip -n outside link set lo up
ip -n outside address add 192.0.2.1/24 dev eth0
ip -n outside address add 2001:db8:1::1/64 dev eth0 nodad
for address in 169.254.169.254/32 198.51.100.9/32 fd00:ec2::254/128 2001:db8:b::9/128; do
    ip -n outside address add "$address" dev lo
done
ip address add 192.0.2.2/24 dev "$uplink"
ip address add 2001:db8:1::2/64 dev "$uplink" nodad
ip route add default via 192.0.2.1
ip -6 route add default via 2001:db8:1::1
ip -n outside route add default via 192.0.2.2
ip -n outside -6 route add default via 2001:db8:1::2

sysctl -q -p "$folder/sysctl.conf"
section firewall
sh "$folder/firewall.sh"
section before
sh "$folder/routes.sh" || echo "status $?"

# plug NAMESPACE INTERFACE ADDRESS4 ADDRESS6
plug() {
    ip link add "$2" type veth peer name eth0 netns "$1"
    ip link set "$2" up
    ip -n "$1" link set lo up
    ip -n "$1" link set eth0 up
    ip -n "$1" address add "$3/32" dev eth0
    ip -n "$1" address add "$4/128" dev eth0 nodad
    ip -n "$1" route add "$gateway4" dev eth0
    ip -n "$1" route add default via "$gateway4"
    ip -n "$1" -6 route add "$gateway6" dev eth0
    ip -n "$1" -6 route add default via "$gateway6"
}
plug one "$1" "$2" "$3"
plug two "$4" "$5" "$6"
# What romana-routes.service does when the links appear.
sh "$folder/routes.sh" >/dev/null
section after
sh "$folder/routes.sh"

# try NAME NAMESPACE PING-ARGUMENT...
try() {
    what=$1 space=$2
    shift 2
    answer=no
    for _ in 1 2 3 4; do
        if ip netns exec "$space" ping -q -c 1 -W 1 "$@" >/dev/null 2>&1; then
            answer=yes
            break
        fi
    done
    echo "$what $answer"
}
section tries
try gateway4 one "$gateway4"
try gateway6 one "$gateway6"
try neighbor4 one "$5"
try neighbor6 one "$6"
try outside4 one 198.51.100.9
try outside6 one 2001:db8:b::9
try metadata4 one 169.254.169.254
try metadata6 one fd00:ec2::254
# The other's address, from where it does not belong.
ip -n one address add "$5/32" dev lo
ip -n one address add "$6/128" dev lo nodad
ip -n two link set eth0 down
try spoofed4 one -I "$5" 198.51.100.9
try spoofed6 one -I "$6" 2001:db8:b::9
section end
