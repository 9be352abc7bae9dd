import Emitters
import Foundation
import Subprocess
import Testing
import TopologyModel

@testable import romana_compile

/// What `routes.sh` of a VPC would do, with a program in the place of the AWS CLI that answers what EC2 might.
struct VPCScriptTests {
  private static let topology = """
    romana: 1
    fabric: shop
    networks: [{ name: pods, cidr: 10.0.0.0/12, bits: { region: 3, rack: 1, host: 2, tenant: 4, segment: 3, endpoint: 7 } }]
    tenants: [{ name: acme, segments: [web] }]
    regions:
    \(["eu-west-1", "us-east-1", "ap-southeast-2"].enumerated().map(region).joined(separator: "\n"))
    interconnects:
      - { name: p, kind: vpc-peering, between: [eu-west-1, us-east-1], id: pcx-00000001 }
      - name: over
        kind: tunnel
        between: [eu-west-1, us-east-1]
        over: p
        key_file: over
        gateways: { i0: 172.20.1.4, i1: 172.21.1.4 }
      - name: t
        kind: transit-gateway
        between: [eu-west-1, ap-southeast-2]
        transit_gateways: { eu-west-1: tgw-00000001, ap-southeast-2: tgw-00000002 }
        attachments: { eu-west-1: tgw-attach-00000001, ap-southeast-2: tgw-attach-00000002 }
        route_tables: { eu-west-1: tgw-rtb-00000001, ap-southeast-2: tgw-rtb-00000002 }
        peerings: [{ between: [eu-west-1, ap-southeast-2], id: tgw-attach-00000003 }]
    """

  private static func region(_ index: Int, _ name: String) -> String {
    """
      - name: \(name)
        kind: ec2
        vpc: { cidr: 172.2\(index).0.0/16, id: vpc-0000000\(index), route_table: rtb-0000000\(index) }
        zones: [{ name: \(name)a, subnet: 172.2\(index).1.0/24, hosts: [{ name: i\(index), address: 172.2\(index).1.4, eni: eni-0000000\(index) }] }]
    """
  }

  private static let answers = #"""
    #!/bin/sh
    case $6 in
    describe-network-interfaces) printf 'eni-00000000\tfalse\t172.20.1.4\n' ;;
    describe-route-tables)
      printf 'vpc\tvpc-00000000\nroute\t172.20.0.0/16\tlocal\nroute\t172.21.0.0/16\tpcx-00000001\n'
      printf 'route\t172.22.0.0/16\ttgw-00000001\nroute\t10.1.3.0/24\teni-00000000\n'
      ;;
    search-transit-gateway-routes)
      printf 'more\tfalse\nroute\t172.21.0.0/16\ttgw-attach-00000009\nroute\t10.1.2.0/24\ttgw-attach-00000009\n'
      ;;
    describe-transit-gateway-route-tables) printf 'known\ttgw-00000001\n' ;;
    *) exit 2 ;;
    esac

    """#

  /// A transit gateway may lead to the other VPC of a peering too: that route is its owner's.
  @Test func tablesKeepWhatIsOfOthers() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/romana-vpc-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.topology.write(toFile: "\(folder)/topology.yaml", atomically: false, encoding: .utf8)
    let plan = try compile(TopologyOptions.parse(["\(folder)/topology.yaml"])).plan
    let vpc = plan.plan(try #require(plan.device(named: "eu-west-1")))
    try Data(SharedFragments.none.bytes(.vpcScript, of: vpc)).write(to: URL(fileURLWithPath: "\(folder)/routes.sh"))
    try Self.answers.write(toFile: "\(folder)/aws", atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/aws")
    let result = try await Subprocess.run(
      .name("env"), arguments: ["PATH=\(folder):/usr/bin:/bin", "sh", "\(folder)/routes.sh", "--dry-run"],
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
    let lines = result.standardOutput.split(separator: "\n")
    #expect(
      Set(lines.filter { $0.contains(" delete-") }) == [
        "aws --region eu-west-1 ec2 delete-route --route-table-id rtb-00000000 --destination-cidr-block 10.1.3.0/24",
        "aws --region eu-west-1 ec2 delete-transit-gateway-route --transit-gateway-route-table-id tgw-rtb-00000001 --destination-cidr-block 10.1.2.0/24",
      ])
    #expect(lines.count { $0.contains(" create-transit-gateway-route ") } == 2, "\(result.standardOutput)")
    #expect(
      !lines.contains { $0.contains("172.21.0.0/16") && $0.contains("route-table-id") }, "\(result.standardOutput)")
  }
}
