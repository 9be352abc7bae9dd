/// The program of `firewall.sh`: the same text on every host, after the line that sets the mode.
///
/// It refuses a rules file that is cut short before any change, changes nothing that is in place already, and in share
/// mode touches only chains named `romana-…` and two jumps to them (iptables(8), iptables-restore(8)).
let firewallProgram: StaticString = #"""
  say() { printf 'firewall.sh: %s\n' "$*"; }

  fail() {
    printf 'firewall.sh: %s\n' "$*" >&2
    exit 1
  }

  # One run at a time in a network namespace. Descriptor 9 holds the lock until the shell ends.
  take_lock() {
    lock=/run/romana-firewall.$(readlink /proc/self/ns/net | tr -dc '0-9').lock
    exec 9>"$lock"
    flock -w 120 9 || fail "another run holds $lock; nothing was changed"
  }

  # A rules file that was cut short, or that iptables does not understand, is refused before any change.
  check_rules() {
    tail -n 1 "$2" | grep -q '^# romana-compile: end of ' || fail "$2 is missing or cut short"
    # Sets that are not there yet are no mistake.
    sed 's/ -m set --match-set [^ ]* [a-z]*//g' "$2" | "$1-restore" --test $keep ||
      fail "$1-restore refuses $2; nothing was changed"
  }

  # The table without comments and counters, and OSPF by its number. In share mode: our own chains only.
  text_of_ours() {
    if [ "$mode" = own ]; then
      sed '/^#/d; s/ \[[0-9]*:[0-9]*\]$/ [0:0]/; s/ -p ospf / -p 89 /; s/ -p gre / -p 47 /'
    else
      sed -n '/^:romana-/s/ \[[0-9]*:[0-9]*\]$/ [0:0]/p; /^-A romana-/p'
    fi
  }

  hooked() { "$1" -w 30 -C "$2" -j "$3" 2>/dev/null; }

  # The part of a file that is about one table.
  table_of() { sed -n "/^\*$2\$/,/^COMMIT\$/p" "$1"; }

  is_loaded() {
    if [ "$mode" = share ]; then
      hooked "$1" INPUT romana-input && hooked "$1" FORWARD romana-forward || return 1
    fi
    [ "$("$1-save" -t filter | text_of_ours)" = "$(table_of "$2" filter | text_of_ours)" ]
  }

  # Own chains that are in the table but not in the file.
  stale_chains() {
    "$1-save" -t filter | awk -v file="$2" '
      BEGIN { while ((getline line < file) > 0 && line != "COMMIT") if (split(line, word, " ") && word[1] ~ /^:/) known[word[1]] = 1 }
      /^:romana-/ && !($1 in known) { print substr($1, 2) }'
  }

  # Our chains change in one transaction, which also empties those that are left over from an earlier
  # file. Then the two jumps are put first in the chains of the table, where they are missing.
  load_shared() {
    stale=$(stale_chains "$1" "$2")
    {
      echo "*filter"
      for chain in $stale; do echo ":$chain - [0:0]"; done
      table_of "$2" filter | sed 1d
    } | "$1-restore" -w 30 --noflush || fail "$1-restore failed; this family was not changed"
    for chain in $stale; do
      "$1" -w 30 -X "$chain" 2>/dev/null || say "$chain is empty now, but a rule that is not ours refers to it"
    done
    hooked "$1" INPUT romana-input || "$1" -w 30 -I INPUT 1 -j romana-input
    hooked "$1" FORWARD romana-forward || "$1" -w 30 -I FORWARD 1 -j romana-forward
  }

  load() {
    if is_loaded "$1" "$2"; then
      say "$1: in place"
    elif [ -n "$dry" ]; then
      say "$1: $2 would be loaded"
    elif [ "$mode" = own ]; then
      table_of "$2" filter | "$1-restore" -w 30 || fail "$1-restore failed; this family was not changed"
      say "$1: $2 loaded"
    else
      load_shared "$1" "$2"
      say "$1: $2 loaded"
    fi
  }

  # The chains that mark packets of services, in the table mangle, and those that give packets the host's address, in nat:
  # ours only, whatever the mode, and a jump to them.
  # The old form of iptables is not asked where the kernel has no such table, since asking makes one.
  further_text() { sed -n '/^:romana-/s/ \[[0-9]*:[0-9]*\]$/ [0:0]/p; /^-A romana-/p'; }

  further_in_kernel() {
    case $("$1" -V) in
    *legacy*) grep -qs "^$2\$" "/proc/net/${1%tables}_tables_names" || return 0 ;;
    esac
    "$1-save" -t "$2" | further_text
  }

  further_hooked() { "$1" -w 30 -t "$2" -C "$3" -j "$4" 2>/dev/null; }

  # COMMAND FILE TABLE HOOK CHAIN WHAT
  load_further() {
    wanted=$(table_of "$2" "$3" | further_text)
    there=$(further_in_kernel "$1" "$3")
    if [ "$wanted" = "$there" ]; then
      [ -n "$wanted" ] || return 0
      if further_hooked "$1" "$3" "$4" "$5"; then return 0; fi
    fi
    if [ -n "$dry" ]; then
      say "$1: $6 would be changed"
      return
    fi
    stale=$(printf '%s\n==\n%s\n' "$there" "$wanted" | awk '
      /^==$/ { after = 1 }
      /^:/ && after { known[$1] = 1 }
      /^:/ && !after { old[$1] = 1 }
      END { for (chain in old) if (!(chain in known)) print substr(chain, 2) }')
    {
      echo "*$3"
      if [ -z "$wanted" ] && further_hooked "$1" "$3" "$4" "$5"; then echo "-D $4 -j $5"; fi
      for chain in $stale; do echo ":$chain - [0:0]"; done
      if [ -n "$wanted" ]; then table_of "$2" "$3" | sed 1d; else echo COMMIT; fi
    } | "$1-restore" -w 30 --noflush || fail "$1-restore failed; $6 were not changed"
    for chain in $stale; do "$1" -w 30 -t "$3" -X "$chain"; done
    [ -z "$wanted" ] || further_hooked "$1" "$3" "$4" "$5" || "$1" -w 30 -t "$3" -I "$4" 1 -j "$5"
    say "$1: $6 changed"
  }

  # A host has one backend: the table of rules.nft goes once these rules are in place.
  remove_nft() {
    command -v nft >/dev/null && nft list tables 2>/dev/null | grep -qx 'table inet romana' || return 0
    if [ -n "$dry" ]; then
      say "nft: the table inet romana would be removed"
    else
      nft delete table inet romana || fail "nft failed; the table inet romana is still there, next to these rules"
      say "nft: the table inet romana removed"
    fi
  }

  main() {
    dry=
    case "${1-}" in
    "") ;;
    --dry-run) dry=yes ;;
    *)
      echo "usage: firewall.sh [--dry-run]" >&2
      exit 64
      ;;
    esac
    [ "$(id -u)" -eq 0 ] || fail "only root can read and change the packet filter"
    case "$0" in */*) cd "${0%/*}" ;; esac
    keep=--noflush
    [ "$mode" = share ] || keep=
    take_lock
    families=iptables
    [ ! -d /proc/sys/net/ipv6 ] || families="iptables ip6tables"
    for command in $families; do check_rules "$command" "$(file_of "$command")"; done
    [ -z "$sets" ] || check_sets
    [ -z "$sets" ] || load_sets
    for command in $families; do load "$command" "$(file_of "$command")"; done
    for command in $families; do
      file=$(file_of "$command")
      load_further "$command" "$file" mangle PREROUTING romana-steer "the marks of services"
      load_further "$command" "$file" nat POSTROUTING romana-snat "the sources of what leaves the fabric"
    done
    remove_nft
    remove_stale_sets
  }

  file_of() { [ "$1" = iptables ] && echo rules.v4 || echo rules.v6; }

  # In braces, so that the shell has read all of it before it runs any of it.
  {
    main "$@"
    exit
  }

  """#
