/// The part of `apply.sh` that makes programs read what changed: a reload where the program has one that keeps sessions
/// (birdc(8) `configure`, frr-reload.py), a start where it does not run, a stop where its file is gone.
let applyLoading: StaticString = #"""
  has_systemd() { [ -d /run/systemd/system ]; }

  # service VERB NAME: by the system's own means.
  service_do() {
    if has_systemd; then
      case $1 in
      start) systemctl enable --quiet --now "$2" ;;
      stop) systemctl disable --quiet --now "$2" ;;
      *) systemctl "$1" "$2" ;;
      esac
    else
      service "$2" "$1"
    fi
  }

  # load_unit NAME SCRIPT: the service that runs a script of ours at boot. Without systemd there is none.
  load_unit() {
    has_systemd || return 0
    systemctl daemon-reload
    if [ -e "/etc/systemd/system/$1.service" ]; then
      systemctl enable --quiet "$1"
      systemctl restart "$1"
    else
      systemctl disable --quiet --now "$1" 2>/dev/null || :
    fi
  }

  # load_bird NAME FILE: a change is loaded without a restart; what birdc says tells whether BIRD took it.
  load_bird() {
    control=birdc${1#bird}
    if [ ! -e "$2" ]; then
      service_do stop "$1"
    elif "$control" show status >/dev/null 2>&1; then
      said=$("$control" configure)
      printf '%s\n' "$said" | grep -q '^Reconfigur' || fail "$1 refuses its file: $said"
    else
      service_do start "$1"
    fi
  }

  load_frr() {
    if [ ! -e /etc/frr/frr.conf ]; then
      service_do stop frr
    elif vtysh -c 'show version' >/dev/null 2>&1; then
      /usr/lib/frr/frr-reload.py --reload /etc/frr/frr.conf >/dev/null || fail "frr-reload.py failed"
    else
      service_do start frr
    fi
  }

  # load_daemon NAME FILE VERB: a program that VERB makes read its file anew.
  load_daemon() {
    if [ ! -e "$2" ]; then
      service_do stop "$1"
    elif has_systemd && ! systemctl --quiet is-active "$1"; then
      service_do start "$1"
    else
      service_do "$3" "$1"
    fi
  }

  # Status 3: some routes have no live next hop now. That is no reason to take the list back.
  load_routes() {
    [ ! -e /etc/romana/routes.sh ] || /etc/romana/routes.sh || [ $? -eq 3 ] || fail "routes.sh failed"
    load_unit romana-routes
  }

  # Without a list there are none: tunnels of a former list end.
  load_tunnels() {
    if [ -e /etc/romana/tunnels.sh ]; then
      /etc/romana/tunnels.sh || fail "tunnels.sh failed"
    else
      for name in $(ip -o link show | sed -n 's/^[0-9]*: \(romana-t[0-9][0-9]*\)[@:].*/\1/p'); do ip link del dev "$name"; done
    fi
    load_unit romana-tunnels
  }

  load_part() {
    case $1 in
    programs) ;;
    sysctl) [ ! -e /etc/sysctl.d/90-romana.conf ] || sysctl -q -p /etc/sysctl.d/90-romana.conf ;;
    vlans)
      [ ! -e /etc/romana/vlans.sh ] || /etc/romana/vlans.sh || [ $? -eq 3 ] || fail "vlans.sh failed"
      load_unit romana-vlans
      ;;
    firewall) [ ! -e /etc/romana/firewall.sh ] || /etc/romana/firewall.sh ;;
    routes) load_routes ;;
    tunnels) load_tunnels ;;
    bird) load_bird bird /etc/bird/bird.conf ;;
    bird6) load_bird bird6 /etc/bird/bird6.conf ;;
    exabgp) load_daemon exabgp /etc/exabgp/exabgp.conf reload ;;
    frr-daemons) load_daemon frr /etc/frr/daemons restart ;;
    frr) load_frr ;;
    zebra | bgpd | ospfd) load_daemon "$1" "/etc/quagga/$1.conf" restart ;;
    *) fail "there is no part '$1'" ;;
    esac
  }

  # load_parts PART...: each once, in the order of the table, whatever the order of the words.
  load_parts() {
    table | awk '/^[^#]/ && !seen[$6]++ { print $6 }' >"$state/parts"
    while read -r part <&3; do
      case " $* " in
      # What starts here must not hold the lock.
      *" $part "*) (load_part "$part") 3<&- 9>&- || fail "$part can't be loaded" ;;
      esac
    done 3<"$state/parts"
  }


  """#
