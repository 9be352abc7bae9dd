"""Applies the files of VPCs to a simulated EC2 (moto) and compares the route tables with the plans.

    ec2.py SPECIFICATION

The specification is JSON: a list of cases, each with the plan of a VPC, the folder of its files, and the same of an older topology.
Prints what it did, a line each; a line that begins with WRONG is a failure, and the status is 1 then.

The AWS CLI runs as it is, but in a process that has loaded it already: to load it takes longer than to run it.
"""

import contextlib
import ipaddress
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

ACCOUNT = "123456789012"
wrong = []


def say(text):
    print(text, flush=True)


def check(holds, text):
    if not holds:
        wrong.append(text)
        say("WRONG " + text)


# --- The AWS CLI.


def send(connection, value):
    data = json.dumps(value).encode()
    connection.sendall(struct.pack("!I", len(data)) + data)


def receive(connection):
    def take(count):
        data = b""
        while len(data) < count:
            part = connection.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    return json.loads(take(struct.unpack("!I", take(4))[0]))


SHIM = """#!{python} -IS
import json, os, socket, struct, sys
c = socket.socket(socket.AF_UNIX)
c.connect({path!r})
d = json.dumps([os.environ["AWS_ENDPOINT_URL"]] + sys.argv[1:]).encode()
c.sendall(struct.pack("!I", len(d)) + d)
f = c.makefile("rb")
r = json.loads(f.read(struct.unpack("!I", f.read(4))[0]))
os.write(2, r["error"].encode())
sys.stdout.write(r["output"])
sys.stdout.flush()
sys.exit(r["status"])
"""


def serve_cli(folder):
    """Starts the process that runs the CLI, and puts an `aws` that asks it into a folder. Returns its process id."""
    path = os.path.join(folder, "cli.socket")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    with open(os.path.join(folder, "aws"), "w") as file:
        file.write(SHIM.format(python=sys.executable, path=path))
    os.chmod(file.name, 0o755)
    child = os.fork()
    if child:
        listener.close()
        return child
    import awscli.clidriver
    import io
    import signal

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    driver = awscli.clidriver.create_clidriver()
    # One call to nobody, so that all that calls load is there already.
    os.environ.update(AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    os.environ["AWS_MAX_ATTEMPTS"] = "1"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        driver.main(["--region", "us-east-1", "ec2", "describe-vpcs"])
    parent = os.getppid()
    listener.settimeout(1)
    while os.getppid() == parent:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        if os.fork():
            connection.close()
            continue
        connection.settimeout(None)
        endpoint, *arguments = receive(connection)
        os.environ.update(AWS_ENDPOINT_URL=endpoint, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
        output, error = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(error):
            try:
                status = driver.main(arguments)
            except SystemExit as stop:
                status = stop.code or 0
        send(connection, {"output": output.getvalue(), "error": error.getvalue(), "status": status})
        os._exit(0)
    os._exit(0)


# --- EC2.


def patch_moto():
    """What moto's CloudFormation leaves out: of AWS::EC2::Route IPv6, a new target and deletion; updates that drop parameters."""
    from moto.cloudformation.parsing import ResourceMap
    from moto.ec2.models import ec2_backends
    from moto.ec2.models.route_tables import Route

    def arguments(json_):
        properties = json_["Properties"]
        return dict(
            route_table_id=properties["RouteTableId"],
            destination_cidr_block=properties.get("DestinationCidrBlock"),
            destination_ipv6_cidr_block=properties.get("DestinationIpv6CidrBlock"),
            interface_id=properties.get("NetworkInterfaceId"),
            transit_gateway_id=properties.get("TransitGatewayId"),
            vpc_peering_connection_id=properties.get("VpcPeeringConnectionId"),
        )

    def create(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        return ec2_backends[account_id][region_name].create_route(**arguments(cloudformation_json))

    def delete(cls, resource_name, cloudformation_json, account_id, region_name):
        # moto hands the physical id, or the template's text with references in it.
        backend = ec2_backends[account_id][region_name]
        for table in backend.route_tables.values():
            table._routes.pop(resource_name, None)

    def update(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        delete(cls, original_resource.id, None, account_id, region_name)
        return create(cls, new_resource_name, cloudformation_json, account_id, region_name)

    load = ResourceMap.load_parameters

    def load_known(self):
        known = self._template.get("Parameters") or {}
        self.input_parameters = {key: value for key, value in self.input_parameters.items() if key in known}
        load(self)

    ResourceMap.load_parameters = load_known
    Route.create_from_cloudformation_json = classmethod(create)
    Route.delete_from_cloudformation_json = classmethod(delete)
    Route.update_from_cloudformation_json = classmethod(update)
    patch_transit_gateways()


def patch_transit_gateways():
    """What moto lacks of the routes of transit gateways: the attachment in answers, replacement, and CloudFormation."""
    from moto.core.common_models import CloudFormationModel
    from moto.core.responses import ActionResult
    from moto.ec2.models import ec2_backends
    from moto.ec2.models.transit_gateway_route_tables import TransitGatewayRouteTableBackend as Backend
    from moto.ec2.responses.transit_gateway_route_tables import TransitGatewayRouteTable as Response

    make = Backend.create_transit_gateway_route

    def create(self, transit_gateway_route_table_id, destination_cidr_block, **rest):
        route = make(self, transit_gateway_route_table_id, destination_cidr_block, **rest)
        if isinstance(route.get("transitGatewayAttachments"), dict):
            route["transitGatewayAttachments"] = [route["transitGatewayAttachments"]]
        return route

    def replace(self):
        arguments = [
            self._get_param(name)
            for name in ("TransitGatewayRouteTableId", "DestinationCidrBlock", "TransitGatewayAttachmentId")
        ]
        if arguments[1] not in self.ec2_backend.transit_gateways_route_tables[arguments[0]].routes:
            raise ValueError("there is no route to replace")
        return ActionResult(
            {"route": create(self.ec2_backend, *arguments[:2], transit_gateway_attachment_id=arguments[2])}
        )

    Backend.create_transit_gateway_route = create
    Response.replace_transit_gateway_route = replace

    class TransitRoute(CloudFormationModel):
        # Models are sorted by their service.
        __module__ = "moto.ec2.models"

        def __init__(self, table, prefix):
            self.physical_resource_id = f"{table}|{prefix}"

        cloudformation_name_type = staticmethod(lambda: "")
        cloudformation_type = staticmethod(lambda: "AWS::EC2::TransitGatewayRoute")
        has_cfn_attr = classmethod(lambda cls, attribute: False)

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            words = cloudformation_json["Properties"]
            table, prefix = words["TransitGatewayRouteTableId"], words["DestinationCidrBlock"]
            backend = ec2_backends[account_id][region_name]
            create(backend, table, prefix, transit_gateway_attachment_id=words["TransitGatewayAttachmentId"])
            return cls(table, prefix)

        @classmethod
        def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
            table, _, prefix = resource_name.partition("|")
            tables = ec2_backends[account_id][region_name].transit_gateways_route_tables
            if table in tables:
                tables[table].routes.pop(prefix, None)

        @classmethod
        def update_from_cloudformation_json(
            cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
        ):
            cls.delete_from_cloudformation_json(original_resource.physical_resource_id, None, account_id, region_name)
            return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)

    # Classes of models are looked for among those that are there.
    globals()["TransitRoute"] = TransitRoute


def rename(collection, thing, new):
    """Gives a thing of the simulation the id that the topology has."""
    collection.pop(thing.id)
    thing.id = new
    collection[new] = thing


class Simulation:
    """A VPC as somebody made it before the fabric came: subnets, instances, tables with routes of others."""

    def __init__(self, client, plans):
        from moto.ec2.models import ec2_backends

        self.client = client
        self.plans = plans
        plan = plans[-1]
        self.region = plan["region"]
        self.backend = backend = ec2_backends[ACCOUNT][self.region]
        backend.reset()
        vpc = client.create_vpc(CidrBlock=plan["cidr"])["Vpc"]["VpcId"]
        self.vpc = plan["vpc"] or vpc
        subnets = {}
        for zone in {zone["name"]: zone for some in plans for zone in some["zones"]}.values():
            subnets[zone["name"]] = client.create_subnet(
                VpcId=vpc, CidrBlock=zone["subnet"], AvailabilityZone=zone["name"]
            )["Subnet"]["SubnetId"]
        self.interfaces = {}
        for instance in {item["name"]: item for some in plans for item in some["instances"]}.values():
            made = client.create_network_interface(
                SubnetId=subnets[instance["zone"]], PrivateIpAddress=instance["addresses"][0]
            )["NetworkInterface"]["NetworkInterfaceId"]
            interface = backend.enis[made]
            interface._ipv6_addresses = [{"Ipv6Address": text} for text in instance["addresses"][1:]]
            interface.ipv6_addresses = instance["addresses"][1:]
            if instance["eni"]:
                rename(backend.enis, interface, instance["eni"])
            self.interfaces[instance["name"]] = interface.id
        self.tables = {}
        for name in sorted({table["id"] for some in plans for table in some["tables"]}):
            made = client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
            table = backend.route_tables[made]
            if name != "-":
                rename(backend.route_tables, table, name)
            self.tables[name] = table.id
        self.group = plan["group"]
        if self.group:
            made = client.create_security_group(GroupName="fabric", Description="fabric", VpcId=vpc)["GroupId"]
            for group in backend.groups.values():
                if made in group:
                    group[made].group_id = self.group
                    rename(group, group[made], self.group)
        if plan["vpc"]:
            rename(backend.vpcs, backend.vpcs[vpc], plan["vpc"])
            for table in backend.route_tables.values():
                if table.vpc_id == vpc:
                    table.vpc_id = plan["vpc"]
            for subnet in [item for some in backend.subnets.values() for item in some.values()]:
                if subnet.vpc_id == vpc:
                    subnet.vpc_id = plan["vpc"]
        self.make_links(client, self.vpc)
        self.foreign = set()
        gateway = client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        other = next(iter(self.interfaces.values()))
        for table in self.tables.values():
            client.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
            client.create_route(RouteTableId=table, DestinationCidrBlock="192.0.2.0/24", NetworkInterfaceId=other)
            self.foreign |= {(table, "0.0.0.0/0", gateway), (table, "192.0.2.0/24", other)}

    def make_links(self, client, vpc):
        """Transit gateways with tables and attachments, and peerings: with the topology's ids, others by what scripts call them."""
        backend, self.links, self.ids = self.backend, {}, {}
        self.transit_tables = {}
        for link in {item["name"]: item for some in self.plans for item in some["links"]}.values():
            if link["kind"] == "tgw":
                made = client.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
                thing, collection = backend.transit_gateways[made], backend.transit_gateways
            else:
                other = client.create_vpc(CidrBlock="198.18.0.0/16")["Vpc"]["VpcId"]
                made = client.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)
                made = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
                thing, collection = backend.vpc_pcxs[made], backend.vpc_pcxs
            gateway = made
            if link["id"]:
                rename(collection, thing, link["id"])
            self.links["link:" + link["name"]] = self.ids[link["parameter"]] = thing.id
        for transit in {item["name"]: item for some in self.plans for item in some["transits"]}.values():
            made = client.create_transit_gateway_route_table(TransitGatewayId=self.links["link:" + transit["name"]])
            table = backend.transit_gateways_route_tables[made["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]]
            if transit["table"]:
                rename(backend.transit_gateways_route_tables, table, transit["table"])
            self.transit_tables[transit["name"]] = self.ids[transit["parameter"]] = table.id
            for attachment in transit["attachments"]:
                # Each is an attachment of a VPC of its own here: what is behind them is nothing to a route.
                other = client.create_vpc(CidrBlock="198.19.0.0/16")["Vpc"]["VpcId"]
                subnet = client.create_subnet(VpcId=other, CidrBlock="198.19.0.0/24")["Subnet"]["SubnetId"]
                made = client.create_transit_gateway_vpc_attachment(
                    TransitGatewayId=self.links["link:" + transit["name"]], VpcId=other, SubnetIds=[subnet]
                )["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
                thing = backend.transit_gateway_attachments[made]
                if attachment["id"]:
                    rename(backend.transit_gateway_attachments, thing, attachment["id"])
                self.ids[attachment["parameter"]] = thing.id
            client.create_transit_gateway_route(
                TransitGatewayRouteTableId=table.id, DestinationCidrBlock="192.0.2.0/24", TransitGatewayAttachmentId=thing.id
            )
            self.foreign_transit = (table.id, "192.0.2.0/24", thing.id)

    def transit_routes(self):
        found = set()
        for table in self.transit_tables.values():
            answer = self.client.search_transit_gateway_routes(
                TransitGatewayRouteTableId=table, Filters=[{"Name": "type", "Values": ["static"]}]
            )
            for route in answer["Routes"]:
                attachment = route["TransitGatewayAttachments"][0]["TransitGatewayAttachmentId"]
                found.add((table, str(ipaddress.ip_network(route["DestinationCidrBlock"])), attachment))
        return found

    def planned_transit(self, plan):
        wanted = {self.foreign_transit} if self.transit_tables else set()
        for transit in plan["transits"]:
            for prefix, attachment in transit["routes"]:
                wanted.add((self.transit_tables[transit["name"]], prefix, self.ids[attachment]))
        return wanted

    def routes(self):
        found = set()
        answer = self.client.describe_route_tables(RouteTableIds=list(self.tables.values()))
        for table in answer["RouteTables"]:
            for route in table["Routes"]:
                keys = ("NetworkInterfaceId", "GatewayId", "TransitGatewayId", "VpcPeeringConnectionId")
                target = next(route[key] for key in keys if route.get(key))
                if target == "local":
                    continue
                prefix = route.get("DestinationCidrBlock") or route["DestinationIpv6CidrBlock"]
                found.add((table["RouteTableId"], str(ipaddress.ip_network(prefix)), target))
        return found

    def planned(self, plan, failed=()):
        """What the tables must hold: the plan, and what others keep there."""
        wanted = set(self.foreign)
        for table in plan["tables"]:
            for prefix, first, second in table["routes"]:
                name = second if first in failed and second != "-" else first
                wanted.add((self.tables[table["id"]], prefix, self.links.get(name) or self.interfaces[name]))
        return wanted

    def compare(self, plan, what, failed=()):
        found, wanted = self.routes(), self.planned(plan, failed)
        check(found == wanted, f"{what}: missing {sorted(wanted - found)}, too much {sorted(found - wanted)}")
        found, wanted = self.transit_routes(), self.planned_transit(plan)
        check(found == wanted, f"{what}: of transit missing {sorted(wanted - found)}, too much {sorted(found - wanted)}")

    def checks(self):
        """The interfaces whose source/dest check is on."""
        answer = self.client.describe_network_interfaces()["NetworkInterfaces"]
        return {item["NetworkInterfaceId"] for item in answer if item["SourceDestCheck"]}

    def sources(self):
        answer = self.client.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [self.group]}])
        return {
            item.get("CidrIpv4") or item.get("CidrIpv6") for item in answer["SecurityGroupRules"] if not item["IsEgress"]
        }


# --- The cases.


class Case:
    def __init__(self, case, client, cloudformation, environment):
        self.name = case["name"] + ", " + case["plan"]["region"]
        self.stack = case["name"]
        self.plan, self.folder = case["plan"], case["folder"]
        self.older, self.older_folder = case["older"], case["olderFolder"]
        self.client, self.cloudformation, self.environment = client, cloudformation, environment

    def simulate(self):
        return Simulation(self.client, [self.older, self.plan])

    def script(self, simulation, folder, name, *arguments, status=0, **extra):
        environment = dict(self.environment)
        if not self.plan["vpc"]:
            environment["ROMANA_VPC"] = simulation.vpc
        if "-" in simulation.tables:
            environment["ROMANA_ROUTE_TABLE"] = simulation.tables["-"]
        environment.update({"ROMANA_" + name: id for name, id in simulation.ids.items()})
        environment.update(extra)
        result = subprocess.run(
            ["sh", os.path.join(folder, name), *arguments], env=environment, capture_output=True, text=True
        )
        check(
            result.returncode == status,
            f"{self.name}: {name} {' '.join(arguments)} ended with {result.returncode}: {result.stderr}{result.stdout}",
        )
        return result.stdout + result.stderr

    def run_scripts(self):
        simulation = self.simulate()
        before = simulation.routes()
        output = self.script(simulation, self.folder, "routes.sh", "--dry-run")
        check(simulation.routes() == before, f"{self.name}: --dry-run changed something")
        check(" 0 changes" not in output, f"{self.name}: --dry-run has nothing to do")
        self.script(simulation, self.older_folder, "routes.sh")
        simulation.compare(self.older, f"{self.name}: routes.sh of the older topology")
        check(simulation.routes() != simulation.planned(self.plan), f"{self.name}: the older topology is the same")
        self.script(simulation, self.folder, "routes.sh")
        simulation.compare(self.plan, f"{self.name}: routes.sh over the older topology's")
        on = simulation.checks() & {simulation.interfaces[item["name"]] for item in self.plan["instances"]}
        check(not on, f"{self.name}: the source/dest check of {on} is on")
        if self.plan["group"]:
            check(simulation.sources() == set(self.plan["sources"]), f"{self.name}: sources {simulation.sources()}")
        output = self.script(simulation, self.folder, "routes.sh")
        check("; 0 changes" in output, f"{self.name}: a second run changed something: {output}")
        simulation.compare(self.plan, f"{self.name}: routes.sh a second time")
        say(f"{self.name}: routes.sh applied to moto, from nothing, over an older topology's routes and again")
        self.run_failover(simulation)
        self.run_refusals(simulation)

    def run_failover(self, simulation):
        movable = sorted({route[1] for table in self.plan["tables"] for route in table["routes"] if route[2] != "-"})
        if not movable:
            output = self.script(simulation, self.folder, "failover.sh", self.plan["instances"][0]["name"])
            check("nothing to do" in output, f"{self.name}: failover.sh found something to move: {output}")
            return
        lost = movable[0]
        self.script(simulation, self.folder, "failover.sh", "--dry-run", lost)
        simulation.compare(self.plan, f"{self.name}: failover.sh --dry-run")
        for _ in range(2):
            self.script(simulation, self.folder, "failover.sh", lost)
            simulation.compare(self.plan, f"{self.name}: failover.sh {lost}", failed=[lost])
        output = self.script(simulation, self.folder, "routes.sh")
        check("; 0 changes" in output and "given up" in output, f"{self.name}: routes.sh after failover: {output}")
        simulation.compare(self.plan, f"{self.name}: routes.sh after failover.sh", failed=[lost])
        self.script(simulation, self.folder, "failover.sh", "--back", lost)
        simulation.compare(self.plan, f"{self.name}: failover.sh --back")
        output = self.script(simulation, self.folder, "routes.sh")
        check("; 0 changes" in output and "given up" not in output, f"{self.name}: routes.sh after --back: {output}")
        say(f"{self.name}: failover.sh moved the routes of {lost} and back")

    def run_refusals(self, simulation):
        before = simulation.routes()
        interface = simulation.backend.enis[next(iter(simulation.interfaces.values()))]
        kept, interface.private_ip_addresses = interface.private_ip_addresses, [
            {"Primary": True, "PrivateIpAddress": self.plan["cidr"].split("/")[0]}
        ]
        output = self.script(simulation, self.folder, "routes.sh", status=1)
        check("nothing was changed" in output, f"{self.name}: an interface with another address: {output}")
        interface.private_ip_addresses = kept
        output = self.script(simulation, self.folder, "routes.sh", "--wrong", status=64)
        self.script(simulation, self.folder, "failover.sh", status=64)
        if not self.plan["vpc"]:
            output = self.script(simulation, self.folder, "routes.sh", status=1, ROMANA_VPC="")
            check("ROMANA_VPC" in output, f"{self.name}: without a VPC: {output}")
        check(simulation.routes() == before, f"{self.name}: what was refused changed something")

    def parameters(self, simulation, folder):
        with open(os.path.join(folder, "template.json")) as file:
            template = json.load(file)
        values = {"RouteTable": simulation.tables.get("-")}
        values.update({"Id" + name.replace("_", "Zx"): id for name, id in simulation.ids.items()})
        for instance in self.plan["instances"] + self.older["instances"]:
            values["Eni" + instance["name"]] = simulation.interfaces[instance["name"]]
        return [
            {"ParameterKey": key, "ParameterValue": values[key]} for key in template.get("Parameters", {})
        ], json.dumps(template)

    def run_template(self):
        simulation = self.simulate()
        parameters, template = self.parameters(simulation, self.older_folder)
        self.cloudformation.create_stack(StackName=self.stack, TemplateBody=template, Parameters=parameters)
        simulation.compare(self.older, f"{self.name}: template.json of the older topology")
        parameters, template = self.parameters(simulation, self.folder)
        for attempt in range(2):
            try:
                self.cloudformation.update_stack(StackName=self.stack, TemplateBody=template, Parameters=parameters)
            except self.cloudformation.exceptions.ClientError as error:
                check("No updates" in str(error), f"{self.name}: {error}")
            simulation.compare(self.plan, f"{self.name}: template.json, update {attempt + 1}")
        self.cloudformation.delete_stack(StackName=self.stack)
        say(f"{self.name}: template.json applied to moto, as an update of an older topology's and again")


def lint(paths):
    from cfnlint.api import ManualArgs, lint_file

    for path in paths:
        for match in lint_file(__import__("pathlib").Path(path), config=ManualArgs()):
            check(False, f"cfn-lint: {path}: {match}")
    say(f"cfn-lint passes on {len(paths)} templates")


def main():
    started = time.monotonic()
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        cli = serve_cli(folder)
        import boto3
        from botocore.config import Config
        from moto.server import ThreadedMotoServer

        import logging

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        quick = Config(retries={"max_attempts": 0})
        patch_moto()
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        address = "http://127.0.0.1:%d" % server.get_host_and_port()[1]
        os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_ENDPOINT_URL=address)
        environment = dict(os.environ, PATH=folder + ":" + os.environ["PATH"])
        try:
            for case in cases:
                region = case["plan"]["region"]
                clients = [boto3.client(name, region_name=region, config=quick) for name in ("ec2", "cloudformation")]
                run = Case(case, *clients, environment)
                run.run_scripts()
                run.run_template()
            lint([os.path.join(case["folder"], "template.json") for case in cases])
        finally:
            server.stop()
            os.kill(cli, 15)
    say(f"seconds {time.monotonic() - started:.0f}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
