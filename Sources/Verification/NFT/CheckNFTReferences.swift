import TopologyModel

/// What must hold between the parts of the table: names lead somewhere, keys fit their sets, values lie under the masks
/// that they are looked up with, and no packet goes round in circles.
func checkReferences(_ file: NFTFile) throws(ParseFailure) {
  for chain in file.chains {
    for read in chain.rules {
      for match in read.rule.matches {
        guard case .set(let name) = match.operand else { continue }
        try check(match.selectors, name, isMap: false, read.line, file)
      }
      guard read.rule.action != .masquerade || chain.translates else {
        throw ParseFailure("another source is given where packets have not been routed", line: read.line)
      }
      if case .lookup(let selectors, let name) = read.rule.action {
        try check(selectors, name, isMap: true, read.line, file)
      }
    }
  }
  try checkHooks(file)
  try checkChains(file)
}

private func check(
  _ selectors: [ReadSelector], _ name: String, isMap: Bool, _ line: Int, _ file: NFTFile
) throws(ParseFailure) {
  guard let set = file.set(name), set.isMap == isMap else {
    throw ParseFailure("there is no \(isMap ? "map" : "set") '\(name)'", line: line)
  }
  guard set.types == selectors.compactMap(\.field.type), set.types.count == selectors.count else {
    throw ParseFailure("the key does not fit '\(name)'", line: line)
  }
  for (index, selector) in selectors.enumerated() {
    guard let mask = selector.mask else { continue }
    let hasStray = set.elements.contains { element in
      if case .numbers(let first, _) = element.fields[index] { first & ~mask != 0 } else { true }
    }
    if hasStray {
      throw ParseFailure("an element of '\(name)' has bits outside the mask and is never found", line: line)
    }
  }
}

/// One chain at each hook, each of them called like its hook.
private func checkHooks(_ file: NFTFile) throws(ParseFailure) {
  for (hook, name) in [(FilterHook.input, "input"), (.forward, "forward")] {
    let chains = file.chains.filter { $0.hook == hook }
    guard chains.count == 1, chains[0].name == name else {
      throw ParseFailure("there is not one chain '\(name)' at its hook", line: chains.last?.line ?? 1)
    }
  }
}

/// Every chain that is jumped to exists and has no hook, none leads back to itself, and jumps are nested 16 deep at most
/// (NFT_JUMP_STACK_SIZE).
private func checkChains(_ file: NFTFile) throws(ParseFailure) {
  var depths: [String: Int] = [:]
  var onTheWay: Set<String> = []
  func visit(_ chain: ReadNFTChain) throws(ParseFailure) -> Int {
    if let known = depths[chain.name] { return known }
    onTheWay.insert(chain.name)
    var depth = 0
    for read in chain.rules {
      for verdict in read.rule.action.verdicts(file) {
        guard let name = verdict.chain else { continue }
        guard let next = file.chain(name), next.hook == nil else {
          throw ParseFailure("there is no chain '\(name)'", line: read.line)
        }
        guard !onTheWay.contains(name) else {
          throw ParseFailure("the chain '\(name)' leads back to itself", line: read.line)
        }
        depth = max(depth, 1 + (try visit(next)))
        if depth > 15 { throw ParseFailure("jumps are nested too deep", line: read.line) }
      }
    }
    onTheWay.remove(chain.name)
    depths[chain.name] = depth
    return depth
  }
  for chain in file.chains { _ = try visit(chain) }
}

extension NFTReadAction {
  /// All verdicts that the action can have.
  func verdicts(_ file: NFTFile) -> Set<NFTReadVerdict> {
    switch self {
    case .verdict(let verdict): [verdict]
    case .lookup(_, let name): Set(file.set(name)?.elements.compactMap(\.verdict) ?? [])
    case .mark: [.return]
    case .masquerade: [.accept]
    case .clampMSS: []
    }
  }
}
