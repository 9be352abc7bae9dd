import Synchronization
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

/// The source ports of probes, one after the other: a port that the kernel draws may meet the entry of an older flow in
/// the table of connections, and would pass as an answer to it. They are below those that it draws (ip_local_port_range, ip(7)), which
/// daemons may have.
private let nextPort = Atomic<UInt32>(UInt32.random(in: 0..<40000))

func drawSourcePort() -> UInt16 {
  UInt16(10000 + nextPort.wrappingAdd(1, ordering: .relaxed).oldValue % 22768)
}

/// One round of probes: sockets of its own, so that every flow is new to the packet filters.
struct ProbeRound {
  private enum Role {
    case listener, echo, udpSender, icmpSender(AddressFamily), tcp(probe: Int)
  }

  private let field: ProbeField
  private let probes: [Probe]
  private var outcomes: [ProbeOutcome]
  private var timeExceeded = 0
  /// Tells this round's packets from those of others.
  private let token = UInt64.random(in: .min ... .max)
  private let port: UInt16
  private var polled: [pollfd] = []
  private var roles: [Role] = []
  /// The sockets that belong to the round, to be closed after it.
  private var owned: [Int32] = []
  private var senders: [SenderKey: Int32] = [:]
  private var buffer = [UInt8](repeating: 0, count: 2048)

  private struct SenderKey: Hashable {
    var party: Int
    var source: Address
    var kind: ProbeKind
    var hopLimit: Int?

    init(_ probe: Probe) { (party, source, kind, hopLimit) = (probe.from, probe.source, probe.kind, probe.hopLimit) }
  }

  var result: ProbeResult { ProbeResult(outcomes: outcomes, timeExceeded: timeExceeded) }

  init(field: ProbeField, probes: [Probe], port: UInt16) {
    self.field = field
    self.port = port
    self.probes = probes
    outcomes = Array(repeating: ProbeOutcome(), count: probes.count)
    for descriptor in field.listeners { watch(descriptor, .listener) }
    for descriptor in field.echoes { watch(descriptor, .echo) }
  }

  func close() { for descriptor in owned { Glibc.close(descriptor) } }

  private mutating func watch(_ descriptor: Int32, _ role: Role, _ events: Int32 = POLLIN) {
    polled.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
    roles.append(role)
  }

  /// Opens the sockets, each in the namespace of its sender, and sends every probe once.
  mutating func send() throws(LabError) {
    for party in field.parties.indices {
      let mine = probes.indices.filter { probes[$0].from == party }
      guard !mine.isEmpty else { continue }
      try enterNamespace(field.parties[party].namespace)
      for index in mine { try send(index) }
    }
  }

  private mutating func send(_ index: Int) throws(LabError) {
    let probe = probes[index]
    if probe.kind == .tcp { return try connect(index) }
    let key = SenderKey(probe)
    if senders[key] == nil {
      let descriptor = try openSocket(
        probe.kind, probe.source.family, boundTo: probe.source, port: senderPort(probe), foreign: probe.isForged)
      if let limit = probe.hopLimit { setHopLimit(descriptor, probe.source.family, limit) }
      senders[key] = descriptor
      owned.append(descriptor)
      watch(descriptor, probe.kind == .udp ? .udpSender : .icmpSender(probe.source.family))
    }
    transmit(index)
  }

  /// Forged packets have a port of their own: with that of an honest flow they would belong to it. So have those with a time to
  /// live of their own, which have a socket each.
  private func senderPort(_ probe: Probe) -> UInt16 {
    if probe.hopLimit != nil { return drawSourcePort() }
    return probe.isForged ? port ^ 1 : port
  }

  private mutating func connect(_ index: Int) throws(LabError) {
    let probe = probes[index]
    let descriptor = try openSocket(
      .tcp, probe.source.family, boundTo: probe.source, port: drawSourcePort(), foreign: probe.isForged)
    owned.append(descriptor)
    let status = withSocketAddress(probe.target, port: probePort) { Glibc.connect(descriptor, $0, $1) }
    if status == 0 { outcomes[index].isAnswered = true }
    if status != 0, errno == EINPROGRESS { watch(descriptor, .tcp(probe: index), POLLOUT) }
  }

  /// Sends a UDP or ICMP probe; an error of the kernel (no route, a blackhole) is as good as silence.
  private func transmit(_ index: Int) {
    let probe = probes[index]
    guard let sender = senders[SenderKey(probe)] else { return }
    var payload = withUnsafeBytes(of: token.bigEndian) { Array($0) }
    payload += withUnsafeBytes(of: UInt32(index).bigEndian) { Array($0) }
    let packet =
      probe.kind == .udp
      ? payload
      : echoRequest(probe.target.family, identifier: port, sequence: UInt16(truncatingIfNeeded: index), payload)
    _ = withSocketAddress(probe.target, port: probe.kind == .udp ? probePort : 0) {
      sendto(sender, packet, packet.count, 0, $0, $1)
    }
  }

  /// Waits until all that should come has come, at most 1.6 s, and for what should not come as long as the window.
  mutating func listen(window: Double) {
    let watch = Stopwatch()
    let hopesForNothing = probes.contains { !$0.isWanted }
    var resent = 0
    while true {
      let elapsed = watch.seconds
      let isComplete = probes.indices.allSatisfy { !probes[$0].isWanted || outcomes[$0].fulfils(probes[$0].expected) }
      if isComplete, !hopesForNothing || elapsed >= window { break }
      if elapsed >= max(window, 1.6) { break }
      if elapsed > 0.2 * Double(resent + 1) {
        resent += 1
        for index in probes.indices where probes[index].isWanted && !outcomes[index].isAnswered { transmit(index) }
      }
      guard poll(&polled, nfds_t(polled.count), 20) > 0 else { continue }
      for position in polled.indices where polled[position].revents != 0 { receive(position) }
    }
  }

  private mutating func receive(_ position: Int) {
    let descriptor = polled[position].fd
    switch roles[position] {
    case .listener: acceptAll(descriptor)
    case .echo: echoAll(descriptor)
    case .udpSender: readAll(descriptor) { _, payload, outcomes in outcomes[payload].isAnswered = true }
    case .icmpSender(let family): readICMP(descriptor, family)
    case .tcp(let probe):
      var status: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &size)
      // A refusal or a reset comes from the target too: the packet got there.
      outcomes[probe].isAnswered = [0, ECONNREFUSED, ECONNRESET].contains(status)
      polled[position].fd = -1
    }
  }

  /// Takes connections and resets them at once, so that nothing of them stays.
  private func acceptAll(_ listener: Int32) {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { return }
      var reset = linger(l_onoff: 1, l_linger: 0)
      setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
      Glibc.close(connection)
    }
  }

  private mutating func echoAll(_ descriptor: Int32) {
    var sender = sockaddr_storage()
    while true {
      var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let count = withUnsafeMutablePointer(to: &sender) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(descriptor, &buffer, buffer.count, 0, $0, &size)
        }
      }
      guard count >= 0 else { return }
      if let index = probe(in: buffer[..<count]) { outcomes[index].hasArrived = true }
      _ = withUnsafePointer(to: &sender) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { sendto(descriptor, buffer, count, 0, $0, size) }
      }
    }
  }

  private mutating func readAll(_ descriptor: Int32, _ body: (ArraySlice<UInt8>, Int, inout [ProbeOutcome]) -> Void) {
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count >= 0 else {
        if errno == EAGAIN { return }
        continue
      }
      if let index = probe(in: buffer[..<count]) { body(buffer[..<count], index, &outcomes) }
    }
  }

  /// A raw socket of IPv4 gives the IP header too (raw(7)), one of IPv6 does not.
  private mutating func readICMP(_ descriptor: Int32, _ family: AddressFamily) {
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count >= 0 else {
        if errno == EAGAIN { return }
        continue
      }
      let header = family == .ipv4 ? Int(buffer[0] & 0xf) * 4 : 0
      guard count > header + 8 else { continue }
      switch (family, buffer[header]) {
      case (.ipv4, 0), (.ipv6, 129):
        if let index = probe(in: buffer[(header + 8)..<count]) { outcomes[index].isAnswered = true }
      case (.ipv4, 11), (.ipv6, 3): timeExceeded += 1
      default: continue
      }
    }
  }

  /// The probe that a payload belongs to.
  private func probe(in payload: ArraySlice<UInt8>) -> Int? {
    guard payload.count >= 12 else { return nil }
    let start = payload.startIndex
    let read = payload[start..<(start + 8)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let index = Int(payload[(start + 8)..<(start + 12)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    return read == token && index < probes.count ? index : nil
  }
}
