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

  count_lines() { lines "$1" | grep -c . || :; }

  apply() {
    take_lock
    decide_or_stop
    put=$(count_lines add)
    round=0
    while [ -n "$(lines add)" ]; do
      round=$((round + 1))
      [ "$round" -le 3 ] || fail "the kernel does not keep what it was told: $(lines add | head -n 1)"
      for name in $(lines create); do create_gateway "$name"; done
      run_lines add "nothing was removed"
      decide_or_stop
    done
    removed=$(count_lines del)
    run_lines del "what is wanted is in place, leftovers are not all removed"
    summary "put $put, removed $removed"
  }

  dry_run() {
    decide_or_stop
    lines create | sed 's/.*/ip link add & type dummy/'
    lines add | sed 's/^/ip /'
    lines del | sed 's/^/ip /'
    summary "to put $(count_lines add), to remove $(count_lines del)"
  }

  summary() {
    lines note | sed 's/^/routes.sh: /'
    set -- "$1" "$(lines count)" "$(lines incomplete)"
    say "${2% *} routes wanted, ${2#* } in place; $1${3:+; $3 without a live next hop}"
    [ -z "$3" ] || exit 3
  }

  # Applies after each burst of link or address changes, and once at the start. The monitor listens
  # before the first run, so that no change is missed; "timeout 1 cat" lets a burst settle and
  # swallows it. A run that failed is repeated: whatever was in the way may have gone.
  watch() {
    ip -o monitor link address | {
      echo start
      cat
    } | while read -r _; do
      timeout 1 cat >/dev/null || :
      until sh "$0" || [ $? -eq 3 ]; do sleep 30; done
    done
    fail "ip monitor ended"
  }

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
