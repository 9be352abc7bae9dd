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
}
