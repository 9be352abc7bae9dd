extension Diagnostic {
  static func tooManyBlocks(at range: SourceRange?) -> Diagnostic {
    Diagnostic(
      .tooManyBlocks, "the hosts ask for more than \(maximumBlocks) blocks", at: range,
      help: ["choose larger blocks, or a network with `bits:`, in which a host has one prefix for all segments"])
  }

  /// A recorded block that can't stay.
  static func blockWouldMove(
    _ request: BlockRequest, _ locked: Prefix, _ group: BlockGroup, _ network: Network
  ) -> Diagnostic {
    let what = request.owner.map { "the block \(request.number) of '\($0.tenant)/\($0.segment)'" } ?? "the own block"
    let reason =
      if locked.length != network.layout.block {
        "blocks of '\(network.name)' have the length /\(network.layout.block ?? 0) now"
      } else if !group.aggregate.contains(locked) {
        "it is not in \(group.aggregate), the prefix of rack '\(group.rackName)'"
      } else {
        "\(network.excluded.first { $0.overlaps(locked) }.map { "\($0)" } ?? "it") is excluded from '\(network.name)' now"
      }
    return Diagnostic(
      .wouldRenumber, "this would move \(what) on the host '\(request.name.value)': \(reason)", at: request.range,
      labels: [(network.range, "the network")], notes: ["the lock file has \(locked)"],
      help: ["undo the change, or build with --renumber if the endpoints may change their addresses"])
  }

  /// The prefix of a rack would have room, were it not for what is reserved or excluded.
  static func noRoomForBlocks(
    _ request: BlockRequest, _ group: BlockGroup, _ network: Network, reserved: Int
  ) -> Diagnostic {
    let length = network.layout.block ?? 0
    let bits = length - group.aggregate.length
    let room = bits < 20 ? "\(counted(1 << bits, "block"))" : "2^\(bits) blocks"
    let excluded = network.excluded.filter { $0.overlaps(group.aggregate) }.map(\.description)
    return Diagnostic(
      .noRoomForBlocks,
      "the rack '\(group.rackName)' has no room for the blocks of '\(request.name.value)': \(group.aggregate) of network '\(network.name)' holds \(room) of /\(length)",
      at: request.range, labels: [(network.range, "the network")],
      notes: ["the hosts of the rack need \(counted(group.requests.count, "block")), with one of its own for each"]
        + (reserved > 0
          ? ["\(counted(reserved, "block")) reserved until `romana-compile lock --prune TOPOLOGY`"] : [])
        + (excluded.isEmpty
          ? [] : ["blocks with an address of \(excluded.prefix(3).joined(separator: ", ")) are not used"]),
      help: [
        reserved > 0
          ? "prune the lock file once no device uses the old blocks, ask for less, or put hosts into another rack"
          : "ask for less, narrow the excluded prefix, or put hosts into another rack"
      ])
  }
}
