"""switch-rows.py FILE [MODULE]: reads sonic.json or nvue.yaml with a public parser.

Prints a line for each next hop: the prefix, and the hop or "discard". With MODULE it prints sonic.json as data of that
YANG module instead, as yanglint takes it (RFC 7951); CONTAINER is the path above STATIC_ROUTE, if the module has one.
"""
import json
import sys


class Twice(Exception):
    """A key that stands twice in a mapping."""


def unique(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise Twice(keys)
    return dict(pairs)


def read_yaml(path):
    import yaml

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node, deep=False):
            return unique([(self.construct_object(k, True), self.construct_object(v, True)) for k, v in node.value])

    Loader.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node))
    with open(path, encoding="ascii") as file:
        (entry,) = yaml.load(file, Loader)
    return entry["set"]["vrf"]["default"]["router"]["static"]


def read_json(path):
    with open(path, encoding="ascii") as file:
        return json.load(file, object_pairs_hook=unique)["STATIC_ROUTE"]


def rows_of_yaml(table):
    for prefix, route in table.items():
        for hop, settings in route["via"].items():
            yield prefix, "discard" if settings["type"] == "blackhole" else hop


def rows_of_json(table):
    for key, route in table.items():
        vrf, prefix = key.split("|")
        assert vrf == "default", key
        hops = list(zip(*(route[name].split(",") for name in ("blackhole", "nexthop")), strict=True))
        for blackhole, hop in hops:
            yield prefix, "discard" if blackhole == "true" else hop


def yang(table, module, container):
    entries = [dict(zip(("vrf_name", "prefix"), key.split("|")), **route) for key, route in table.items()]
    data = {"STATIC_ROUTE_LIST": entries}
    if container:
        return {f"{module}:{container}": {"STATIC_ROUTE": data}}
    return {f"{module}:STATIC_ROUTE": data}


def main(path, module=None, container=None):
    if module:
        json.dump(yang(read_json(path), module, container), sys.stdout)
    elif path.endswith(".json"):
        print(*(" ".join(row) for row in rows_of_json(read_json(path))), sep="\n")
    else:
        print(*(" ".join(row) for row in rows_of_yaml(read_yaml(path))), sep="\n")


main(*sys.argv[1:])
