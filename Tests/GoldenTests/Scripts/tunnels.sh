# tunnels.sh FOLDER: the gateways of the example "hybrid" with their own files, on FRR, WireGuard (wireguard-go where the kernel has
# none) and the kernel: packets between endpoints of two regions. FOLDER is the output tree. That a gateway is lost is left to the lab.
#
# A namespace stands for the internet, one for the VPC's router with the routes of the emitted routes.sh.
. "$(dirname "$0")/sandbox.sh"
tree=$1

mount -t tmpfs tmpfs /etc/frr 2>/dev/null || { mkdir -p /etc/frr && mount -t tmpfs tmpfs /etc/frr; }
mkdir -p /run/netns /run/frr /var/run/frr
chown frr:frr /etc/frr /run/frr /var/run/frr 2>/dev/null || :

on() { name=$1 && shift && ip netns exec "$name" "$@"; }

node() {
    ip netns add "$1"
    on "$1" ip link set lo up
    on "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
}

# cable NODE INTERFACE NODE INTERFACE
cable() { ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"; }

# plug NODE INTERFACE ADDRESS...
plug() {
    node=$1 interface=$2
    shift 2
    for address in "$@"; do
        case $address in
        *:*) on "$node" ip address add "$address" dev "$interface" nodad ;;
        *) on "$node" ip address add "$address" dev "$interface" ;;
        esac
    done
    on "$node" ip link set "$interface" up
}

# public NODE ADDRESS NUMBER: a gateway's way to the internet.
public() {
    cable "$1" wan net "w$3"
    plug "$1" wan "198.18.0.$((2 * $3))/31" "$2/32"
    plug net "w$3" "198.18.0.$((2 * $3 + 1))/31"
    on net ip route add "$2/32" via "198.18.0.$((2 * $3))"
}

# An endpoint behind a host, as an orchestrator plugs it in.
endpoint() { # HOST NAME ADDRESS ADDRESS6 GATEWAY GATEWAY6
    node "$2"
    cable "$1" "ep-$2" "$2" eth0
    plug "$2" eth0 "$3/32" "$4/128"
    on "$2" ip route add "$5" dev eth0
    on "$2" ip route add default via "$5"
    on "$2" ip -6 route add "$6" dev eth0
    on "$2" ip -6 route add default via "$6"
    on "$1" ip link set "ep-$2" up
    on "$1" sysctl -qw "net/ipv4/conf/ep-$2/proxy_arp=1" "net/ipv6/conf/ep-$2/proxy_ndp=1"
    on "$1" ip route replace "$3/32" dev "ep-$2"
    on "$1" ip -6 route replace "$4/128" dev "ep-$2"
    on "$1" ip -6 neigh replace proxy "$6" dev "ep-$2"
}

# The daemons of a node: FRR's, which read Quagga's files too.
speak() {
    mkdir -p "/etc/frr/$1" "/var/run/frr/$1"
    folder=$2
    if [ -f "$folder/frr.conf" ]; then
        cp "$folder/frr.conf" "/etc/frr/$1/frr.conf"
        : >"/etc/frr/$1/vtysh.conf"
    else
        cp "$folder/zebra.conf" "$folder/bgpd.conf" "/etc/frr/$1/"
        echo "no service integrated-vtysh-config" >"/etc/frr/$1/vtysh.conf"
    fi
    chown -R frr:frr "/etc/frr/$1" "/var/run/frr/$1"
    for daemon in zebra staticd bfdd bgpd; do
        on "$1" "/usr/lib/frr/$daemon" -d -N "$1" -A 127.0.0.1 2>/dev/null
    done
    if [ -f "$folder/frr.conf" ]; then on "$1" vtysh -N "$1" -b >/dev/null 2>&1; fi
}

# The files of a device, as at boot. WireGuard's sockets are a folder of each node's own.
apply() {
    folder=$tree/hosts/$1
    on "$1" sysctl -q -p "$folder/sysctl.conf" >/dev/null 2>&1 || :
    on "$1" sh "$folder/firewall.sh" >/dev/null
    on "$1" sh "$folder/routes.sh" >/dev/null || [ $? -eq 3 ]
}

tunnels() {
    mkdir -p "/run/wg/$1"
    on "$1" unshare -m sh -c 'mkdir -p /run/wireguard /var/run/wireguard && mount --bind "$0" /var/run/wireguard && shift 0 && ROMANA_SECRETS=$1 sh "$2"' \
        "/run/wg/$1" "/run/keys/$1" "$tree/hosts/$1/tunnels.sh"
}

for name in net vpc tor1 tor2 spine1 h1 h2 k1 a1 a2 b1; do node "$name"; done
for name in net vpc; do on "$name" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; done

# The data center, with one of its two spines.
cable tor1 up1 spine1 down1
plug tor1 up1 172.31.0.1/31 fd00:31::1/127
plug spine1 down1 172.31.0.0/31 fd00:31::/127
cable tor2 up1 spine1 down2
plug tor2 up1 172.31.0.5/31 fd00:31::5/127
plug spine1 down2 172.31.0.4/31 fd00:31::4/127
cable h1 eth0 tor1 port1
plug h1 eth0 172.16.1.1/31 fd00:16:1::1/127
plug tor1 port1 172.16.1.0/31 fd00:16:1::/127
cable h2 eth0 tor1 port2
plug h2 eth0 172.16.1.3/31 fd00:16:1::3/127
plug tor1 port2 172.16.1.2/31 fd00:16:1::2/127
cable k1 eth0 tor2 port1
plug k1 eth0 172.16.2.1/31 fd00:16:2::1/127
plug tor2 port1 172.16.2.0/31 fd00:16:2::/127

# The EC2 region: a segment for each zone, and the VPC's router in both.
ip link add name zone-a netns vpc type bridge
ip link add name zone-b netns vpc type bridge
plug vpc zone-a 172.20.1.1/24 2001:db8:f00:1::1/64
plug vpc zone-b 172.20.2.1/24 2001:db8:f00:2::1/64
for item in "a1 zone-a 172.20.1.4/24 2001:db8:f00:1::4/64" "a2 zone-a 172.20.1.5/24 2001:db8:f00:1::5/64" \
    "b1 zone-b 172.20.2.4/24 2001:db8:f00:2::4/64"; do
    # shellcheck disable=SC2086 # Words.
    set -- $item
    cable "$1" eth0 vpc "p-$1"
    on vpc ip link set "p-$1" master "$2" up
    plug "$1" eth0 "$3" "$4"
done
# The routes of the VPC's script.
vpc_routes() {
    awk '$1 == "route" { print $3, $4 }' "$tree/ec2/us-east-1/routes.sh" |
        while read -r prefix name; do
            case "$name $prefix" in
            "a1 "*:*) gateway=2001:db8:f00:1::4 ;; "a2 "*:*) gateway=2001:db8:f00:1::5 ;; "b1 "*:*) gateway=2001:db8:f00:2::4 ;;
            "a1 "*) gateway=172.20.1.4 ;; "a2 "*) gateway=172.20.1.5 ;; "b1 "*) gateway=172.20.2.4 ;;
            *) continue ;;
            esac
            on vpc ip route replace "$prefix" via "$gateway"
        done
}

public h1 198.51.100.1 1
public k1 198.51.100.2 2
public a1 203.0.113.1 3
public b1 203.0.113.2 4
for name in h1 k1 a1 b1; do
    on "$name" ip route add default via "$(on "$name" ip -o -4 address show dev wan | awk '/198.18/ { split($4, a, /[.\/]/); print a[1] "." a[2] "." a[3] "." a[4] + 1 }')" \
        src "$(on "$name" ip -o -4 address show dev wan | awk '!/198.18/ { sub(/\/.*/, "", $4); print $4 }')"
done

# Keys: each gateway's own, and the public ones of the others beside it.
for name in h1 k1 a1 b1; do
    mkdir -p "/run/keys/$name"
    (umask 077 && wg genkey >"/run/keys/$name/dc1-use1")
done
for name in h1 k1 a1 b1; do
    for other in h1 k1 a1 b1; do wg pubkey <"/run/keys/$other/dc1-use1" >"/run/keys/$name/dc1-use1.$other.pub"; done
done

section "without a key"
mv /run/keys/h1/dc1-use1 /run/keys/h1/away
tunnels h1 2>&1 || echo "status $?"
on h1 ip -o link show | grep -c romana-t || :
mv /run/keys/h1/away /run/keys/h1/dc1-use1
section "open key"
chmod 644 /run/keys/h1/dc1-use1
tunnels h1 2>&1 || echo "status $?"
chmod 600 /run/keys/h1/dc1-use1

for name in h1 h2 k1 a1 a2 b1; do apply "$name"; done
vpc_routes
section first
for name in h1 k1 a1 b1; do tunnels "$name" 2>&1 || echo "$name: status $?"; done
for place in spines/spine1 tors/tor1 tors/tor2; do
    on "${place#*/}" sysctl -q -p "$tree/$place/sysctl.conf" >/dev/null 2>&1 || :
    speak "${place#*/}" "$tree/$place"
done
for name in h1 k1 a1 b1; do speak "$name" "$tree/hosts/$name"; done
# h2 has BIRD in the example; here its routes are put by hand.
on h2 ip route add 10.0.0.0/12 via 172.16.1.2
on h2 ip -6 route add fd00:10::/32 via fd00:16:1::2
on tor1 ip route replace 10.0.16.0/20 via 172.16.1.3 proto static
on tor1 ip -6 route replace fd00:10:1::/48 via fd00:16:1::3 proto static

endpoint h2 web2 10.0.17.43 fd00:10:1:101::b 10.0.16.1 fd00:10:1::1
endpoint a2 web3 10.4.17.43 fd00:10:1001:101::b 10.4.16.1 fd00:10:1001::1

# wait_for SECONDS COMMAND...
wait_for() {
    seconds=$1
    shift
    while [ "$seconds" -gt 0 ]; do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 1
        seconds=$((seconds - 1))
    done
    return 1
}
section links
on h1 ip -o address show scope global | awk '$2 ~ /^romana-t/ { print $2, $4 }'
on h1 ip -o link show | sed -n 's/.*\(romana-t[0-9]*\):.* mtu \([0-9]*\).*/\1 \2/p'
section reach
if wait_for 60 on web2 ping -n -q -c 1 -W 1 10.4.17.43; then echo "IPv4 there"; fi
if wait_for 10 on web3 ping -n -q -c 1 -W 1 10.0.17.43; then echo "IPv4 back"; fi
if wait_for 20 on web2 ping -n -q -c 1 -W 1 fd00:10:1001:101::b; then echo "IPv6 there"; fi
if wait_for 10 on web3 ping -n -q -c 1 -W 1 fd00:10:1:101::b; then echo "IPv6 back"; fi
section routes
for name in tor1 tor2 spine1 h1 k1; do
    echo "$name $(on "$name" ip route show 10.4.0.0/14 | grep -o 'via [0-9.]*' | sort | tr '\n' ' ')"
done
for name in a1 b1; do
    echo "$name $(on "$name" ip route show 10.0.0.0/14 | grep -o 'via [0-9.]*' | sort | tr '\n' ' ')"
done
section size
on web2 ping -n -M 'do' -s 1412 -q -c 1 -W 2 10.4.17.43 | grep -o '[0-9]* received'
on web2 ping -n -M 'do' -s 1413 -c 1 -W 2 10.4.17.43 | grep -o 'mtu = [0-9]*' || :
section segments
on web3 timeout 10 python3 -c '
import socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("10.4.17.43", 5201))
listener.listen(1)
connection, _ = listener.accept()
count = 0
while block := connection.recv(65536):
    count += len(block)
print("received", count)' >/run/received &
sleep 1
on web2 timeout 10 python3 -c '
import socket
connection = socket.create_connection(("10.4.17.43", 5201), 5)
print("segment", connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG))
connection.sendall(bytes(200000))
connection.close()' || :
wait $! || :
cat /run/received
section again
before=$(on h1 ip -o link show | grep romana-t)
on h1 ip link add romana-t99 type veth peer name other
tunnels h1 2>&1
[ "$before" = "$(on h1 ip -o link show | grep romana-t)" ] && echo same
on web2 ping -n -q -c 1 -W 2 10.4.17.43 | grep -o '[0-9]* received'
section dry-run
on a2 env ROMANA_SECRETS=/run/keys/h1 sh "$tree/hosts/h1/tunnels.sh" --dry-run | awk '{ print $1, $2, $3 }' | sort | uniq -c
section failing
mkdir -p /run/failing
# shellcheck disable=SC2016 # For the script that is written.
printf '#!/bin/sh\nif [ "$1 $2" = "link set" ]; then echo "no" >&2; exit 2; fi\nexec %s "$@"\n' "$(command -v ip)" >/run/failing/ip
chmod 755 /run/failing/ip
(PATH=/run/failing:$PATH && tunnels h1 2>&1) || echo "status $?"
section end
