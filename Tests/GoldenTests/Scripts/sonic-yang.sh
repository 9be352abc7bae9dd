# sonic-yang.sh MODELS MODULE CONTAINER FILE: checks a sonic.json against a YANG module with yanglint; prints what it says.
set -eu
data=$(mktemp --suffix=.json)
trap 'rm -f "$data"' EXIT
python3 "$(dirname "$0")/switch-rows.py" "$4" "$2" "$3" >"$data"
yanglint -p "$1" -p /usr/share/yang/modules/libyang -t config "$1/$2.yang" "$data" 2>&1
