# firewall-switch.sh IPTABLES NFT BACKEND KEEPS: a host changes from rules.v4 and rules.v6 to rules.nft and back. IPTABLES and NFT are
# the host's folders with either; with KEEPS others have rules in the filter table of iptables too.
. "$(dirname "$0")/sandbox.sh"
use_backend "$3"
left() {
    for form in iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy; do
        case $form in
        iptables-legacy) grep -qs filter /proc/net/ip_tables_names || continue ;;
        ip6tables-legacy) grep -qs filter /proc/net/ip6_tables_names || continue ;;
        esac
        "$form-save" -t filter | sed -n "/^#/d; /^\*/d; /^COMMIT/d; s/ \[.*//; s/^/$form /p"
    done
    nft list tables | grep romana || true
}
section iptables
sh "$1/firewall.sh" 2>&1
if [ "$4" = keeps ]; then
    for command in iptables ip6tables; do
        $command -N OTHERS
        $command -A FORWARD -j OTHERS
    done
fi
section dry
sh "$2/firewall.sh" --dry-run 2>&1
section nft
sh "$2/firewall.sh" 2>&1
section nft-left
left
section nft-again
sh "$2/firewall.sh" 2>&1
section back-dry
sh "$1/firewall.sh" --dry-run 2>&1
section back
sh "$1/firewall.sh" 2>&1
section back-left
left
section back-again
sh "$1/firewall.sh" 2>&1
section end
