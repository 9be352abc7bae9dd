import ArgumentParser
import TopologyModel
import Verification

struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace", abstract: "Follow a packet through the fabric, by the emitted files.",
    discussion: """
      Compiles the topology, reads the files back, and takes the first packet of a connection from device to device: with \
      the file and line of each rule and route that decides. Exits with status 2 if the packet does not arrive.
      """)

  @Argument(help: "An address, or the name of a listed endpoint.")
  var from: String

  @Argument(help: "The same.")
  var to: String

  @Argument(help: "tcp/PORT, udp/PORT, sctp/PORT or icmp.")
  var service = "tcp/80"

  @OptionGroup var read: ReadTopology

  func run() throws {
    let (text, arrives) = try trace(read.compiled())
    writeText(text, to: .standardOutput)
    if !arrives { throw ExitCode(2) }
  }

  /// What is told, and whether the packet arrives.
  ///
  /// - Parameter known: of the plan, if there is one already.
  func trace(_ plan: NetworkPlan, with known: Tracer? = nil) throws -> (text: String, arrives: Bool) {
    let family = [from, to].lazy.compactMap { try? Address(parsing: $0).family }.first
    let source = try end(from, family, plan)
    let destination = try end(to, family ?? source.address.family, plan)
    guard source.address.family == destination.address.family else {
      throw fail(
        "\(source.address) and \(destination.address) are not of one family", help: "name two of IPv4, or two of IPv6")
    }
    guard let payload = payload(source.address.family) else {
      throw fail("'\(service)' is not a protocol and a port", help: "write it as in tcp/443, udp/53 or icmp")
    }
    var tracer = try known ?? Tracer(plan, payload)
    tracer.payload = payload
    let trace = try tracer.trace(source, destination)
    return ("\(source.address) → \(destination.address), \(service)\n" + trace.text, trace.arrives)
  }

  private func end(_ text: String, _ family: AddressFamily?, _ plan: NetworkPlan) throws -> TraceEnd {
    if let end = TraceEnd(text, family: family, plan.topology) { return end }
    let near = nearMiss(of: text, among: plan.topology.hosts.flatMap(\.endpoints).map(\.name.text))
    throw fail(
      "'\(text)' is neither an address nor a listed endpoint",
      help: near.map { "did you mean '\($0)'?" } ?? "`explain NAME` tells the prefixes of a host or segment")
  }

  /// The first port or type of a range stands for it; without a type `icmp` is an echo request (RFC 792, RFC 4443).
  private func payload(_ family: AddressFamily) -> Packet.Payload? {
    switch try? ServiceMatch(parsing: service) {
    case .ports(.tcp, let ports): .tcp(source: 40000, destination: Int(ports?.lowerBound ?? 80))
    case .ports(.udp, let ports): .udp(source: 40000, destination: Int(ports?.lowerBound ?? 53))
    case .ports(.sctp, let ports): .sctp(source: 40000, destination: Int(ports?.lowerBound ?? 36412))
    case .icmp(let ipv4, let ipv6):
      (ipv4 ?? ipv6).map { types in
        types == 0...255 ? .icmp(type: family == .ipv4 ? 8 : 128) : .icmp(type: Int(types.lowerBound))
      }
    case .any, nil: nil
    }
  }

  private func fail(_ message: String, help: String) -> ExitCode {
    writeText("error: \(message)\n = help: \(help)\n", to: .standardError)
    return ExitCode(1)
  }
}
