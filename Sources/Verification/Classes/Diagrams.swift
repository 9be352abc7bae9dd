/// Functions of the bits of a packet's header, as reduced ordered decision diagrams (R. E. Bryant, Graph-Based Algorithms
/// for Boolean Function Manipulation, 1986): one node for each class of packets that fare differently below it. Equal
/// functions are the same node, so that "no packet at all fares differently" is a comparison of two numbers.
package struct Diagrams {
  /// The number of a node.
  package typealias Node = Int32

  /// Ends of conditions.
  package static let (no, yes): (Node, Node) = (0, 1)
  /// Ends of fates. `open`: no rule decided.
  package static let (accept, drop, open): (Node, Node, Node) = (2, 3, 4)

  /// By node: the bit that it asks about, and where the answers lead. Ends ask about no bit.
  private var bits: [Int32]
  private var zeros: [Node]
  private var ones: [Node]
  /// Nodes by what they are: open addressing, -1 for a free place.
  private var unique: [Node]
  /// Results of `choose` and `bind`, the last one for each place.
  private var cache: [Result]

  private struct Result {
    var condition: Node = -2
    var first: Node = 0
    var second: Node = 0
    var result: Node = 0
  }

  private static let end = Int32.max
  private static let binding: Node = -1

  package init() {
    bits = [Int32](repeating: Self.end, count: 5)
    zeros = [0, 1, 2, 3, 4]
    ones = zeros
    unique = [Node](repeating: -1, count: 1 << 16)
    cache = [Result](repeating: Result(), count: 1 << 18)
  }

  package var count: Int { bits.count }

  /// The bit that a node asks about; nil for an end.
  package func bit(_ node: Node) -> Int? { bits[Int(node)] == Self.end ? nil : Int(bits[Int(node)]) }
  package func branches(_ node: Node) -> (zero: Node, one: Node) { (zeros[Int(node)], ones[Int(node)]) }

  /// The function that is `zero` or `one` as a bit says; both ask only about later bits.
  package mutating func node(_ bit: Int, zero: Node, one: Node) -> Node {
    node(Int32(truncatingIfNeeded: bit), zero, one)
  }

  private mutating func node(_ bit: Int32, _ zero: Node, _ one: Node) -> Node {
    if zero == one { return zero }
    var place = Self.hash(bit, zero, one) & (unique.count - 1)
    while unique[place] >= 0 {
      let known = Int(unique[place])
      if bits[known] == bit, zeros[known] == zero, ones[known] == one { return unique[place] }
      place = (place + 1) & (unique.count - 1)
    }
    let new = Node(truncatingIfNeeded: bits.count)
    unique[place] = new
    bits.append(bit)
    zeros.append(zero)
    ones.append(one)
    if bits.count * 2 > unique.count { grow() }
    return new
  }

  private mutating func grow() {
    unique = [Node](repeating: -1, count: unique.count * 2)
    for index in 5..<bits.count {
      var place = Self.hash(bits[index], zeros[index], ones[index]) & (unique.count - 1)
      while unique[place] >= 0 { place = (place + 1) & (unique.count - 1) }
      unique[place] = Node(truncatingIfNeeded: index)
    }
  }

  private static func hash(_ first: Int32, _ second: Int32, _ third: Int32) -> Int {
    var value = UInt64(UInt32(bitPattern: first)) &* 0x9e37_79b9_7f4a_7c15
    value = (value ^ UInt64(UInt32(bitPattern: second))) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 29) ^ UInt64(UInt32(bitPattern: third))) &* 0x94d0_49bb_1331_11eb
    return Int(truncatingIfNeeded: (value ^ (value >> 32)) & 0x7fff_ffff)
  }

  /// `then` where a condition holds, `otherwise` elsewhere.
  package mutating func choose(_ condition: Node, _ then: Node, _ otherwise: Node) -> Node {
    if condition == Self.yes || then == otherwise { return then }
    if condition == Self.no { return otherwise }
    let place = Self.hash(condition, then, otherwise) & (cache.count - 1)
    let known = cache[place]
    if known.condition == condition, known.first == then, known.second == otherwise { return known.result }
    let bit = min(bits[Int(condition)], bits[Int(then)], bits[Int(otherwise)])
    let zero = choose(below(condition, bit, false), below(then, bit, false), below(otherwise, bit, false))
    let one = choose(below(condition, bit, true), below(then, bit, true), below(otherwise, bit, true))
    let result = node(bit, zero, one)
    cache[place] = Result(condition: condition, first: then, second: otherwise, result: result)
    return result
  }

  /// A fate with another in place of `open`.
  package mutating func bind(_ fate: Node, _ rest: Node) -> Node {
    if fate == Self.open { return rest }
    if fate < Self.open || rest == Self.open { return fate }
    let place = Self.hash(Self.binding, fate, rest) & (cache.count - 1)
    let known = cache[place]
    if known.condition == Self.binding, known.first == fate, known.second == rest { return known.result }
    let bit = min(bits[Int(fate)], bits[Int(rest)])
    let zero = bind(below(fate, bit, false), below(rest, bit, false))
    let one = bind(below(fate, bit, true), below(rest, bit, true))
    let result = node(bit, zero, one)
    cache[place] = Result(condition: Self.binding, first: fate, second: rest, result: result)
    return result
  }

  private func below(_ node: Node, _ bit: Int32, _ isOne: Bool) -> Node {
    guard bits[Int(node)] == bit else { return node }
    return isOne ? ones[Int(node)] : zeros[Int(node)]
  }

  package mutating func and(_ left: Node, _ right: Node) -> Node { choose(left, right, Self.no) }
  package mutating func or(_ left: Node, _ right: Node) -> Node { choose(left, Self.yes, right) }
  package mutating func not(_ condition: Node) -> Node { choose(condition, Self.no, Self.yes) }

  /// What a function says of a packet whose bits are given.
  package func value(_ node: Node, _ isOne: (Int) -> Bool) -> Node {
    var node = node
    while let bit = bit(node) { node = isOne(bit) ? ones[Int(node)] : zeros[Int(node)] }
    return node
  }

  /// The bits, by number, of a packet on which two functions differ; bits that are left out don't matter. Nil if there is
  /// no such packet.
  package func difference(_ left: Node, _ right: Node) -> [Int: Bool]? {
    guard left != right else { return nil }
    var (left, right) = (left, right)
    var path: [Int: Bool] = [:]
    while true {
      let bit = min(bits[Int(left)], bits[Int(right)])
      if bit == Self.end { return path }
      let ones = (below(left, bit, true), below(right, bit, true))
      let isOne = ones.0 != ones.1
      path[Int(bit)] = isOne
      (left, right) = isOne ? ones : (below(left, bit, false), below(right, bit, false))
    }
  }
}
