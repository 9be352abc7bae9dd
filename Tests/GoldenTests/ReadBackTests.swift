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
}
