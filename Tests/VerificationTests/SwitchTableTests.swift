import Emitters
import Testing
import TopologyModel
import Verification

/// Tables that no topology makes, with everything at its edge, are read back from every system's file.
@Suite struct SwitchTableTests {
  private static let kinds: [ArtifactKind] = [.eos, .nxos, .junos, .sonic, .nvue, .staticTable]

  /// Numbers from a seed (Knuth's MMIX constants; the high bits are good enough).
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      func step() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 32
      }
      return step() << 32 | step()
    }
  }

  private func address(_ family: AddressFamily, _ numbers: inout Numbers) -> Address {
    let bits = UInt128(numbers.next()) << 64 | UInt128(numbers.next())
    // Runs of zeros, which IPv6 text shortens.
    let mask = Bool.random(using: &numbers) ? UInt128.max : UInt128.max << 48
    return Address(family, family == .ipv4 ? bits & 0xffff_ffff : bits & mask)
  }

  private func name(_ numbers: inout Numbers) -> Name {
    let characters = Array("aZ09-_.")
    var text = "n"
    for _ in 0..<Int.random(in: 0...61, using: &numbers) { text.append(characters.randomElement(using: &numbers)!) }
    return Name(text + "9")!
  }

  private func purpose(_ numbers: inout Numbers) -> RoutePurpose {
    switch Int.random(in: 0...3, using: &numbers) {
    case 0: .hostPrefix(host: name(&numbers), network: name(&numbers))
    case 1: .rackAggregate(rack: name(&numbers), network: name(&numbers))
    case 2: .network(name(&numbers))
    default: .defaultRoute
    }
  }

  private func table(_ numbers: inout Numbers) -> [StaticRoute] {
    var routes: [Prefix: StaticRoute] = [:]
    for _ in 0..<Int.random(in: 0...40, using: &numbers) {
      let family: AddressFamily = Bool.random(using: &numbers) ? .ipv4 : .ipv6
      let length = [0, family.bitWidth, Int.random(in: 0...family.bitWidth, using: &numbers)].randomElement(
        using: &numbers)!
      let prefix = Prefix(containing: address(family, &numbers), length: length)
      let hops = Set((0..<Int.random(in: 0...9, using: &numbers)).map { _ in address(family, &numbers) }).sorted()
      let gateways = hops.map { NextHop(address: $0, device: name(&numbers), interface: nil) }
      routes[prefix] = StaticRoute(
        prefix: prefix, target: hops.isEmpty ? .discard : .gateways(gateways), purpose: purpose(&numbers))
    }
    return routes.values.sorted { $0.prefix < $1.prefix }
  }

  @Test(arguments: kinds) func anyTableIsReadBack(_ kind: ArtifactKind) throws {
    let fabric = try Fabric(example: "static-fabric")
    for seed in 0..<60 {
      var numbers = Numbers(state: UInt64(seed))
      var device = DevicePlan(fabric: name(&numbers), name: name(&numbers), role: .tor, artifacts: [kind])
      device.routes = table(&numbers)
      let bytes = fabric.file(kind, of: device)
      let findings = checkFile(kind, bytes, against: device, fabric.plan)
      #expect(findings.isEmpty, "seed \(seed): \(findings.prefix(3))")
      // And a table with one thing changed is not taken for it.
      guard let index = device.routes.indices.randomElement(using: &numbers) else { continue }
      var other = device
      switch device.routes[index].target {
      case .gateways(let hops) where hops.count > 1: other.routes[index].target = .gateways(Array(hops.dropLast()))
      case .gateways: other.routes[index].target = .discard
      default: other.routes.remove(at: index)
      }
      #expect(!checkFile(kind, bytes, against: other, fabric.plan).isEmpty, "seed \(seed)")
    }
  }
}
