import Emitters
import Testing
import TopologyModel
import Verification

/// Every golden file, read by readers that know nothing of the emitters.
@Suite(.disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct ReadBackTests {
  @Test(arguments: Example.names)
  func planIsFoundInEveryFile(_ name: String) throws {
    let example = try Example.named(name)
    var count = 0
    for device in example.devices() {
      for kind in device.artifacts {
        let findings = checkFile(kind, try example.read(kind, of: device), against: device, example.plan)
        #expect(findings.isEmpty, "\(example.path(kind, of: device)): \(findings)")
        count += 1
      }
    }
    #expect(count > 0)
  }

  /// The deployment of Terraform: its regions, and what it hands over to their modules.
  @Test(arguments: Example.names)
  func regionsAreFoundInTheDeployment(_ name: String) throws {
    let example = try Example.named(name)
    let path = example.golden.appending("ec2").appending("vpc.tf.json")
    guard !example.devices(.vpc).isEmpty else {
      #expect(throws: (any Error).self) { try Repository.read(path) }
      return
    }
    let bytes = try Repository.read(path)
    #expect(checkDeployment(bytes, example.plan) == [], "\(path)")
    let text = String(decoding: bytes, as: UTF8.self)
    for (change, with) in [("aws.", "aws.x"), ("./", "../"), ("${var.", "${var.x"), ("\"string\"", "\"number\"")]
    where text.contains(change) {
      let wrong = Array(text.replacing(change, with: with, maxReplacements: 1).utf8)
      #expect(checkDeployment(wrong, example.plan) != [], "\(path): \(change)")
    }
  }

  /// A route to a transit gateway is none to a peering, nor to an interface, whatever id it holds.
  @Test(arguments: ["ec2-transit-gateways", "ec2-peerings"])
  func routesOfVPCsLeadToWhatTheySay(_ name: String) throws {
    let example = try Example.named(name)
    for (kind, keys) in [
      (ArtifactKind.cloudFormation, ["NetworkInterfaceId", "TransitGatewayId", "VpcPeeringConnectionId"]),
      (.terraform, ["network_interface_id", "transit_gateway_id", "vpc_peering_connection_id"]),
    ] {
      let device = try #require(example.devices(.vpc).first)
      let text = String(decoding: try example.read(kind, of: device), as: UTF8.self)
      let there = keys.filter { text.contains("\"\($0)\"") }
      #expect(there.count == 2)
      for key in there {
        for other in keys where other != key {
          let wrong = Array(text.replacing("\"\(key)\"", with: "\"\(other)\"", maxReplacements: 1).utf8)
          #expect(checkFile(kind, wrong, against: device, example.plan) != [], "\(key), \(other)")
        }
      }
    }
  }
}
