# strict-input.sh FOLDER BACKEND OWN PEER OWN6 PEER6: a host with its packet filter, and its ToR at the other end of a
# link; prints which of the ToR's packets the host's programs answer.
. "$(dirname "$0")/sandbox.sh"
[ "$2" = none ] || use_backend "$2"
unshare --net sleep 50 &
tor=$!
until [ "$(readlink /proc/$tor/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
in_tor() { nsenter --target "$tor" --net "$@"; }
ip link add eth0 type veth peer name swp1 netns "$tor"
ip address add "$3/31" dev eth0
ip address add "$5/127" dev eth0 nodad
ip link set eth0 up
ip route add 192.0.2.0/24 via "$4"
in_tor ip link set lo up
in_tor ip address add "$4/31" dev swp1
in_tor ip address add "$6/127" dev swp1 nodad
in_tor ip link set swp1 up
for address in 192.0.2.129 192.0.2.140 192.0.2.1; do in_tor ip address add "$address/32" dev swp1; done
sh "$1/firewall.sh" >/dev/null
cat >/run/listen.py <<'END'
import select, socket, sys
sockets = []
for port in (22, 80, 179, 9100):
    listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    sockets.append(listener)
for port in (161, 3784, 4000):
    udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    udp.bind(("::", port))
    sockets.append(udp)
open("/run/ready", "w").close()
while True:
    for ready in select.select(sockets, [], [])[0]:
        if ready.type == socket.SOCK_DGRAM:
            data, peer = ready.recvfrom(64)
            ready.sendto(data, peer)
        else:
            ready.accept()[0].close()
END
cat >/run/ask.py <<'END'
import socket, sys
kind, source, target, port = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
family = socket.AF_INET6 if ":" in target else socket.AF_INET
asking = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
asking.settimeout(0.6)
asking.bind((source, 0))
try:
    asking.connect((target, port))
    if kind == "udp":
        asking.send(b"x")
        asking.recv(64)
    answer = "answered"
except (TimeoutError, socket.timeout):
    answer = "dropped"
except ConnectionRefusedError:
    answer = "refused"
print(kind, port, "from", source, answer)
END
python3 /run/listen.py &
until [ -e /run/ready ]; do sleep 0.05; done
section asked
for port in 179 22 80; do in_tor python3 /run/ask.py tcp "$4" "$3" $port; done
for port in 3784 4000; do in_tor python3 /run/ask.py udp "$4" "$3" $port; done
for port in 22 9100; do in_tor python3 /run/ask.py tcp 192.0.2.129 "$3" $port; done
for port in 22 9100; do in_tor python3 /run/ask.py tcp 192.0.2.140 "$3" $port; done
in_tor python3 /run/ask.py udp 192.0.2.140 "$3" 161
in_tor python3 /run/ask.py tcp 192.0.2.1 "$3" 22
for port in 179 22; do in_tor python3 /run/ask.py tcp "$6" "$5" $port; done
in_tor python3 /run/ask.py udp "$6" "$5" 3784
section ping
in_tor ping -c 1 -W 1 "$3" >/dev/null && echo answered
in_tor ping -c 1 -W 1 "$5" >/dev/null && echo answered
# Flows of the host's own: the replies come through.
section own
in_tor python3 -c 'import socket; s = socket.create_server(("", 443)); s.accept()' &
sleep 0.5
python3 /run/ask.py tcp "$3" "$4" 443
section end
