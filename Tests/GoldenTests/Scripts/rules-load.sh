# rules-load.sh FOLDER BACKEND: loads a host's packet filter by its own firewall.sh, next to somebody else's rules.
. "$(dirname "$0")/sandbox.sh"
use_backend "$2"
for command in iptables ip6tables; do
    $command -N OTHERS
    $command -A FORWARD -j OTHERS
done
section first
sh "$1/firewall.sh" 2>&1
section rules.v4
iptables-save -t filter
section rules.v6
ip6tables-save -t filter
section second
sh "$1/firewall.sh" 2>&1
# The files by themselves, without the script.
section restored.v4
iptables-restore <"$1/rules.v4"
iptables-save -t filter
section restored.v6
ip6tables-restore <"$1/rules.v6"
ip6tables-save -t filter
section end
