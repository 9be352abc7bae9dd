/// The part of `firewall.sh` that loads `ipset.conf` (ipset(8)).
///
/// The sets are there before the rules that ask them, and go after the rules that asked them. Each changes at once: its
/// new members are put into a set beside it, and the two are exchanged.
let firewallSetsProgram: StaticString = #"""
  # ---- The program: the same text in every firewall.sh of a release. ---------------------------

  # A file of sets that was cut short, or that holds anything but sets of ours, is refused before any change.
  check_sets() {
    tail -n 1 ipset.conf | grep -q '^# romana-compile: end of ' || fail "ipset.conf is missing or cut short"
    command -v ipset >/dev/null || fail "ipset is not installed; nothing was changed"
    strange=$(sed '/^#/d; /^create romana-[^ ]* hash:net family inet6\{0,1\} maxelem [0-9]*$/d
      /^add romana-[^ ]* [0-9a-f.:]*\/[0-9]*$/d' ipset.conf | head -n 1)
    [ -z "$strange" ] || fail "ipset.conf holds '$strange'; nothing was changed"
  }

  # Definitions without what the kernel adds, and members, in an order of their own; single addresses without their length.
  text_of_sets() {
    sed -n 's/^create \(romana-[^ ]* hash:net family inet6\{0,1\}\) .*/create \1/p
      /^add romana-/{ s/\(\.[0-9]*\)\/32$/\1/; s/\/128$//; p; }' | sort
  }

  # Our sets in the kernel that are not in the file.
  stale_sets() {
    { [ -z "$sets" ] || sed -n 's/^create \([^ ]*\) .*/wanted \1/p' ipset.conf
      ipset list -name; } | awk '$1 == "wanted" { wanted[$2] = 1; next } /^romana-/ && !($1 in wanted)'
  }

  sets_are_loaded() {
    [ "$(for set in $(sed -n 's/^create \([^ ]*\) .*/\1/p' ipset.conf); do ipset save "$set" 2>/dev/null || :; done |
      text_of_sets)" = "$(text_of_sets <ipset.conf)" ]
  }

  # Commands that make the sets as the file has them.
  set_commands() {
    { ipset list -name | sed 's/^/there /'; cat ipset.conf; } | awk '
      function exchange() { if (set != "") { print "swap " set " " set ".new"; print "destroy " set ".new" } }
      $1 == "there" { there[$2] = 1 }
      $1 == "create" {
        exchange()
        set = $2
        if ((set ".new") in there) print "destroy " set ".new"
        if (!(set in there)) print
        $2 = set ".new"
        print
      }
      $1 == "add" { print "add " set ".new " $3 }
      END { exchange() }'
  }

  load_sets() {
    if sets_are_loaded; then
      say "ipset: in place"
    elif [ -n "$dry" ]; then
      say "ipset: ipset.conf would be loaded"
    else
      set_commands | ipset restore || fail "ipset failed; the rules were not changed"
      say "ipset: ipset.conf loaded"
    fi
  }

  remove_stale_sets() {
    command -v ipset >/dev/null || return 0
    for set in $(stale_sets); do
      if [ -n "$dry" ]; then
        say "ipset: $set would be removed"
      else
        ipset destroy "$set" 2>/dev/null && say "ipset: $set removed" ||
          say "ipset: $set is left over, but a rule that is not ours refers to it"
      fi
    done
  }


  """#
