import TopologyModel

/// Passes local additions on as they are, each between two marks that name its point and its file.
func emitInsertions(_ insertions: [Insertion], comment: StaticString = "#", into writer: inout TextWriter) {
  for insertion in insertions {
    emitMark("begin", insertion, comment, into: &writer)
    writer.write(insertion.text)
    emitMark("end", insertion, comment, into: &writer)
  }
}

private func emitMark(
  _ edge: StaticString, _ insertion: Insertion, _ comment: StaticString, into writer: inout TextWriter
) {
  writer.write(comment)
  writer.write(" romana-compile insertion ")
  writer.write(edge)
  writer.write(": ")
  writer.write(insertion.point)
  writer.write(" from ")
  writer.write(insertion.path)
  writer.newline()
}
