import TopologyModel

/// A rule as `iptables-save` prints it, without its chain.
package func ruleText(_ rule: FilterRule) -> String {
  var writer = TextWriter()
  write(rule, into: &writer)
  return String(decoding: writer.bytes.dropFirst(), as: UTF8.self)
}

/// A rule as nft(8) takes it.
package func ruleText(_ rule: NFTRule) -> String {
  var writer = TextWriter()
  write(rule, into: &writer)
  return String(decoding: writer.bytes, as: UTF8.self)
}

/// An element of a set or map as nft(8) takes it.
package func elementText(_ element: NFTElement) -> String {
  var writer = TextWriter()
  write(element, into: &writer)
  return String(decoding: writer.bytes, as: UTF8.self)
}
