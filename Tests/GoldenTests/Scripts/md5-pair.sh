# md5-pair.sh FOLDER FILE LOCAL-ADDRESS LOCAL-AS PEER-ADDRESS PEER-AS ROLE: runs a host's speaker (bird.conf or exabgp.conf),
# whose secrets are "golden-secret", opposite a BIRD with the right and with a wrong secret, and prints the states that the
# session reached.
. "$(dirname "$0")/sandbox.sh"
conf=$(fill_in "$1" "$2")
mkdir -p /run/netns
ip netns add romana-md5-peer
trap 'ip netns delete romana-md5-peer' EXIT
ip link add eth0 type veth peer name eth0 netns romana-md5-peer
ip link set lo up
ip link set eth0 up
ip addr add "$3/31" dev eth0
ip -n romana-md5-peer link set eth0 up
ip -n romana-md5-peer addr add "$5/31" dev eth0
case $2 in
bird.conf)
    bird -c "$conf" -s /run/host.ctl -P /run/host.pid
    role="local role $7; require roles on;"
    ;;
exabgp.conf)
    env exabgp_daemon_user=root exabgp_daemon_daemonize=false exabgp_api_cli=false exabgp "$conf" >/run/exabgp.log 2>&1 &
    role=
    ;;
esac
for secret in golden-secret wrong-secret; do
    cat >/run/peer.conf <<END
router id 192.0.2.1;
protocol device {
}
protocol bgp host {
  local $5 as $6;
  neighbor $3 as $4;
  $role
  ttl security on;
  password "$secret";
  connect delay time 1;
  connect retry time 2;
  error wait time 1, 2;
  ipv4 {
    import all;
    export none;
  };
}
END
    ip netns exec romana-md5-peer bird -c /run/peer.conf -s /run/peer.ctl -P /run/peer.pid
    section "$secret"
    for _ in $(seq 40); do
        state=$(birdc -r -s /run/peer.ctl show protocols host | awk '$1 == "host" { print $NF }')
        [ "$state" != Established ] || break
        sleep 0.3
    done
    echo "$state"
    birdc -s /run/peer.ctl down >/dev/null
    sleep 1
done
section end
