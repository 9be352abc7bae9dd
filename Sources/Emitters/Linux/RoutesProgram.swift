/// The program of `routes.sh`: the same text on every device, after the list of what the device wants.
///
/// POSIX sh, checked with dash and BusyBox ash. It works in three steps: `read_state` reads the kernel's tables once,
/// `decide` compares them with the list (see RoutesDecision.swift), and `apply` carries out what `decide` printed.
/// Nothing runs before the shell has read the whole file, so that a truncated one does nothing.
let routesProgramHead: StaticString = #"""
  # ---- The program: the same text in every routes.sh of a release. -----------------------------

  # The route protocol number that marks a route as ours (ip-route(8), RTPROTO): only routes that
  # carry it are replaced or removed.
  proto=77

  say() { printf 'routes.sh: %s\n' "$*"; }

  fail() {
    printf 'routes.sh: %s\n' "$*" >&2
    exit 1
  }

  # One run at a time in a network namespace. Descriptor 9 holds the lock until the shell ends.
  take_lock() {
    lock=/run/romana-routes.$(readlink /proc/self/ns/net | tr -dc '0-9').lock
    exec 9>"$lock"
    flock -w 120 9 || fail "another run holds $lock; nothing was changed"
  }

  # All that a decision depends on, in sections. "== end" proves that no command failed on the way.
  read_state() {
    echo "== wanted"
    wanted
    echo "== links"
    ip -o link show || return 1
    gateway=$(wanted | awk '$1 == "gateway" { print $2 }')
    if [ -n "$gateway" ] && [ -e "/sys/class/net/$gateway" ]; then
      echo "== gateway"
      ip -o -d link show dev "$gateway" || return 1
      echo "== addresses"
      ip -o address show dev "$gateway" || return 1
      echo "== broadcasts"
      ip -N -o -4 route show table local type broadcast dev "$gateway" || return 1
    fi
    echo "== tunnels"
    ip -o -d link show type vxlan 2>/dev/null || :
    echo "== neighbours"
    ip -o neighbour show nud permanent || return 1
    echo "== filters"
    for name in $(wanted | awk '$1 == "port" || $1 == "tunnel" { print $2 }'); do
      [ ! -e "/proc/sys/net/ipv4/conf/$name" ] || echo "$name $(cat "/proc/sys/net/ipv4/conf/$name/rp_filter")"
    done
    for family in 4 6; do
      [ "$family" = 4 ] || [ -d /proc/sys/net/ipv6 ] || continue
      echo "== rules $family"
      ip -N -o "-$family" rule show 2>/dev/null || :
      echo "== ways $family"
      ip -N -o "-$family" route show table all proto "$proto" || return 1
    done
    echo "== routes 4"
    ip -N -o -4 route show table main || return 1
    if [ -d /proc/sys/net/ipv6 ]; then
      echo "== routes 6"
      ip -N -o -6 route show table main || return 1
      echo "== proxies"
      ip -N -o -6 neighbour show proxy || return 1
    fi
    echo "== end"
  }

  # Compares what is wanted with what is there. Prints lines that start with
  #   conflict  something that is not ours is in the way
  #   create    the gateway interface is missing
  #   add, del  an ip(8) command: "add" puts what is wanted, "del" removes what is left over
  #   way       the same as "add", for services, before any route: tunnels, and what is closed. hop: after the routes
  #   rule4, 6  a rule of one family; unrule4, unrule6 to remove one. set: a kernel setting that is to be 0
  #   note      a route that cannot be put, or not be used, now; "incomplete" follows if that hurts
  #   count     how many routes are wanted, and how many of them are there already
  decide() {
    awk -v proto="$proto" '

  """#

/// What follows the awk program.
let routesProgramTail: StaticString = #"""
  '
  }

  # The rest of the lines of $decision that start with the word $1.
  lines() { printf '%s\n' "$decision" | sed -n "s/^$1 //p"; }

  # A minimal kernel may lack the dummy driver; a bridge without ports does as well.
  create_gateway() {
    ip link add "$1" type dummy 2>/dev/null || ip link add "$1" type bridge
  }

  decide_or_stop() {
    decision=$(read_state | decide) || fail "the kernel's tables could not be read; nothing was changed"
    conflicts=$(lines conflict)
    [ -z "$conflicts" ] || fail "nothing was changed, because of what is not ours:
  $conflicts
  Remove what is named above, or take it out of the topology, and run this again."
  }

  # Runs the commands of the lines that start with $1; stops at the first that fails.
  run_lines() {
    lines "$1" | ip -batch - || fail "ip refused a command; $2. See: routes.sh --dry-run"
  }

  # The same for rules, whose family is not seen from the command.
  run_rules() {
    [ -z "$(lines "$1$2")" ] || lines "$1$2" | ip "-$2" -batch - || fail "ip refused a rule. See: routes.sh --dry-run"
  }

  # All that has to be put.
  pending() { for kind in way set rule4 rule6 add hop; do lines "$kind"; done; }

  apply() {
    take_lock
    decide_or_stop
    put=$(pending | grep -c .) || :
    round=0
    while [ -n "$(pending)" ]; do
      round=$((round + 1))
      [ "$round" -le 3 ] || fail "the kernel does not keep what it was told: $(pending | head -n 1)"
      for name in $(lines create); do create_gateway "$name"; done
      [ -z "$(lines way)" ] || run_lines way "nothing was removed"
      for setting in $(lines set); do echo 0 >"/proc/sys/$setting"; done
      run_rules rule 4
      run_rules rule 6
      run_lines add "nothing was removed"
      [ -z "$(lines hop)" ] || run_lines hop "nothing was removed"
      decide_or_stop
    done
    removed=$(for kind in unrule4 unrule6 del; do lines "$kind"; done | grep -c .) || :
    run_rules unrule 4
    run_rules unrule 6
    run_lines del "what is wanted is in place, leftovers are not all removed"
    summary "put $put, removed $removed"
  }

  dry_run() {
    decide_or_stop
    lines create | sed 's/.*/ip link add & type dummy/'
    lines way | sed 's/^/ip /'
    lines set | sed 's/.*/echo 0 >\/proc\/sys\/&/'
    for family in 4 6; do lines "rule$family" | sed "s/^/ip -$family /"; done
    for kind in add hop; do lines "$kind"; done | sed 's/^/ip /'
    for family in 4 6; do lines "unrule$family" | sed "s/^/ip -$family /"; done
    lines del | sed 's/^/ip /'
    put=$(pending | grep -c .) || :
    removed=$(for kind in unrule4 unrule6 del; do lines "$kind"; done | grep -c .) || :
    summary "to put $put, to remove $removed"
  }

  summary() {
    lines note | sed 's/^/routes.sh: /'
    set -- "$1" "$(lines count)" "$(lines incomplete)"
    say "${2% *} routes wanted, ${2#* } in place; $1${3:+; $3 without a live next hop}"
    [ -z "$3" ] || exit 3
  }


  """#

let routesMain: StaticString = #"""
  main() {
    case "${1-}" in
    "" | --watch) [ "$(id -u)" -eq 0 ] || fail "only root may change routes; --dry-run needs no root" ;;
    esac
    case "${1-}" in
    "") apply ;;
    --dry-run) dry_run ;;
    --watch) watch ;;
    *)
      echo "usage: routes.sh [--dry-run | --watch]" >&2
      exit 64
      ;;
    esac
  }

  # In braces, so that the shell has read all of it before it runs any of it.
  {
    main "$@"
    exit
  }

  """#
