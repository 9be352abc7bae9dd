/// The part of `apply.sh` that keeps what was there, installs, and brings it back.
///
/// The time until the files come back is kept by a timer of systemd (systemd-run(1)), or by a process in a session of its
/// own (setsid(1)): neither ends with the terminal. It carries a token, so that it can't take back a later change.
let applySaving: StaticString = #"""
  # One run at a time in a network namespace. Descriptor 9 holds the lock until the shell ends.
  take_lock() {
    [ "$(id -u)" -eq 0 ] || fail "only root can install the files"
    lock=/run/romana-apply.$(readlink /proc/self/ns/net | tr -dc '0-9').lock
    exec 9>"$lock"
    flock -w 120 9 || fail "another run holds $lock; nothing was changed"
    mkdir -p "$state"
    chmod 700 "$state"
  }

  # Copies what is at the targets, unless that copy is there already.
  save() {
    [ ! -e "$state/pending" ] || fail "a change waits: apply.sh confirm keeps it, apply.sh rollback takes it back"
    rm -rf "$state/saved.new" "$state/expired"
    mkdir "$state/saved.new"
    for target in $(targets); do
      [ -f "$target" ] || continue
      mkdir -p "$state/saved.new${target%/*}"
      cp -p "$target" "$state/saved.new$target"
    done
    if diff -rq "$state/saved" "$state/saved.new" >/dev/null 2>&1; then
      rm -rf "$state/saved.new"
    else
      rm -rf "$state/saved"
      mv "$state/saved.new" "$state/saved"
    fi
  }

  # put FROM TARGET OWNER GROUP MODE: the whole file at once.
  put() {
    if ! { mkdir -p "${2%/*}" && cp "$1" "$2.romana-new" && chown "$3:$4" "$2.romana-new" &&
      chmod "$5" "$2.romana-new" && mv -f "$2.romana-new" "$2"; }; then
      fail "$2 can't be written"
    fi
  }

  # FILE MODE OWNER GROUP DIGEST of each file that is at its place.
  digests() {
    for file in $(files); do
      target=$(column "$file" 2)
      [ -f "$target" ] || continue
      echo "$file 0$(stat -c '%a %U %G' "$target") $(sha256sum <"$target" | cut -d ' ' -f 1)"
    done
  }

  # Files of ours that this device does not have any more, such as those of a former speaker.
  leftovers() {
    for target in $(targets); do
      if is_ours "$target" && ! is_wanted "$target"; then echo "$target"; fi
    done
  }

  # Removes them, and stops what ran with them.
  clear_leftovers() {
    parts=
    for target in $(leftovers); do
      rm -f "$target"
      parts="$parts $(part_of "$target")"
      say "$target removed"
    done
    # shellcheck disable=SC2086 # words on purpose
    [ -z "$parts" ] || load_parts $parts
  }

  # Brings back what was saved, and loads what is different by that.
  restore() {
    [ -d "$state/saved" ] || fail "nothing was saved"
    parts=
    for target in $(targets); do
      if [ -f "$state/saved$target" ]; then
        if cmp -s "$state/saved$target" "$target"; then continue; fi
        if ! { mkdir -p "${target%/*}" && cp -p "$state/saved$target" "$target.romana-new" &&
          mv -f "$target.romana-new" "$target"; }; then
          fail "$target can't be written"
        fi
      elif is_ours "$target"; then
        rm -f "$target"
      else
        continue
      fi
      parts="$parts $(table | awk -v target="$target" '$2 == target { printf "%s ", $6 }')"
      say "$target is as it was"
    done
    # shellcheck disable=SC2086 # words on purpose
    [ -z "$parts" ] || load_parts $parts
  }

  # arm SECONDS: what was saved comes back after this time, unless confirmed.
  arm() {
    token=$(date +%s).$$
    cp "$0" "$state/apply.sh"
    printf '%s\n' "$token" >"$state/pending"
    if has_systemd; then
      systemd-run --quiet --collect --unit="romana-rollback-$token" --on-active="$1" \
        --timer-property=AccuracySec=1s /bin/sh "$state/apply.sh" expire "$token"
    else
      # shellcheck disable=SC2016 # the inner shell expands these
      setsid sh -c 'sleep "$1"; exec sh "$2" expire "$3"' sh "$1" "$state/apply.sh" "$token" \
        </dev/null >>"$state/log" 2>&1 9>&- &
    fi
  }

  expire() {
    [ "$(cat "$state/pending" 2>/dev/null)" = "$1" ] || exit 0
    rm "$state/pending"
    : >"$state/expired"
    restore
  }

  confirm() {
    if [ -e "$state/pending" ]; then
      rm "$state/pending"
      say "the new files are kept"
    elif [ -e "$state/expired" ]; then
      fail "too late: what was there before is there again"
    else
      say "nothing waits to be confirmed"
    fi
  }

  rollback() {
    rm -f "$state/pending"
    restore
  }


  """#
