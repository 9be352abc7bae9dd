import Emitters
import Foundation
import Subprocess
import Testing
import TopologyModel

@testable import romana_compile

/// The golden files of VPCs where they are meant to go, but for AWS itself: the scripts run with the AWS CLI, the templates with
/// CloudFormation, and the deployments with Terraform, against a simulation of EC2 (moto). The route tables that come of it are the plans.
@Suite(.disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct CloudApplyTests {
  /// An example, and what is replaced in its text to make an older topology of it.
  private static let samples: [(name: String, older: [(String, String)])] = [
    (
      // Two zones before: their routes go.
      "ec2-one-zone",
      [
        ("rack: 0, host: 4", "rack: 1, host: 3"), ("rack: 0, host: 16", "rack: 1, host: 15"),
        (
          "          - { name: i4, state: drained }",
          """
                    - { name: i4, state: drained }
                - name: eu-central-1b
                  subnet: 172.20.2.0/24
                  subnet6: 2001:db8:f00:2::/64
                  hosts: [{ name: j1 }]
          """
        ),
      ]
    ),
    // A network that is gone by now, and an instance that was not there yet.
    (
      "ec2-three-zones",
      [
        ("  - name: jobs", oldNetwork + "  - name: jobs"), ("    networks: [jobs]", "    networks: [jobs, old]"),
        ("          - { name: c2, eni: eni-00000000000000c02 }\n", ""),
      ]
    ),
    // A quota for a route an instance.
    ("ec2-zone-aggregates", [("routes_quota: 20", "routes_quota: 100")]),
    // A network that is gone, and a region that was not there yet.
    (
      "ec2-transit-gateways",
      [
        ("  - name: jobs ", oldNetwork.replacing("/20", with: "/16") + "  - name: jobs "),
        ("    networks: [jobs]", "    networks: [jobs, old]"),
        ("between: [eu-west-1, us-east-1, ap-southeast-2]", "between: [eu-west-1, us-east-1]"),
      ]
    ),
    // In each region one gateway, the second of now.
    (
      "ec2-peerings",
      [
        ("e1: 172.20.1.4, e3: 172.20.2.4", "e3: 172.20.2.4"), ("w1: 172.21.1.4, w2: 172.21.1.5", "w2: 172.21.1.5"),
        ("u1: 172.22.1.4, u2: 172.22.1.5", "u2: 172.22.1.5"),
      ]
    ),
  ]

  private static let oldNetwork =
    "  - { name: old, cidr: 10.200.0.0/20, bits: { tenant: 2, segment: 2, endpoint: 4 }, capacity: { racks: 4, hosts: 4 } }\n"

  @Test func filesMakeTheTablesOfThePlans() async throws {
    guard let python = try await pythonWithTools() else { return }
    let result = try await apply(Self.samples, with: "ec2.py", python)
    #expect(result.status == 0, "\(result.output)\(result.errors.suffix(3000))")
    #expect(result.applications == 2 * result.count)
  }

  /// The deployment of Terraform, all regions of an example at once: over the state of an older topology, and again, with nothing to do.
  /// Terraform and its AWS provider are used where they are at hand, and never fetched; without them the output says so.
  @Test func deploymentsMakeTheTablesOfThePlans() async throws {
    guard let python = try await pythonWithTools() else { return }
    let samples = Self.samples.filter { $0.name == "ec2-transit-gateways" }
    let result = try await apply(samples, with: "terraform.py", python)
    if result.status == 3, result.output.hasPrefix("left out: ") { return }
    #expect(result.status == 0, "\(result.output)\(result.errors.suffix(3000))")
    #expect(result.applications == samples.count)
  }

  private struct Applied {
    var status: Int32
    var output: String
    var errors: String
    /// The VPCs that there were.
    var count: Int

    var applications: Int { output.lines.count { $0.contains("applied to moto") } }
  }

  /// Runs a script on the golden files and those of the older topologies.
  private func apply(
    _ samples: [(name: String, older: [(String, String)])], with script: String, _ python: String
  ) async throws -> Applied {
    let folder = FileManager.default.temporaryDirectory.path + "/romana-ec2-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var cases: [[String: Any]] = []
    for (name, replacements) in samples {
      let example = try Example.named(name)
      let older = try olderPlan(of: example, replacements, in: "\(folder)/\(name)")
      for device in example.devices(.vpc) {
        for kind in device.artifacts { _ = try example.read(kind, of: device) }
        cases.append([
          "name": name, "plan": try description(device, example.plan.topology),
          "folder": example.path(.vpcScript, of: device).removingLastComponent().string,
          "older": try #require(older[device.name.text]), "olderFolder": "\(folder)/\(name)/\(device.name)",
        ])
      }
    }
    let path = "\(folder)/cases.json"
    try JSONSerialization.data(withJSONObject: cases).write(to: URL(fileURLWithPath: path))
    let script = String(#filePath.dropLast("CloudApplyTests.swift".count)) + "Scripts/\(script)"
    let result = try await run(
      .name("timeout"), arguments: ["--signal=KILL", "1200", python, script, path], output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    print(result.standardOutput)
    return Applied(
      status: result.terminationStatus.code, output: result.standardOutput, errors: result.standardError,
      count: cases.count)
  }

  /// shellcheck, in a style that takes no exception.
  @Test func scriptsOfVPCsAreSound() async throws {
    guard Sandbox.has(["shellcheck"], for: "scripts of VPCs") else { return }
    for (name, _) in Self.samples {
      let example = try Example.named(name)
      for (device, kind) in example.devices(.vpc).flatMap({ device in
        [ArtifactKind.vpcScript, .failoverScript].map { (device, $0) }
      }) {
        let result = try await run(
          .name("shellcheck"), arguments: ["--shell=sh", "--severity=style", example.path(kind, of: device).string],
          output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
      }
    }
  }

  /// Compiles the older topology and writes the files of its VPCs; gives their plans by region.
  private func olderPlan(
    of example: Example, _ replacements: [(String, String)], in folder: String
  ) throws -> [String: [String: Any]] {
    var text = String(
      decoding: try Repository.read(Repository.examples.appending(example.name).appending("topology.yaml")),
      as: UTF8.self)
    for (old, new) in replacements {
      #expect(text.contains(old), "\(example.name): \(old)")
      text = text.replacingOccurrences(of: old, with: new)
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try text.write(toFile: "\(folder)/topology.yaml", atomically: false, encoding: .utf8)
    let plan = try compile(TopologyOptions.parse(["\(folder)/topology.yaml"])).plan
    let shared = SharedFragments(plan)
    var plans: [String: [String: Any]] = [:]
    for device in plan.devices.filter({ $0.role == .vpc }).map({ plan.plan($0) }) {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(device.name)", withIntermediateDirectories: true)
      for kind in device.artifacts {
        let path = "\(folder)/\(device.name)/\(kind.fileName)"
        try Data(shared.bytes(kind, of: device)).write(to: URL(fileURLWithPath: path))
      }
      plans[device.name.text] = try description(device, plan.topology)
    }
    var writer = TextWriter()
    emit(.terraform, of: Fleet(plan, [:]), into: &writer)
    try Data(writer.bytes).write(to: URL(fileURLWithPath: "\(folder)/vpc.tf.json"))
    return plans
  }

  /// A plan in the words of the script.
  private func description(_ device: DevicePlan, _ topology: Topology) throws -> [String: Any] {
    let vpc = try #require(device.vpc)
    let region = try #require(topology.regions.first { $0.name == vpc.region })
    return [
      "region": vpc.region.text, "vpc": vpc.id?.text ?? "", "cidr": "\(try #require(region.vpc?.prefix))",
      "zones": try region.racks.map { rack in
        [
          "name": topology.racks[rack].name.text,
          "subnet": "\(try #require(topology.racks[rack].subnet))",
        ]
      },
      "instances": vpc.instances.map { instance in
        [
          "name": instance.name.text, "zone": instance.zone.text, "eni": instance.eni?.text ?? "",
          "addresses": instance.addresses.map { "\($0)" },
        ] as [String: Any]
      },
      "tables": vpc.tables.map { table in
        [
          "id": table.id?.text ?? "-",
          "routes": table.routes.map { route in
            [
              "\(route.prefix)", target(route, vpc), route.standby.map { vpc.instances[$0].name.text } ?? "-",
            ]
          },
        ] as [String: Any]
      },
      "links": vpc.links.map { link in
        let kind = link.kind == .peering ? "pcx" : "tgw"
        return [
          "name": link.interconnect.text, "kind": kind, "id": link.id?.text ?? "",
          "parameter": "\(kind)_\(identifier(link.interconnect))",
        ]
      },
      "transits": vpc.transitGateways.map { gateway in
        let attachments = gateway.attachments.map {
          "attach_\(identifier(gateway.interconnect))_\(identifier($0.region))"
        }
        return [
          "name": gateway.interconnect.text, "table": gateway.routeTable?.text ?? "",
          "parameter": "rtb_\(identifier(gateway.interconnect))",
          "attachments": zip(gateway.attachments, attachments).map { ["id": $0.id?.text ?? "", "parameter": $1] },
          "routes": gateway.routes.map { ["\($0.prefix)", attachments[$0.attachment]] },
        ] as [String: Any]
      },
      "group": vpc.securityGroup?.text ?? "", "sources": vpc.sources.map { "\($0)" },
    ]
  }

  private func target(_ route: VPCRoute, _ vpc: VPCPlan) -> String {
    switch route.target {
    case .instance(let index, _): vpc.instances[index].name.text
    case .link(let index): "link:\(vpc.links[index].interconnect)"
    }
  }

  /// The name of an interconnect or region in that of a parameter.
  private func identifier(_ name: Name) -> String { name.text.replacingOccurrences(of: "-", with: "Z2d") }

  /// A Python with moto, boto3, the AWS CLI and cfn-lint: that of `scripts/ensure-aws-tools`, or the system's.
  private func pythonWithTools() async throws -> String? {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "/root")/.cache"
    let folder = environment["ROMANA_AWS_TOOLS"] ?? "\(cache)/romana-compile/aws-tools"
    for python in ["\(folder)/bin/python3", "python3"] {
      let question =
        "import importlib.util as u, sys; sys.exit(not all(u.find_spec(m) for m in ('moto', 'flask', 'boto3', 'awscli', 'cfnlint')))"
      let result = try? await run(
        .name("env"), arguments: [python, "-c", question], output: .discarded, error: .discarded)
      if result?.terminationStatus.isSuccess == true { return python }
    }
    let message = "the files of VPCs are not applied: run scripts/ensure-aws-tools"
    if Repository.isContinuousIntegration { Issue.record("\(message)") }
    print("left out: \(message)")
    return nil
  }
}
