"""The two lists of files at the root of the tree."""

import hashlib
import os

FORMATS = {
    "sysctl.conf": "sysctl", "routes.sh": "sh", "romana-routes.service": "systemd", "rules.v4": "iptables-restore",
    "rules.v6": "ip6tables-restore", "firewall.sh": "sh", "bird.conf": "bird2", "frr.conf": "frr",
    "daemons": "frr-daemons", "static-routes.txt": "static-table",
}


def topology_digest(path):
    """The digest of one file after its length, as the compiler has it."""
    with open(path, "rb") as file:
        content = file.read()
    return hashlib.sha256(len(content).to_bytes(8, "little") + content).hexdigest()


def record(path, device, name, content):
    """The path of a file, and its lines in both manifests."""
    digest = hashlib.sha256(content).hexdigest()
    return path, f"{digest}  {path}\n", (
        f'    {{"path": "{path}", "device": "{device.name}", "role": "{device.role}", "format": "{FORMATS[name]}", '
        f'"size": {len(content)}, "digest": "sha256:{digest}"}}')


def write_manifests(out, fabric, version, digest, records):
    records.sort()
    head = (f'{{\n  "schema": "romana-compile/manifest/1",\n  "compiler": "{version}",\n  "fabric": "{fabric}",\n'
            f'  "scope": "fabric",\n  "topology": "sha256:{digest}",\n  "files": [\n')
    content = (head + ",\n".join(line for _, _, line in records) + "\n  ]\n}\n").encode("ascii")
    with open(os.path.join(out, "manifest.json"), "wb") as file:
        file.write(content)
    sums = [(path, line) for path, line, _ in records]
    sums.append(("manifest.json", f"{hashlib.sha256(content).hexdigest()}  manifest.json\n"))
    with open(os.path.join(out, "MANIFEST.sha256"), "w", encoding="ascii") as file:
        file.writelines(line for _, line in sorted(sums))
