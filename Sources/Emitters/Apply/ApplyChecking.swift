/// The part of `apply.sh` that checks files before anything changes.
///
/// No native checker finds a file that is cut at the end of a statement, so the end marker comes first; and those that only
/// look at the grammar (`iptables-restore --test`, `nft -c`) are replaced by a load in a network namespace of its own
/// (unshare(1)). Sources: bird(8) `-p`, vtysh(1) `-C -f`, ExaBGP's `--validate`, sh(1) `-n`.
let applyChecking: StaticString = #"""
  state=/var/lib/romana

  say() { printf 'apply.sh: %s\n' "$*"; }

  fail() {
    printf 'apply.sh: %s\n' "$*" >&2
    exit 1
  }

  # column FILE NUMBER: a word of the table.
  column() { table | awk -v file="$1" -v number="$2" '$1 == file { print $number }'; }

  # Every place that a file of ours can have, each once.
  targets() { table | awk '/^[^#]/ && !seen[$2]++ { print $2 }'; }

  part_of() { table | awk -v target="$1" '$2 == target { print $6; exit }'; }

  is_wanted() { files | while read -r file; do column "$file" 2; done | grep -qxF "$1"; }

  is_ours() { [ -f "$1" ] && head -n 2 "$1" | grep -q '^[#!] romana-compile: fabric '; }

  check_whole() {
    [ -f "$2" ] || fail "$1 is missing"
    tail -n 1 "$2" | grep -q '^[#!] romana-compile: end of ' || fail "$1 is cut short: its last line is missing"
  }

  # alone COMMAND...: in a network namespace of its own, where it changes nothing of the device.
  alone() { unshare --net "$@"; }

  check_rules() {
    # Sets that are not there yet are no mistake.
    sed 's/ -m set --match-set [^ ]* [a-z]*//g' "$2" | alone "$1-restore" -w 30
  }

  check_sets() { sed '/^#/d' "$1" | alone ipset restore; }

  check_settings() {
    awk '!/^(#|$)/ && !/^-?[^ =]+ *= *[^ ]/ { print "line " NR ": " $0; bad = 1 } END { exit bad }' "$1"
  }

  # FRR's status alone can't be trusted: it is right only if nothing is said.
  check_frr() {
    said=$(vtysh -C -f "$1" 2>&1) && [ -z "$said" ] && return
    printf '%s\n' "$said"
    return 1
  }

  # The programs of Quagga are found beside zebra.
  check_quagga() {
    (
      PATH="$PATH:/usr/lib/quagga"
      command -v "$1" >/dev/null || fail "$1 is not installed"
      exec "$1" -C -f "$2"
    )
  }

  check_exabgp() {
    said=$(exabgp --validate "$1" 2>&1) && return
    printf '%s\n' "$said"
    return 1
  }

  # What the program that the file is for says about it.
  ask_program() {
    case $1 in
    *.sh) sh -n "$2" ;;
    *.service) grep -q '^ExecStart=/etc/romana/' "$2" ;;
    sysctl.conf) check_settings "$2" ;;
    rules.v4) check_rules iptables "$2" ;;
    rules.v6) [ ! -d /proc/sys/net/ipv6 ] || check_rules ip6tables "$2" ;;
    rules.nft) alone nft -f "$2" ;;
    ipset.conf) check_sets "$2" ;;
    bird.conf | bird1.conf) bird -p -c "$2" ;;
    bird1-v6.conf) bird6 -p -c "$2" ;;
    exabgp.conf) check_exabgp "$2" ;;
    frr.conf) check_frr "$2" ;;
    daemons) sh -n "$2" ;;
    zebra.conf | bgpd.conf | ospfd.conf) check_quagga "${1%.conf}" "$2" ;;
    *) fail "$1 is not the name of a file of a device" ;;
    esac
  }

  # check_file FILE PATH: ends with a reason unless what lies at PATH can be the FILE of a device.
  check_file() {
    check_whole "$1" "$2"
    case $1 in
    *.sh) ;;
    *) ! grep -q '<[a-z-]*secret' "$2" || fail "$1 lacks its secrets" ;;
    esac
    said=$(ask_program "$1" "$2" 2>&1) || fail "$1 is refused: $said"
  }

  # filled FILE PATH TO: puts a copy of PATH, with its secrets if it names some, at TO.
  filled() {
    case $1 in
    *.sh) cp "$2" "$3" ;;
    *)
      if grep -q '<[a-z-]*secret' "$2"; then
        [ -f "$secrets" ] || fail "secrets.sh is missing"
        sh "$secrets" "$2" "$3" || fail "$1 has no secrets; nothing was changed"
      else
        cp "$2" "$3"
      fi
      ;;
    esac
  }


  """#
