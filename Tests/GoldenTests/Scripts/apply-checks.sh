# apply-checks.sh APPLY BIRD1 FILE...: whether apply.sh takes each file, and whether it takes it without its last line.
. "$(dirname "$0")/sandbox.sh"
apply=$1
bird1=$2
shift 2
# Quagga is in no distribution any more; FRR's programs of the same names read what they know of the files.
mkdir /run/one /run/other
ln -s "$bird1/bird" "$bird1/bird6" /run/one
PATH="$PATH:/usr/lib/frr"
for path in "$@"; do
    section "$path"
    file=$(basename "$path")
    case $file in bird1*) search=/run/one:$PATH ;; *) search=$PATH ;; esac
    sed '$d' "$path" >/run/cut
    PATH=$search sh "$apply" check "$file" "$path" 2>&1 && echo "whole: accepted"
    PATH=$search sh "$apply" check "$file" /run/cut >/dev/null 2>&1 || echo "cut: refused"
done
section secrets
printf '# romana-compile: fabric a, host b: c\npassword <secret a 80>\n# romana-compile: end of c\n' >/run/cut
sh "$apply" check bird.conf /run/cut 2>&1 || :
section end
