# bird1-device.sh FOLDER PROGRAMS INTERFACE ADDRESS/LENGTH...: runs a host's BIRD 1.6, a program for each family, and
# prints their protocols and routes.
. "$(dirname "$0")/sandbox.sh"
folder=$1
PATH="$2:$PATH"
shift 2
link "$@"
run() { # PROGRAM CLIENT FILE
    [ -e "$folder/$3" ] || return 0
    conf=$(fill_in "$folder" "$3")
    section "$1 check"
    "$1" -p -c "$conf" 2>&1
    section "$1 start"
    "$1" -c "$conf" -s "/run/$1.ctl" -P "/run/$1.pid" 2>&1
    # The first two lines greet and say that the session may only ask.
    ask() { "$2" -r -s "/run/$1.ctl" "$3" | sed 1,2d; }
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        ! ask "$1" "$2" 'show protocols' | grep -q 'own.*start' || sleep 0.2
    done
    section "$1 protocols"
    ask "$1" "$2" 'show protocols'
    section "$1 details"
    ask "$1" "$2" 'show protocols all'
    section "$1 routes"
    ask "$1" "$2" 'show route'
    section "$1 configure"
    "$2" -s "/run/$1.ctl" configure | sed 1d
}
run bird birdc bird1.conf
run bird6 birdc6 bird1-v6.conf
section end
