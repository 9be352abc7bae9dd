# quagga-device.sh FOLDER NAME "INTERFACE ADDRESS..."...: starts FRR's daemons with a host's files of Quagga, a file a
# daemon as Quagga does, and prints what they made of them.
. "$(dirname "$0")/sandbox.sh"
folder=$1
hostname "$2"
shift 2
for words in "$@"; do
    # shellcheck disable=SC2086 # an interface and its addresses
    link $words
done
sysctl -q -p "$folder/sysctl.conf" >/dev/null
mount -t tmpfs tmpfs /etc/frr
mount -t tmpfs tmpfs /var/tmp
mkdir -p /run/frr/golden /etc/frr/golden
cp "$folder/zebra.conf" /etc/frr/golden/
daemons=zebra
for daemon in bgpd ospfd; do
    [ -e "$folder/$daemon.conf" ] || continue
    daemons="$daemons $daemon"
    cp "$(fill_in "$folder" "$daemon.conf")" "/etc/frr/golden/$daemon.conf"
done
chown -R frr:frr /run/frr /etc/frr
for daemon in $daemons; do
    section "$daemon start"
    "/usr/lib/frr/$daemon" -N golden -d -A 127.0.0.1 -f "/etc/frr/golden/$daemon.conf" \
        --log "file:/run/frr/golden/$daemon.log" 2>&1
done
# vtysh asks the daemons; it must not find their files.
echo 'no service integrated-vtysh-config' | tee /etc/frr/vtysh.conf >/etc/frr/golden/vtysh.conf
section complaints
grep -i -E 'no such command|command incomplete|ambiguous|error occured|config line' /run/frr/golden/*.log || :
section running
vtysh -N golden -c 'show running-config'
section neighbors
[ ! -e /etc/frr/golden/bgpd.conf ] || vtysh -N golden -c 'show bgp neighbors json'
section ospf
[ ! -e /etc/frr/golden/ospfd.conf ] || vtysh -N golden -c 'show ip ospf interface'
section end
