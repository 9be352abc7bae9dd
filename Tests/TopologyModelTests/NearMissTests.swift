import Testing

@testable import TopologyModel

@Suite struct NearMissTests {
  @Test(arguments: [
    ("protocl", "protocol"), ("sergments", "segments"), ("Bird", "bird"), ("brid", "bird"), ("tenants ", "tenants"),
    ("sgments", "segments"), ("subnet_6", "subnet6"), ("wbe", "web"),
  ])
  func `a slip of the keyboard finds the word that was meant`(typed: String, meant: String) {
    let words = ["protocol", "segments", "bird", "tenants", "subnet", "subnet6", "web", "db"]
    #expect(nearMiss(of: typed, among: words) == meant)
  }

  @Test(arguments: ["", "x", "rip", "completely", String(repeating: "segments", count: 1000)])
  func `a different word finds nothing`(typed: String) {
    #expect(nearMiss(of: typed, among: ["protocol", "segments", "endpoint"]) == nil)
  }

  @Test func `of equally near words the first is offered`() {
    #expect(nearMiss(of: "h9", among: ["h1", "h2"]) == "h1")
  }
}
