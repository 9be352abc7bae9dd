import Difference
import Foundation
import FoundationXML
import Subprocess
import SystemPackage
import Testing
import TopologyModel
import Verification

@testable import romana_compile

/// What `diff` says of changes that people make, held against what really differs.
@Suite struct DiffTests {
  @Test(arguments: DiffCase.all)
  func `a change is told as recorded`(_ pair: DiffCase) async throws {
    let result = try await run(
      .path(Repository.program), arguments: Arguments(["diff", "old.yaml", "new.yaml"] + pair.options),
      environment: .inherit.updating(["NO_COLOR": "1"]), workingDirectory: FilePath(pair.folder),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    let text = result.standardOutput + result.standardError + "status \(result.terminationStatus.code)\n"
    try GoldenText.expect(text, isIn: "\(pair.folder)/expected.txt")
  }

  @Test(arguments: DiffCase.compiled)
  func `the comment for a pull request is as recorded`(_ pair: DiffCase) throws {
    let (old, new) = try pair.sides()
    let difference = compareNetworks(old.network, new.network)
    try GoldenText.expect(printMarkdown(difference), isIn: "\(pair.folder)/expected.md")
  }

  /// Both ways: no file differs that is not announced, and none is announced that does not.
  @Test(arguments: DiffCase.compiled)
  func `the files that are announced are those that differ`(_ pair: DiffCase) throws {
    let (old, new) = try pair.sides()
    try expectAnnounced(old, new)
  }

  /// Files are compared without what hosts share; so hosts whose own part and whose shared part change in every combination.
  @Test(arguments: ["policies", "ipset-policies", "nftables", "strict-hosts"])
  func `files that settings of hosts and policies change are announced, and no others`(_ name: String) throws {
    let topology = try Example.named(name).plan.topology
    let settings: [@Sendable (inout HostSettings) -> Void] = [
      { $0.usesAddressSets.toggle() }, { $0.firewallBackend = $0.firewallBackend == .nft ? .iptables : .nft },
      { $0.firewallMode = $0.firewallMode == .own ? .share : .own }, { $0.mtu = 1400 }, { $0.speaker = .frr },
    ]
    let old = DiffSide(NetworkPlan(topology))
    for change in settings {
      for withPolicies in [false, true] {
        var changed = topology
        for host in changed.hosts.indices where host % 2 == 0 { change(&changed.hosts[host].settings) }
        if withPolicies { changed.policies.removeLast(min(1, changed.policies.count)) }
        let new = DiffSide(NetworkPlan(changed))
        try expectAnnounced(old, new)
        try expectAnnounced(new, old)
      }
    }
  }

  private func expectAnnounced(_ old: DiffSide, _ new: DiffSide) throws {
    let difference = compareNetworks(old.network, new.network)
    let (before, after) = (old.files(), new.files())
    var real: [String: ChangeMark] = [:]
    for (path, bytes) in after where before[path] != bytes { real[path] = before[path] == nil ? .added : .changed }
    for path in before.keys where after[path] == nil { real[path] = .removed }
    var announced: [String: ChangeMark] = [:]
    for group in difference.groups {
      for device in group.devices {
        for file in group.files {
          announced["\(device.role.folder)/\(device.name)/\(file.kind.fileName)"] = file.mark
        }
      }
    }
    #expect(announced == real)
    let listed = fileList(difference).split(separator: "\n").map { String($0.dropFirst(2)) }
    #expect(Set(listed) == Set(real.keys))
  }

  /// By the readers of `Verification`, which share no code with the emitters.
  @Test(arguments: DiffCase.compiled)
  func `the routes and announcements that are told are those that the files read back to`(_ pair: DiffCase) throws {
    let (old, new) = try pair.sides()
    let difference = compareNetworks(old.network, new.network)
    let (former, present) = (try old.solveRouting(), try new.solveRouting())
    for group in difference.groups where group.mark == .changed {
      let device = group.devices[0]
      let before = try #require(try old.routing(device))
      let after = try #require(try new.routing(device))
      let all = group.changes.filter { $0.kind == .route && !$0.subject.hasPrefix("service ") }
      let told = all.filter { !$0.purpose.contains(", transit gateway of ") }
      for name in Set((old.topology.interconnects + new.topology.interconnects).map(\.name)) {
        // Its transit gateway is a device of the model.
        let gateway = "\(name)/\(device.name)"
        let real = changedPrefixes(former.routes(of: gateway), present.routes(of: gateway), spines: [], isToR: false)
        let told = all.filter { $0.purpose.hasSuffix(", transit gateway of \(name)") }
        #expect(Set(told.map { "\($0.mark.sign)\($0.subject)" }) == real)
      }
      let real = changedPrefixes(
        former.routes(of: device.name.text), present.routes(of: device.name.text), spines: old.spines.union(new.spines),
        isToR: device.role == .tor)
      #expect(
        Set(told.filter { $0.mark != .changed }.map { "\($0.mark.sign)\($0.subject)" })
          == real.filter { !$0.hasPrefix("~") })
      // The model knows a next hop by its name, and `diff` by its address.
      #expect(real.filter { $0.hasPrefix("~") }.isSubset(of: told.map { "\($0.mark.sign)\($0.subject)" }))
      let announced = group.changes.filter { $0.kind == .announcement }
      func origins(_ routing: DeviceRouting) -> Set<String> {
        Set((routing.speaker.map { $0.origins + $0.summaries } ?? []).map { "\($0)" })
      }
      #expect(
        Set(announced.filter { $0.mark == .removed }.map(\.subject)) == origins(before).subtracting(origins(after)))
      #expect(Set(announced.filter { $0.mark == .added }.map(\.subject)) == origins(after).subtracting(origins(before)))
    }
  }

  /// Regions are linked where packets of endpoints reach the other's hosts, and tunnels are there where the files of two gateways have them.
  @Test(arguments: ["change-tunnels", "drain-a-gateway", "link-regions"])
  func `the regions and tunnels that are told are those of the files`(_ name: String) throws {
    let (old, new) = try DiffCase(name: name).sides()
    let difference = compareNetworks(old.network, new.network)
    func told(_ kind: String, _ mark: ChangeMark) -> Set<String> {
      Set(difference.parts.filter { $0.kind == kind && $0.mark == mark }.map(\.name))
    }
    let (before, after) = (try linkedRegions(old), try linkedRegions(new))
    #expect(told("regions", .removed) == before.subtracting(after))
    #expect(told("regions", .added) == after.subtracting(before))
    let (had, has) = (try tunnels(old), try tunnels(new))
    func ends(_ names: Set<String>) -> Set<String> { Set(names.map { String($0.split(separator: " ")[1]) }) }
    #expect(
      ends(told("tunnel", .removed)) == had.subtracting(has) && ends(told("tunnel", .added)) == has.subtracting(had))
    let radius = difference.radius.interconnects
    #expect(radius.pairsCut == before.subtracting(after).count && radius.pairsLinked == after.subtracting(before).count)
    #expect(radius.tunnelsRemoved == had.subtracting(has).count && radius.tunnelsAdded == has.subtracting(had).count)
    #expect(radius.pairsCut + radius.pairsLinked > 0 && (radius.tunnelsRemoved > 0) == (name != "drain-a-gateway"))
  }

  /// The pairs of regions with hosts that reach each other, those that are drained aside.
  private func linkedRegions(_ side: DiffSide) throws -> Set<String> {
    let (topology, model) = (side.topology, try side.solveRouting())
    func reaches(_ source: Int, _ target: Int) -> Bool {
      guard let prefix = topology.prefix(ofHost: target, inNetwork: 0) else { return false }
      let (start, end) = (topology.hosts[source].name.text, topology.hosts[target].name.text)
      return model.arrivals(from: start, to: prefix.lastAddress) == [.discarded(at: end)]
    }
    let active = topology.hosts.indices.filter { !topology.hosts[$0].isDrained }
    var pairs: Set<String> = []
    for source in active {
      for target in active {
        let names = [source, target].map { topology.region(ofHost: $0).name.text }
        guard names[0] < names[1], reaches(source, target), reaches(target, source) else { continue }
        pairs.insert(names.joined(separator: " and "))
      }
    }
    return pairs
  }

  private func tunnels(_ side: DiffSide) throws -> Set<String> {
    let names = side.topology.hosts.map(\.name.text)
    let tunnels = try side.routing().tunnels
    return Set(
      names.flatMap { first in
        names.filter { first < $0 && tunnels.between(first, $0) != nil }.map { "\(first)–\($0)" }
      })
  }

  /// What comes over the spines from other racks is left out on ToRs: they know it by a range of lengths.
  private func changedPrefixes(
    _ old: [Prefix: RoutingModel.Use], _ new: [Prefix: RoutingModel.Use], spines: Set<String>, isToR: Bool
  ) -> Set<String> {
    func isMeant(_ use: RoutingModel.Use) -> Bool {
      if isToR, case .via(let names) = use, names.allSatisfy(spines.contains) { return false }
      return true
    }
    let (before, after) = (old.filter { isMeant($0.value) }, new.filter { isMeant($0.value) })
    var result = Set(before.keys.filter { after[$0] == nil }.map { "-\($0)" })
    for (prefix, use) in after where before[prefix] != use {
      result.insert("\(before[prefix] == nil ? "+" : "~")\(prefix)")
    }
    return result
  }

  @Test(arguments: DiffCase.compiled)
  func `the way back is told with the marks turned round`(_ pair: DiffCase) throws {
    let (old, new) = try pair.sides()
    let (there, back) = (compareNetworks(old.network, new.network), compareNetworks(new.network, old.network))
    #expect(there.count(.added) == back.count(.removed) && there.count(.removed) == back.count(.added))
    #expect(there.count(.changed) == back.count(.changed) && there.moves.count == back.moves.count)
    #expect(there.reachability.count { $0.isOpened } == back.reachability.count { !$0.isOpened })
    #expect(there.sessions.added == back.sessions.removed && there.sessions.reset == back.sessions.reset)
    #expect(there.sessions.kept == back.sessions.kept)
    let same = compareNetworks(new.network, new.network)
    #expect(same.isEmpty && same.sharedRules.isEmpty && same.sessions.reset + same.sessions.reloaded == 0)
  }

  @Test(arguments: DiffCase.compiled)
  func `every form says the same, and a comment fits whatever the limit`(_ pair: DiffCase) throws {
    let (old, new) = try pair.sides()
    let difference = compareNetworks(old.network, new.network)
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(spellJSON(JSONDifference(difference)).utf8)) as? [String: Any])
    let plan = try #require(json["plan"] as? [String: Int])
    #expect(
      plan == [
        "add": difference.count(.added), "change": difference.count(.changed), "remove": difference.count(.removed),
      ])
    #expect((json["reachability"] as? [Any])?.count == difference.reachability.count)
    #expect((json["moves"] as? [Any])?.count == difference.moves.count)
    let first = DifferenceReport(difference, most: nil).plan
    for limit in [longestComment, 4000, 2500] {
      let comment = printMarkdown(difference, limit: limit)
      #expect(comment.utf8.count <= limit && comment.hasPrefix("## \(first)"))
    }
    let page = printHTML(difference, old.topology, new.topology, title: "old <&> new")
    let parser = XMLParser(data: Data(page.utf8))
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    #expect(page.contains("<h1>\(first)</h1>") && page.contains("Content-Security-Policy"))
    for group in difference.groups {
      for device in group.devices { #expect(page.contains("<title>\(device.name): \(group.mark.word)</title>")) }
    }
    for word in ["<script", "http:", "https:", "src=", "href=", "url("] { #expect(!page.contains(word)) }
    let colored = printText(DifferenceReport(difference, most: 12), colored: true)
    let plain = printText(DifferenceReport(difference, most: 12), colored: false)
    #expect(colored.replacing(/\u{1b}\[[0-9;]*m/, with: "") == plain)
  }
}
