import ArgumentParser
import Testing
import TopologyModel
import Verification

@testable import romana_compile

/// What `explain` says of addresses, and where `trace` ends, against the plan and the filters.
@Suite struct ExplainTests {
  @Test(arguments: ["starter", "dual-homed", "address-blocks", "prefix-groups", "policies"])
  func `every address of the plan leads back to what has it`(_ name: String) throws {
    let topology = try Example.named(name).plan.topology
    for (index, host) in topology.hosts.enumerated() {
      for network in topology.networks.indices {
        if let gateway = topology.gateway(ofHost: index, inNetwork: network) {
          #expect(explainAddress(gateway, topology).title.hasSuffix("gateway address of the endpoints on \(host.name)"))
        }
        for tenant in topology.tenants where tenant.networks.contains(network) {
          for segment in tenant.segments {
            let address = topology.address(
              ofHost: index, inNetwork: network, tenant: tenant.id, segment: segment.id, endpoint: 4)
            guard let address else { continue }
            let facts = explainAddress(address, topology)
            #expect(facts.title.contains(" of \(tenant.name)/\(segment.name) on \(host.name)"), "\(facts.title)")
            #expect(facts.lines.contains { $0.key == "host" && $0.value.hasPrefix("\(host.name) ") })
          }
        }
      }
      for address in host.links.flatMap({ [$0.address, $0.address6] }).compactMap(\.self) {
        #expect(explainAddress(address, topology).title == "\(address) is an address of \(host.name)")
      }
    }
    for tor in topology.racks.flatMap(\.tors) {
      #expect(
        explainAddress(tor.device.loopback, topology).title == "\(tor.device.loopback) is the loopback of \(tor.name)")
    }
  }

  @Test(arguments: [
    "starter", "dual-homed", "policies", "nftables", "static-fabric", "hybrid", "region-tunnels",
    "ec2-transit-gateways", "ec2-peerings",
  ])
  func `every name is known, and no other`(_ name: String) throws {
    let plan = try Example.named(name).plan
    for name in knownNames(plan) { #expect(!explainName(name, plan).isEmpty, "\(name)") }
    #expect(explainName("no-such-thing", plan).isEmpty)
  }

  @Test(arguments: [
    ("hybrid", ["dc1-use1", "romana-t0", "dc1", "k1", "169.254.240.1", "fd72:6f6d:616e:6100::", "203.0.113.1"]),
    ("region-tunnels", ["line"]), ("ec2-transit-gateways", ["world", "eu-west-1"]),
    ("ec2-peerings", ["peer-east-west", "east-west", "172.21.1.4"]),
  ]) func `what links regions is explained as recorded`(_ name: String, _ things: [String]) throws {
    let plan = try Example.named(name).plan
    let texts = things.map { thing in
      let address = try? Address(parsing: thing)
      let facts = address.map { [explainAddress($0, plan.topology)] } ?? explainName(thing, plan)
      return "$ explain \(thing)\n" + facts.map(\.text).joined(separator: "\n")
    }
    try GoldenText.expect(texts.joined(separator: "\n"), isIn: "\(GoldenText.root)/golden/explain/\(name).txt")
  }

  @Test func `who forgets to say which topology is told of the option`() throws {
    // The tests run where no topology.yaml is.
    let error = #expect(throws: ValidationError.self) { try ReadTopology.parse([]).compiled() }
    #expect(error?.message.contains("--topology FILE") == true)
  }

  /// Between all pairs of hosts, for each pair of segments: a packet arrives exactly if the filters of both ends let it pass.
  @Test(arguments: [
    "starter", "dual-homed", "nftables", "static-fabric", "exabgp-hosts", "ospf", "ospf-speakers", "unnumbered",
  ])
  func `a trace ends where the filters say`(_ name: String) throws {
    let plan = try Example.named(name).plan
    let topology = plan.topology
    let side = DiffSide(plan)
    let payload = Packet.Payload.tcp(source: 40000, destination: 80)
    let tracer = try Tracer(plan, payload)
    var (arrived, dropped) = (0, 0)
    let active = topology.hosts.indices.filter { !topology.hosts[$0].isDrained }.prefix(4)
    let segments = topology.tenants.flatMap { tenant in tenant.segments.map { (tenant, $0) } }.prefix(4)
    for source in active {
      for destination in active where destination != source {
        for from in segments {
          for to in segments {
            func address(_ host: Int, _ who: (Tenant, Segment)) -> Address? {
              topology.address(
                ofHost: host, inNetwork: who.0.networks[0], tenant: who.0.id, segment: who.1.id, endpoint: 6)
            }
            guard let first = address(source, from), let second = address(destination, to),
              first.family == second.family
            else { continue }
            let ends = (TraceEnd("\(first)", family: nil, topology), TraceEnd("\(second)", family: nil, topology))
            let trace = try tracer.trace(try #require(ends.0), try #require(ends.1))
            #expect(try trace.arrives == side.passes(first, second, payload), "\(trace.text)")
            if trace.arrives { arrived += 1 } else { dropped += 1 }
            #expect(trace.steps.allSatisfy { $0.by?.line ?? 1 > 0 })
          }
        }
      }
    }
    #expect(arrived > 0 && (dropped > 0 || segments.count == 1))
  }

  /// The lines that a trace names say what decided.
  @Test func `a trace names lines of the golden tree`() throws {
    let example = try Example.named("dual-homed")
    let tracer = try Tracer(example.plan, .icmp(type: 8))
    let topology = example.plan.topology
    let address = try #require(topology.address(ofHost: 3, inNetwork: 0, tenant: 1, segment: 1, endpoint: 7))
    let trace = try tracer.trace(
      try #require(TraceEnd("vm1", family: .ipv4, topology)),
      try #require(TraceEnd("\(address)", family: nil, topology)))
    #expect(trace.arrives)
    #expect(trace.steps.count { $0.by != nil } >= 4, "\(trace.text)")
    for step in trace.steps {
      guard let by = step.by, let line = by.line else { continue }
      let bytes = try Repository.read(Repository.golden.appending("dual-homed").appending(by.file))
      let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
      #expect(String(decoding: lines[line - 1], as: UTF8.self).contains(by.text))
    }
  }

  /// What a service has goes through its functions, in order, from every host to every other, there and back.
  @Test func `a trace goes through the functions of a service`() throws {
    let plan = try Example.named("services").plan
    let topology = plan.topology
    let tracer = try Tracer(plan, .tcp(source: 40000, destination: 80))
    let acme = try #require(topology.tenants.first { $0.name.text == "acme" })
    func segment(_ name: String) -> Int { acme.segments.first { $0.name.text == name }!.id }
    func visited(_ source: Int, _ from: String, _ destination: Int, _ to: String, _ network: Int) throws -> [String]? {
      let ends = [(source, from), (destination, to)].compactMap { host, name in
        topology.address(
          ofHost: host, inNetwork: network, tenant: acme.id, segment: segment(name), endpoint: 7)
      }
      let trace = try tracer.trace(
        try #require(TraceEnd("\(ends[0])", family: nil, topology)),
        try #require(TraceEnd("\(ends[1])", family: nil, topology)))
      #expect(trace.steps.allSatisfy { $0.by?.line ?? 1 > 0 })
      let functions = trace.steps.compactMap { step in
        step.text.hasPrefix("the function on ") ? step.text.split(separator: " ")[3] : nil
      }
      return trace.arrives ? functions.map(String.init) : nil
    }
    let active = topology.hosts.indices.filter { !topology.hosts[$0].isDrained }
    var count = 0
    for network in topology.networks.indices {
      for source in active.prefix(4) {
        for destination in active.prefix(4) where destination != source {
          #expect(try visited(source, "web", destination, "db", network) == ["ep-fw1", "ep-ids1"])
          #expect(try visited(source, "db", destination, "web", network) == ["ep-ids1", "ep-fw1"])
          #expect(try visited(source, "web", destination, "batch", network) == ["ep-ids1"])
          #expect(try visited(source, "db", destination, "batch", network) == [])
          count += 1
        }
      }
    }
    #expect(count >= 12)
  }
}
