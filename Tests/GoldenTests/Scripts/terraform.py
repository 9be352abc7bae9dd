"""Applies the deployments of Terraform to a simulated EC2 (moto) and compares the route tables of all regions with the plans.

    terraform.py SPECIFICATION

The specification is that of ec2.py. Needs a Terraform, or OpenTofu, and a folder with the AWS provider; where these are not at hand it
says so and ends with status 3. Nothing is fetched from anywhere.
"""

import glob
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time

from ec2 import Simulation, check, patch_moto, rename, say, wrong

# What the folders of each program's providers have in their names.
PROVIDERS = {"terraform": "terraform", "tofu": "opentofu"}


def find_tools():
    """A program and the folder that it takes providers from: one named by the environment, or where such folders lie."""
    home = os.path.expanduser("~")
    folders = [os.environ.get(name) for name in ("ROMANA_TERRAFORM_PLUGINS", "TF_PLUGIN_CACHE_DIR")]
    folders += [home + "/.terraform.d/plugins", home + "/.terraform.d/plugin-cache"]
    folders += [root + "/terraform/plugins" for root in ("/usr/local/share", "/usr/share")] + sorted(glob.glob("/opt/*"))
    missing = []
    for program, word in PROVIDERS.items():
        path = shutil.which(program)
        if not path:
            missing.append(f"there is no {program}")
            continue
        for folder in filter(None, folders):
            if glob.glob(f"{folder}/*.{word}.*/hashicorp/aws/*"):
                return path, folder
        missing.append(f"{program} is there, a folder with its hashicorp/aws is not")
    say("left out: vpc.tf.json is read back, not applied: " + "; ".join(missing))
    sys.exit(3)


class Deployment:
    """A folder that Terraform works in, with the files of an example's regions."""

    def __init__(self, name, cases, clients, program, folder, environment):
        self.name, self.cases = name, cases
        self.program, self.environment = program, environment
        self.folder = os.path.join(folder, name)
        self.simulations = {
            case["plan"]["region"]: Simulation(clients[case["plan"]["region"]], [case["older"], case["plan"]])
            for case in cases
        }
        self.values = {}
        for case in cases:
            self.add_values(case)

    def add_values(self, case):
        """What the deployment calls the ids of a region; one that two regions share is the same thing in both."""
        simulation, region = self.simulations[case["plan"]["region"]], case["plan"]["region"]
        if "-" in simulation.tables:
            self.values["route_table_" + region] = simulation.tables["-"]
        for name, interface in simulation.interfaces.items():
            self.values["eni_" + name] = interface
        backend = simulation.backend
        for parameter, found in list(simulation.ids.items()):
            kind, *names = parameter.replace("Z2d", "-").split("_")
            if kind == "attach" and names[1] != region:
                name, things = "_".join(["peering", names[0], *sorted([region, names[1]])]), backend.transit_gateway_attachments
            elif kind == "pcx":
                name, things = "_".join([kind, *names]), backend.vpc_pcxs
            else:
                self.values["_".join([kind, *names] if kind == "attach" else [kind, *names, region])] = found
                continue
            shared = self.values.setdefault(name, found)
            if shared == found:
                continue
            rename(things, things[found], shared)
            simulation.ids[parameter] = shared
            simulation.links = {key: shared if id == found else id for key, id in simulation.links.items()}
            for table in backend.transit_gateways_route_tables.values():
                for route in table.routes.values():
                    for attachment in route.get("transitGatewayAttachments") or []:
                        if attachment["transitGatewayAttachmentId"] == found:
                            attachment["transitGatewayAttachmentId"] = shared
            if getattr(simulation, "foreign_transit", ("",))[-1] == found:
                simulation.foreign_transit = simulation.foreign_transit[:2] + (shared,)

    def put(self, key):
        """The files of a topology, as a user would get them: what Terraform keeps beside them stays."""
        for case in self.cases:
            region = case["plan"]["region"]
            os.makedirs(os.path.join(self.folder, region), exist_ok=True)
            shutil.copy(os.path.join(case[key], "vpc.tf.json"), os.path.join(self.folder, region))
        root = os.path.join(os.path.dirname(self.cases[0][key]), "vpc.tf.json")
        shutil.copy(root, self.folder)
        with open(root) as file:
            wanted = json.load(file).get("variable", {})
        with open(os.path.join(self.folder, "terraform.tfvars.json"), "w") as file:
            json.dump({name: self.values[name] for name in wanted}, file)

    def run(self, *arguments, statuses=(0,)):
        result = subprocess.run(
            [self.program, "-chdir=" + self.folder, *arguments], env=self.environment, capture_output=True, text=True
        )
        check(
            result.returncode in statuses,
            f"{self.name}: {' '.join(arguments)} ended with {result.returncode}: {result.stdout[-2000:]}{result.stderr[-3000:]}",
        )
        return result.returncode

    def compare(self, key, what):
        for case in self.cases:
            self.simulations[case["plan"]["region"]].compare(case[key], f"{case['plan']['region']}: {what}")
            if case["plan"]["group"] and key == "plan":
                found = self.simulations[case["plan"]["region"]].sources()
                check(found == set(case["plan"]["sources"]), f"{what}: sources {found}")

    def apply(self, initialized=None):
        """Over the state of an older topology, or with another deployment's providers from nothing; and again."""
        started = time.monotonic()
        change = ("apply", "-input=false", "-no-color", "-auto-approve", "-parallelism=20")
        if initialized:
            there, here = initialized.folder, self.folder
            shutil.copytree(there + "/.terraform/providers", here + "/.terraform/providers", symlinks=True)
            shutil.copy(there + "/.terraform.lock.hcl", here)
        else:
            self.put("olderFolder")
            self.run("init", "-input=false", "-no-color")
            self.run(*change)
            self.compare("older", f"{self.name}: the deployment of the older topology")
        self.put("folder")
        self.run("get", "-no-color")
        self.run(*change)
        self.compare("plan", f"{self.name}: the deployment")
        status = self.run("plan", "-input=false", "-no-color", "-detailed-exitcode", statuses=(0, 2))
        check(status == 0, f"{self.name}: a second run would change something")
        seconds = time.monotonic() - started
        what = "from nothing" if initialized else "over an older topology's"
        say(f"{self.name}: vpc.tf.json applied to moto, {what} and again ({seconds:.0f} s)")


def main():
    program, mirror = find_tools()
    import boto3
    from botocore.config import Config
    from moto.server import ThreadedMotoServer

    with open(sys.argv[1]) as file:
        cases = json.load(file)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    patch_moto()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://127.0.0.1:%d" % server.get_host_and_port()[1]
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_ENDPOINT_URL=address)
    with tempfile.TemporaryDirectory() as folder:
        settings = os.path.join(folder, "settings")
        with open(settings, "w") as file:
            file.write(
                f'disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n'
            )
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
        environment.update(TF_CLI_CONFIG_FILE=settings, CHECKPOINT_DISABLE="1", AWS_EC2_METADATA_DISABLED="true")
        try:
            first = None
            for name in dict.fromkeys(case["name"] for case in cases):
                own = [case for case in cases if case["name"] == name]
                clients = {
                    case["plan"]["region"]: boto3.client(
                        "ec2", region_name=case["plan"]["region"], config=Config(retries={"max_attempts": 0})
                    )
                    for case in own
                }
                deployment = Deployment(name, own, clients, program, folder, environment)
                deployment.apply(first)
                first = first or deployment
        finally:
            server.stop()
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
