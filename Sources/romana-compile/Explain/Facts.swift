/// What is known of a thing: a heading and lines of a word and what it is.
struct Facts {
  var title: String
  var lines: [(key: String, value: String)] = []

  mutating func add(_ key: String, _ value: String?) {
    if let value, !value.isEmpty { lines.append((key, value)) }
  }

  /// The values stand in a column.
  var text: String {
    let width = lines.map(\.key.count).max() ?? 0
    return title + "\n"
      + lines.map { key, value in
        "  " + key + String(repeating: " ", count: width - key.count + 2) + value + "\n"
      }
      .joined()
  }
}
