/// The part of `apply.sh` that puts the others together.
let applyMain: StaticString = #"""
  # Copies of all files with their secrets, checked, in a folder that only root can read.
  prepare() {
    new=$state/new
    rm -rf "$new"
    trap 'rm -rf "$new"' EXIT
    mkdir "$new"
    secrets=$folder/secrets.sh
    for file in $(files); do
      check_whole "$file" "$folder/$file"
      filled "$file" "$folder/$file" "$new/$file"
      check_file "$file" "$new/$file"
    done
  }

  differs() { ! cmp -s "$new/$1" "$(column "$1" 2)"; }

  # Shows what would change; no line of a file with secrets.
  show_changes() {
    for file in $(files); do
      if ! differs "$file"; then continue; fi
      target=$(column "$file" 2)
      say "$target would change"
      if [ -f "$target" ] && cmp -s "$folder/$file" "$new/$file"; then diff -u "$target" "$new/$file" || :; fi
    done
    for target in $(leftovers); do say "$target would be removed"; done
  }

  install_files() {
    changed=
    for file in $(files); do
      if ! differs "$file"; then continue; fi
      # shellcheck disable=SC2046 # words on purpose
      set -- $(table | awk -v file="$file" '$1 == file')
      put "$new/$file" "$2" "$3" "$4" "$5"
      changed="$changed $6"
      say "$2 installed"
    done
    # A former speaker leaves its ports before another takes them.
    clear_leftovers
    # shellcheck disable=SC2086 # words on purpose
    [ -z "$changed" ] || load_parts $changed
  }

  apply() {
    before=$(health)
    save
    arm "$1"
    if ! (install_files); then
      rollback || fail "and what was there could not be loaded again"
      fail "what was there before is there again"
    fi
    say "what was there comes back after $1 seconds, unless: apply.sh confirm"
    # From here on whoever confirms, or the end of the time, need not wait for this.
    exec 9>&-
    gone=$(lost "$before" $(($1 / 3)))
    [ -n "$gone" ] || return 0
    say "was up before, and is not:"
    printf '%s\n' "$gone" | sed 's/^/apply.sh:   /'
  }

  has_changes() {
    [ -z "$(leftovers)" ] || return 0
    for file in $(files); do
      if differs "$file"; then return 0; fi
    done
    return 1
  }

  # fill FILE PATH: what a tool copied to PATH goes to its place, with its secrets; "changed" if that was needed.
  fill() {
    new=$state/new
    rm -rf "$new"
    trap 'rm -rf "$new"' EXIT
    mkdir "$new"
    secrets=/etc/romana/secrets.sh
    filled "$1" "$2" "$new/$1"
    check_file "$1" "$new/$1"
    if differs "$1"; then
      put "$new/$1" "$(column "$1" 2)" "$(column "$1" 3)" "$(column "$1" 4)" "$(column "$1" 5)"
      echo changed
    fi
  }

  usage() {
    echo "usage: apply.sh [--wait SECONDS] | confirm | rollback | --dry-run | health [ADDRESS...]" >&2
    exit 64
  }

  is_number() { case $1 in "" | *[!0-9]*) return 1 ;; esac; }

  main() {
    folder=.
    case "$0" in */*) folder=${0%/*} ;; esac
    wait=60
    case "${1-}" in
    --wait)
      is_number "${2-}" || usage
      wait=$2
      set --
      ;;
    check | fill) [ $# -eq 3 ] || usage ;;
    arm) is_number "${2-}" || usage ;;
    load | expire) [ $# -eq 2 ] || usage ;;
    health) ;;
    *) [ $# -le 1 ] || usage ;;
    esac
    case "${1-}" in
    check)
      check_file "$2" "$3"
      return
      ;;
    digests)
      digests
      return
      ;;
    health)
      shift
      health "$@"
      return
      ;;
    esac
    take_lock
    case "${1-}" in
    "" | --dry-run)
      [ -n "${1-}" ] || [ ! -e "$state/pending" ] ||
        fail "a change waits: apply.sh confirm keeps it, apply.sh rollback takes it back"
      prepare
      if ! has_changes; then
        say "nothing to change"
      elif [ -n "${1-}" ]; then
        show_changes
      else
        apply "$wait"
      fi
      ;;
    confirm) confirm ;;
    rollback) rollback ;;
    save) save ;;
    leftovers) leftovers ;;
    clear) clear_leftovers ;;
    fill) fill "$2" "$3" ;;
    arm) arm "$2" ;;
    load) load_parts "$2" ;;
    expire) expire "$2" ;;
    *) usage ;;
    esac
  }

  # In braces, so that the shell has read all of it before it runs any of it.
  {
    main "$@"
    exit
  }

  """#
