import TopologyModel

/// Who says "time exceeded" to packets whose time to live grows by one, and whether the target answers at last.
struct HopTrace: Sendable {
  var hops: [String] = []
  var isAnswered = false

  /// A way that is longer than this is a circle.
  private static let longest = 24

  /// Sends echo requests with ping(8), so that every device on the way is seen.
  static func run(_ namespace: String, to target: Address) async throws -> HopTrace {
    var trace = HopTrace()
    for life in 1...longest {
      let result = try await execute([
        "ip", "netns", "exec", namespace, "ping", "-n", "-c", "1", "-W", "1", "-t", "\(life)", "\(target)",
      ])
      if result.output.contains("bytes from") {
        trace.isAnswered = true
        return trace
      }
      guard let line = result.output.split(separator: "\n").first(where: { $0.hasPrefix("From ") }),
        line.contains("exceeded")
      else { return trace }
      trace.hops.append(String(line.split(separator: " ")[1]))
    }
    return trace
  }
}
