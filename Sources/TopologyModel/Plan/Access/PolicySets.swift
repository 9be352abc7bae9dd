/// The sets of addresses that policies make (`firewall: { sets: ipset }`); lists that are the same make one.
struct PolicySets: Sendable {
  let family: AddressFamily
  private(set) var sets: [AddressSet] = []
  private var names: [[Prefix]: AddressSetName] = [:]

  init(_ family: AddressFamily) { self.family = family }

  /// The name of the set of a list, if it is one to make a set of.
  mutating func add(_ list: AddressList) -> AddressSetName? {
    guard let prefixes = RowForm.sets.set(list) else { return nil }
    if let known = names[prefixes] { return known }
    let name = AddressSetName(family, .policy(sets.count))
    names[prefixes] = name
    sets.append(AddressSet(name: name, prefixes: prefixes.sorted()))
    return name
  }
}
