# frr-device.sh FOLDER NAME "INTERFACE ADDRESS..."...: loads a device's frr.conf into FRR's daemons and prints what
# they made of it.
. "$(dirname "$0")/sandbox.sh"
folder=$1
conf=$(fill_in "$folder" frr.conf)
hostname "$2"
shift 2
for words in "$@"; do
    # shellcheck disable=SC2086 # an interface and its addresses
    link $words
done
sysctl -q -p "$folder/sysctl.conf" >/dev/null
shell=$(cat /etc/frr/vtysh.conf 2>/dev/null || :)
mount -t tmpfs tmpfs /etc/frr
mount -t tmpfs tmpfs /var/tmp
mkdir -p /run/frr/golden /etc/frr/golden
echo "$shell" | tee /etc/frr/vtysh.conf >/etc/frr/golden/vtysh.conf
cp "$conf" "$folder/daemons" /etc/frr/golden/
chown -R frr:frr /run/frr /etc/frr

section check
vtysh -C -f "$conf" 2>&1
# The distribution's start script reads the file in this way.
. "$folder/daemons"
section start
for daemon in zebra staticd ${bgpd:+bgpd} ${ospfd:+ospfd} ${ospf6d:+ospf6d} ${bfdd:+bfdd}; do
    eval "set -- \$${daemon}_options"
    "/usr/lib/frr/$daemon" -N golden -d "$@" --log "file:/run/frr/golden/$daemon.log" 2>&1
done
section load
vtysh -N golden -b 2>&1
section running
vtysh -N golden -c 'show running-config'
section reload
/usr/lib/frr/frr-reload.py --test --bindir /usr/bin --confdir /etc/frr --rundir /run/frr -N golden "$conf" 2>/dev/null
section neighbors
[ -z "${bgpd-}" ] || vtysh -N golden -c 'show bgp neighbors json'
section ospf4
[ -z "${ospfd-}" ] || vtysh -N golden -c 'show ip ospf interface'
section ospf6
[ -z "${ospf6d-}" ] || vtysh -N golden -c 'show ipv6 ospf6 interface'
section bfd
[ -z "${bfdd-}" ] || vtysh -N golden -c 'show bfd peers json'
section routes
# zebra's number for static routes is 196 (rt_netlink.h); it may take a moment until all are in the kernel.
wanted=$(grep -c -E '^ip(v6)? route' "$conf" || :)
for _ in 1 2 3 4 5 6 7 8 9 10; do
    hops=$(vtysh -N golden -c 'show ip route static' -c 'show ipv6 route static' | grep -c -E '^S>\* |^ +\* ' || :)
    [ "$hops" -lt "$wanted" ] || break
    sleep 0.2
done
# An aggregate that is announced is a discard route of bgpd (186) in the place of the static one.
for family in -4 -6; do
    ip -N -o $family route show table main proto 196
    ip -N -o $family route show table main proto 186 type blackhole
done
section end
