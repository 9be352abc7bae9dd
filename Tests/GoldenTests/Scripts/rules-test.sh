# rules-test.sh FOLDER...: iptables-restore --test of each host's rules, both families, both backends.
. "$(dirname "$0")/sandbox.sh"
for folder in "$@"; do
    # Rules may ask sets, which must be there.
    [ ! -e "$folder/ipset.conf" ] || ipset restore <"$folder/ipset.conf" || echo "ipset refuses $folder/ipset.conf"
    for backend in nft legacy; do
        for family in 4 6; do
            program=iptables
            [ $family = 4 ] || program=ip6tables
            "$program-$backend-restore" --test <"$folder/rules.v$family" || echo "$backend refuses $folder/rules.v$family"
        done
    done
    ipset destroy
done
section end
