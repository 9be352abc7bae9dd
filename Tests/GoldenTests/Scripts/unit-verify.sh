# unit-verify.sh FILE...: systemd-analyze verify, with the programs that the units start in place.
. "$(dirname "$0")/sandbox.sh"
mkdir /run/romana
for program in routes.sh firewall.sh vlans.sh tunnels.sh; do
    printf '#!/bin/sh\n' >/run/romana/$program
    chmod 755 /run/romana/$program
done
for file in "$@"; do
    unit=/run/romana/$(basename "$file")
    sed 's:/etc/romana:/run/romana:' "$file" >"$unit"
    systemd-analyze verify --recursive-errors=no --man=no "$unit" 2>&1 || echo "$file: status $?"
done
section end
