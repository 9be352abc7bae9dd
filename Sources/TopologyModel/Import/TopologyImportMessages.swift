/// What is wrong with a topology of Romana, by its own rules.
extension Diagnostic {
  private static func invalid(
    _ message: String, at range: SourceRange?, labels: [(SourceRange, String)] = [], notes: [String] = [],
    help: String
  ) -> Diagnostic {
    Diagnostic(.invalidForeignTopology, message, at: range, labels: labels, notes: notes, help: [help])
  }

  static func noRomanaTopology(at range: SourceRange?) -> Diagnostic {
    invalid(
      "this is no topology of Romana 2", at: range,
      notes: ["it has `networks` and `topologies`, or is the state of Romana's address management"],
      help: "give what `romana topology list -f json` prints, or the file that the cluster was made with")
  }

  static func romanaMixedGroup(at range: SourceRange) -> Diagnostic {
    invalid(
      "groups and hosts stand side by side", at: range, notes: ["what has an `ip` is a host"],
      help: "put the hosts into a group of their own")
  }

  static func romanaUnknownNetwork(_ name: Located<Name>) -> Diagnostic {
    invalid(
      "there is no network '\(name.value)'", at: name.range, help: "define it under `networks`, or remove it here")
  }

  static func romanaRepeatedNetwork(_ name: Located<Name>, first: Located<Name>) -> Diagnostic {
    invalid(
      "the network '\(name.value)' is divided twice", at: name.range, labels: [(first.range, "here first")],
      help: "remove one of the two")
  }

  static func romanaSameAddress(_ host: RomanaHost, _ first: RomanaHost) -> Diagnostic {
    invalid(
      "the hosts '\(first.name.value)' and '\(host.name.value)' have the same address \(host.address.value)",
      at: host.address.range, labels: [(first.address.range, "the other host")], help: "correct one of the two")
  }

  static func romanaTwoAddresses(_ host: RomanaHost, _ other: RomanaHost) -> Diagnostic {
    invalid(
      "the host '\(host.name.value)' has two addresses, \(other.address.value) and \(host.address.value)",
      at: host.address.range, labels: [(other.address.range, "the other address")],
      help: "correct it; Romana knows one address of a host")
  }

  static func romanaForeignPrefix(
    _ group: RomanaGroup, _ written: Located<Prefix>, _ parent: Prefix, length: Int, _ network: RomanaNetwork
  ) -> Diagnostic {
    invalid(
      "\(group.title) has \(written.value), which is no part of \(parent) that Romana carves", at: written.range,
      labels: [(network.name.range, "in this network")],
      notes: ["among so many groups each gets a /\(length)"],
      help: "remove `cidr` to have it carved as Romana does, or correct it")
  }

  static func romanaSamePrefix(_ group: RomanaGroup, _ prefix: Prefix, _ other: RomanaGroup) -> Diagnostic {
    invalid(
      "\(group.title) and another one both have \(prefix)", at: group.cidr?.range ?? group.range,
      labels: [(other.cidr?.range ?? other.range, "the other group")],
      help: "correct `cidr`; remove all of them to have them carved as Romana does")
  }

  static func romanaBlockOfNobody(_ block: RomanaBlock) -> Diagnostic {
    invalid(
      "the block \(block.prefix.value) belongs to the host '\(block.host)', which is not in this group",
      at: block.prefix.range, help: "correct `block_to_host`, or remove the block")
  }

  static func romanaForeignBlock(_ block: RomanaBlock, _ prefix: Prefix, _ network: RomanaNetwork) -> Diagnostic {
    invalid(
      "the block \(block.prefix.value) is no /\(network.block) of the group's \(prefix)", at: block.prefix.range,
      labels: [(network.blockRange, "the length of blocks")], help: "correct it")
  }

  static func romanaSameBlock(_ block: RomanaBlock, _ other: RomanaBlock) -> Diagnostic {
    invalid(
      "the block \(block.prefix.value) is listed twice", at: block.prefix.range,
      labels: [(other.prefix.range, "here too")], help: "remove one of the two")
  }
}

/// What this language can't say.
extension Diagnostic {
  private static func refused(
    _ message: String, at range: SourceRange?, labels: [(SourceRange, String)] = [], notes: [String] = [], help: String
  ) -> Diagnostic {
    Diagnostic(.groupNotRepresentable, message, at: range, labels: labels, notes: notes, help: [help])
  }

  static func romanaBlockLength(_ network: RomanaNetwork) -> Diagnostic {
    network.block > 30
      ? refused(
        "blocks of /\(network.block) can't be imported", at: network.blockRange,
        notes: ["a host has a block of its own beside those of its endpoints: for the network, the gateway and DHCP"],
        help: "make them /30 or larger in Romana first; what is in them stays where it is")
      : invalid(
        "a block of /\(network.block) is larger than the network, \(network.cidr.value)", at: network.blockRange,
        labels: [(network.cidr.range, "the network")], help: "correct `block_mask`")
  }

  static func romanaTooDeep(_ group: RomanaGroup, _ outer: RomanaGroup) -> Diagnostic {
    refused(
      "\(group.title) lies too deep: it has groups, and lies in \(outer.name.map { shown($0.value) } ?? "another") itself",
      at: group.range, labels: [(outer.range, "the group around it")],
      notes: ["regions hold racks, and these hosts: there is no node whose prefix it could be"],
      help: "import each of the outermost groups by itself, with its CIDR as the network's")
  }

  static func romanaTooManyGroups(
    _ groups: [RomanaGroup], _ parent: Prefix, _ network: RomanaNetwork
  ) -> Diagnostic {
    invalid(
      "\(counted(groups.count, "group")) are too many for \(parent)", at: groups[0].range,
      labels: [(network.cidr.range, "of this network")], help: "widen the network, or remove groups")
  }

  static func romanaGroupTooSmall(
    _ group: RomanaGroup, _ prefix: Prefix, _ network: RomanaNetwork
  ) -> Diagnostic {
    refused(
      "\(group.title) has \(prefix), which is less than a block of /\(network.block)", at: group.range,
      labels: [(network.blockRange, "the length of blocks")],
      help: "make the blocks smaller (`block_mask`), or the network wider")
  }

  static func romanaTwoTrees(
    _ host: RomanaHost, _ other: RomanaHost, _ tree: RomanaTree, _ forest: RomanaForest
  ) -> Diagnostic {
    refused(
      "the host '\(host.name.value)' is in groups of two topologies that divide the hosts in different ways",
      at: host.name.range, labels: [(other.name.range, "in another group here")],
      notes: ["a host is in one rack, whose prefix it has in every network"],
      help: "give both topologies the same groups, in Romana, or import one of them")
  }

  static func romanaTreesWithoutHosts(_ tree: RomanaTree, _ other: RomanaForest) -> Diagnostic {
    refused(
      "two topologies have different groups, and not both tell which hosts are in them", at: tree.range,
      labels: [(other.range, "the other one")],
      notes: ["Romana puts each host into a group of both; here a host is in one rack"],
      help: "import what `romana topology list -f json` prints, which has the hosts; or import each by itself")
  }

  static func romanaExcludedBlock(_ block: RomanaBlock, _ excluded: Located<Prefix>) -> Diagnostic {
    refused(
      "the block \(block.prefix.value) is in use and has addresses that are blacked out", at: block.prefix.range,
      labels: [(excluded.range, "blacked out")],
      notes: ["a network excludes whole blocks"],
      help: "remove it from `blacked_out` and see to it that nobody uses these addresses, or free the block")
  }

  /// - Parameter key: that of the lock file.
  static func romanaPrefixMoved(_ key: String, _ prefix: Prefix, at range: SourceRange?) -> Diagnostic {
    refused(
      "\(key) can't keep \(prefix)", at: range, notes: ["nothing was written: a moved prefix cuts off its endpoints"],
      help: "import the rest without this group, and report this to the authors of the compiler")
  }

  static func romanaSharedByRegions(
    _ group: RomanaGroup, _ subnet: Prefix, _ other: Name, _ region: Name
  ) -> Diagnostic {
    refused(
      "hosts of \(group.title) are on \(subnet), as are hosts of another region", at: group.range,
      notes: ["'\(other)' and '\(region)' are regions, which have no subnet in common; racks may"],
      help: "import each of the outermost groups by itself, with its CIDR as the network's")
  }
}

/// What Romana does not know and this language needs.
extension Diagnostic {
  private static func underlay(
    _ message: String, at range: SourceRange?, labels: [(SourceRange, String)] = [], notes: [String] = [],
    help: String
  ) -> Diagnostic {
    Diagnostic(.missingUnderlay, message, at: range, labels: labels, notes: notes, help: [help])
  }

  static func romanaWithoutSubnet(_ host: RomanaHost, isAnyGiven: Bool) -> Diagnostic {
    underlay(
      "the subnet of '\(host.name.value)', \(host.address.value), is not known", at: host.address.range,
      notes: ["Romana knows the addresses of hosts, not their subnets"],
      help: isAnyGiven
        ? "pass one more --subnet, which has that address"
        : "pass --subnet CIDR for each subnet that hosts are on, as their interfaces have it")
  }

  static func romanaOutsideSubnet(_ host: RomanaHost, _ subnet: Prefix, _ group: RomanaGroup) -> Diagnostic {
    underlay(
      "the address \(host.address.value) of '\(host.name.value)' is outside of \(subnet)", at: host.address.range,
      labels: [(group.range, "which was given for this group")], help: "correct --subnet")
  }

  static func romanaGroupOnTwoSubnets(
    _ group: RomanaGroup, _ first: (prefix: Prefix, host: RomanaHost), _ second: (prefix: Prefix, host: RomanaHost)
  ) -> Diagnostic {
    underlay(
      "hosts of \(group.title) are on two subnets, \(first.prefix) and \(second.prefix)",
      at: second.host.address.range, labels: [(first.host.address.range, "on \(first.prefix)")],
      notes: ["the hosts of a rack are on one segment"],
      help: "move hosts to a group of their own in Romana, or pass a --subnet that holds both, if they are on one")
  }

  static func romanaSubnetsApart(
    _ group: RomanaGroup, _ subnet: Prefix, _ first: RomanaGroup, _ other: Prefix, _ region: Name
  ) -> Diagnostic {
    underlay(
      "hosts of \(group.title) are on \(subnet), others of its region on \(other): what routes between them is not known",
      at: group.range, labels: [(first.range, "on \(other)")],
      notes: ["the first router has the first address of each subnet"],
      help: "pass --router \(region)/NAME=LOOPBACK; the racks can have ToRs later, which moves no prefix")
  }

  static func romanaUnknownPlace(_ option: String, _ place: String, _ known: [String]) -> Diagnostic {
    underlay(
      "\(option): there is no region or rack \(shown(place))", at: nil,
      notes: nearMiss(of: place, among: known) == nil ? ["there are: \(known.prefix(20).joined(separator: ", "))"] : [],
      help: nearMiss(of: place, among: known).map { "did you mean '\($0)'?" } ?? "name one of them")
  }

  static func romanaRouterWithoutRegion(_ router: Name, _ regions: [String]) -> Diagnostic {
    underlay(
      "--router: there are several regions that '\(router)' may be of", at: nil,
      help: "write it as in --router \(regions[0])/\(router)=LOOPBACK")
  }
}
