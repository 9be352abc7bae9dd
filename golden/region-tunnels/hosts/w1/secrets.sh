#!/bin/sh
# romana-compile: fabric region-tunnels, host w1: filling in secrets
# The files beside this one hold the names of secrets only, in the form <secret NAME BYTES>. They are of no use to a
# daemon until the secrets are filled in:
#
#   secrets.sh FILE TARGET   writes FILE with its secrets to TARGET, as a whole or not at all; an old TARGET keeps its
#                            owner and mode, a new one is for its owner only
#   secrets.sh --check       only looks whether every secret is there
#
# Secrets are read from /etc/romana/secrets (or $ROMANA_SECRETS), a file each, named like the secret: one line of
# letters, digits and . _ + / = -, for nobody but its owner to read.
#
# Exit status: 0 done; 1 a secret is missing or not fit, or TARGET can't be written: nothing was changed; 64 wrong usage.
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
umask 077

names() {
  cat <<'END'
line
END
}

folder=${ROMANA_SECRETS:-/etc/romana/secrets}

fail() {
  echo "secrets.sh: $1" >&2
  exit "${2:-1}"
}

# A secret's name and value for awk, a line each, or the reason why it can't be used.
secret() {
  file=$folder/$1
  [ -f "$file" ] && [ -r "$file" ] || fail "the secret $1 is missing: $file can't be read"
  [ -z "$(find -L "$file" -perm /077)" ] || fail "the secret $1 can be read by others: chmod 600 $file"
  awk -v name="$1" '
    NR > 1 { bad = 1 }
    { value = $0 }
    END {
      if (bad || NR == 0 || value == "" || value ~ /[^A-Za-z0-9._+\/=-]/) exit 1
      print name " " value
    }' "$file" || fail "the secret $1 is not one line of letters, digits and . _ + / = -"
}

main() {
  secrets=$(names | while IFS= read -r name; do secret "$name"; done)
  [ "$(printf '%s\n' "$secrets" | wc -l)" -eq "$(names | wc -l)" ] && [ -n "$secrets" ] || exit 1

  if [ "$#" -eq 1 ] && [ "$1" = --check ]; then exit 0; fi
  [ "$#" -eq 2 ] || fail "usage: secrets.sh FILE TARGET, or secrets.sh --check" 64
  [ -f "$1" ] || fail "$1 is not a file"
  [ ! -d "$2" ] || fail "$2 is a folder"

  new=$2.romana-new.$$
  trap 'rm -f "$new"' EXIT
  trap 'exit 1' HUP INT TERM

  # The secrets come first, then the file. A line after <until-secret> goes with that mark: it keeps a daemon
  # that got the file as it is from talking without a key.
  { printf '%s\n\n' "$secrets"; cat "$1"; } | awk '
    function stop(text) { print "secrets.sh: " text > "/dev/stderr"; failed = 1; exit 1 }
    !inFile && $0 == "" { inFile = 1; next }
    !inFile { value[$1] = $2; next }
    /<until-secret>/ { skip = 1; next }
    skip { skip = 0; next }
    {
      while (match($0, /<(quoted-)?secret [^ <>]+ [0-9]+>/)) {
        split(substr($0, RSTART + 1, RLENGTH - 2), word, " ")
        if (!(word[2] in value)) stop("the file names a secret that is not listed: " word[2])
        if (length(value[word[2]]) > word[3]) stop("the secret " word[2] " has more than " word[3] " bytes")
        text = word[1] == "secret" ? value[word[2]] : "\"" value[word[2]] "\""
        $0 = substr($0, 1, RSTART - 1) text substr($0, RSTART + RLENGTH)
      }
      if ($0 ~ /<[a-z-]*secret/) stop("the place of a secret can not be read: line " NR)
      print
    }
    END { exit failed }' > "$new" || fail "$2 was not changed"

  if [ -e "$2" ]; then
    chown --reference="$2" "$new"
    chmod --reference="$2" "$new"
  fi
  mv -f "$new" "$2" || fail "$2 was not changed"
}

{
  main "$@"
  exit
}
# romana-compile: end of filling in secrets
