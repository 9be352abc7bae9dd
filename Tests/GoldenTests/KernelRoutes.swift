import TopologyModel

/// A route as the kernel has it.
struct KernelRoute: Hashable, Comparable, CustomStringConvertible {
  var prefix: Prefix
  /// Nil: a blackhole.
  var hops: Set<String>?

  var description: String { "\(prefix) \(hops.map { $0.sorted().joined(separator: " ") } ?? "blackhole")" }

  static func < (left: KernelRoute, right: KernelRoute) -> Bool { left.prefix < right.prefix }

  /// What a route of a plan must look like: next hops by address, endpoints by interface.
  init(_ route: StaticRoute) {
    prefix = route.prefix
    switch route.target {
    case .discard: hops = nil
    case .gateways(let gateways): hops = Set(gateways.map { "\($0.address)" })
    case .endpoint(let interface, _): hops = [interface.text]
    }
  }

  /// Reads a line of `ip -N -o route show`: a number for a type other than unicast (6: blackhole), the prefix without the
  /// length of a single address, then words in pairs; several hops each after `nexthop`.
  init?(_ line: String, _ family: AddressFamily) {
    var words = line.split { $0 == " " || $0 == "\t" || $0 == "\\" }.map(String.init)[...]
    let isBlackhole = words.first == "6"
    if isBlackhole { words.removeFirst() }
    guard let text = words.popFirst() else { return nil }
    let zero = family == .ipv4 ? "0.0.0.0/0" : "::/0"
    let full = text == "default" ? zero : text.contains("/") ? text : "\(text)/\(family.bitWidth)"
    guard let prefix = try? Prefix(parsing: full) else { return nil }
    self.prefix = prefix
    guard !isBlackhole else { return }
    var found: Set<String> = []
    var device: String?
    while let word = words.popFirst() {
      if word == "via", let hop = words.popFirst() { found.insert(hop) }
      if word == "dev" { device = words.popFirst() }
    }
    hops = found.isEmpty ? Set([device].compactMap(\.self)) : found
  }

  static func read(_ lines: [String]) -> [KernelRoute] {
    lines.filter { !$0.isEmpty }.compactMap { line in
      let family: AddressFamily = line.contains(":") || line.contains("pref medium") ? .ipv6 : .ipv4
      return KernelRoute(line, family)
    }
  }
}
