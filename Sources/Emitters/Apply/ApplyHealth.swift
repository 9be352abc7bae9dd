/// The part of `apply.sh` that looks at sessions and neighbours: what the routing daemon says (birdc(8), vtysh(1)), and echo
/// requests. ExaBGP has no terminal; there a connection to the BGP port counts.
let applyHealth: StaticString = #"""
  # The neighbours of Established sessions, a line each: an address, or the interface of an unnumbered link.
  bird_sessions() {
    "$1" -r show protocols all 2>/dev/null | awk '
      /^ *BGP state:/ { up = $3 == "Established" }
      /^ *Neighbor address:/ && up { sub(/^fe80:.*%/, "", $3); print $3 }'
  }

  frr_sessions() {
    { vtysh -c 'show bgp ipv4 unicast summary' && vtysh -c 'show bgp ipv6 unicast summary'; } 2>/dev/null |
      awk '$2 == 4 && NF >= 10 && ($10 ~ /^[0-9]+$/ || $10 == "(Policy)") { print $1 }'
  }

  tcp_sessions() { ss -Htn state established '( dport = :179 or sport = :179 )' | awk '{ print $4 }' | sed 's/:[0-9]*$//; s/[][]//g'; }

  bird_ospf() { "$1" -r show ospf neighbors 2>/dev/null | awk '$3 ~ /^Full/ { print "ospf " $5 }'; }

  frr_ospf() {
    vtysh -c 'show ip ospf neighbor' 2>/dev/null |
      awk '/Full/ { for (i = 1; i <= NF; i++) if ($i ~ /^[^:]+:[0-9]+\.[0-9.]+$/) { sub(/:.*/, "", $i); print "ospf " $i } }'
    vtysh -c 'show ipv6 ospf6 neighbor' 2>/dev/null |
      awk '/Full/ { sub(/\[.*/, "", $NF); print "ospf " $NF }'
  }

  # What is up now, as lines of `wanted`.
  found() {
    for file in $(files); do
      case $file in
      bird.conf | bird1.conf)
        bird_sessions birdc | sed 's/^/session /'
        bird_ospf birdc
        ;;
      bird1-v6.conf)
        bird_sessions birdc6 | sed 's/^/session /'
        bird_ospf birdc6
        ;;
      exabgp.conf) tcp_sessions | sed 's/^/session /' ;;
      frr.conf | bgpd.conf)
        frr_sessions | sed 's/^/session /'
        frr_ospf
        ;;
      esac
    done
  }

  answers() {
    ping -n -q -c 1 -W 1 "$1" >/dev/null 2>&1 || ping -n -q -c 2 -i 0.2 -W 1 "$1" >/dev/null 2>&1
  }

  # health ADDRESS...: "up" or "down" and what is meant, a line each.
  health() {
    there=$(found)
    wanted | while read -r what where; do
      case $what in
      neighbour) continue ;;
      esac
      if printf '%s\n' "$there" | grep -qxF "$what $where"; then echo "up $what $where"; else echo "down $what $where"; fi
    done
    {
      for address in $(wanted | awk '$1 == "neighbour" { print $2 }') "$@"; do
        if answers "$address"; then echo "up neighbour $address"; else echo "down neighbour $address"; fi &
      done
      wait
    } | sort
  }

  # lost BEFORE SECONDS: what was up and is down, after some time to come back.
  lost() {
    end=$(($(date +%s) + $2))
    while :; do
      missing=$(health | sed -n 's/^down //p' | while read -r one; do
        ! printf '%s\n' "$1" | grep -qxF "up $one" || echo "$one"
      done)
      [ -n "$missing" ] || return 0
      [ "$(date +%s)" -lt "$end" ] || break
      sleep 1
    done
    printf '%s\n' "$missing"
  }


  """#
