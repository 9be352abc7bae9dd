import Glibc

/// Reads the files of local additions beside the file that names them; each file is read once.
struct InsertionReader {
  let files: FileSource
  private var known: [String: InsertedText?] = [:]

  init(files: FileSource) { self.files = files }

  /// Fills in the texts of the additions that a topology file names.
  ///
  /// - Parameter topology: the path of that file; what `file:` says is relative to its folder.
  mutating func read(
    _ documents: inout [InsertionDocument], besides topology: String, _ sources: inout SourceMap,
    _ diagnostics: inout Diagnostics
  ) {
    let folder = topology.lastIndex(of: "/").map { String(topology[...$0]) } ?? ""
    for index in documents.indices {
      guard let path = documents[index].file else { continue }
      let place = folder + path.value.text
      if let text = known[place] {
        documents[index].text = text
        continue
      }
      let text = readText(place, in: folder.isEmpty ? "." : folder, path, &sources, &diagnostics)
      known[place] = .some(text)
      documents[index].text = text
    }
  }

  private func readText(
    _ place: String, in folder: String, _ path: Located<InsertionPath>, _ sources: inout SourceMap,
    _ diagnostics: inout Diagnostics
  ) -> InsertedText? {
    let shown = files.label + place
    guard let canonical = files.canonical(place) else {
      diagnostics.add(.insertionUnreadable(shown, systemErrorText(errno), at: path.range))
      return nil
    }
    guard let root = files.canonical(folder), isInside(canonical, root) else {
      diagnostics.add(.insertionOutside(path.value.text, at: path.range))
      return nil
    }
    if let reason = files.unfitness(canonical, InsertedText.maximumSize) {
      diagnostics.add(.insertionUnreadable(shown, reason, at: path.range))
      return nil
    }
    do throws(FileReadError) {
      let bytes = try files.read(canonical).get()
      do throws(InsertedTextError) {
        let text = try InsertedText(checking: bytes)
        _ = sources.add(SourceFile(path: shown, bytes: bytes))
        return text
      } catch {
        diagnostics.add(.invalidInsertion(shown, error, bytes, at: path.range))
      }
    } catch {
      diagnostics.add(.insertionUnreadable(shown, "it can't be read", at: path.range))
    }
    return nil
  }
}

private func isInside(_ path: String, _ folder: String) -> Bool {
  path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
}

extension Diagnostic {
  static func insertionUnreadable(_ path: String, _ reason: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .insertionUnreadable, "the local addition '\(path)' can't be used: \(reason)", at: range,
      help: ["paths are relative to the file that names them; an addition is a text file of up to 64 KiB"])
  }

  static func insertionOutside(_ path: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .insertionPath, "the local addition \(shown(path)) is not beside the topology", at: range,
      notes: ["a symbolic link leads out of the folder of the topology"],
      help: ["copy the file into a folder beside the topology"])
  }

  static func insertionPath(_ path: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .insertionPath, "\(shown(path)) is not the path of a local addition", at: range,
      notes: [
        "it is relative to the file that names it; its parts hold letters, digits, '-', '_' and '.', and begin with a letter or digit"
      ],
      help: ["put the file into a folder beside the topology, e.g. `file: local/acme.conf`"])
  }

  static func invalidInsertion(
    _ path: String, _ error: InsertedTextError, _ bytes: [UInt8], at range: SourceRange
  ) -> Diagnostic {
    func place(_ offset: Int) -> String {
      let (line, column) = LineTable(SourceFile(path: path, bytes: bytes)).position(of: offset)
      return "\(path):\(line):\(column)"
    }
    let (message, help): (String, String) =
      switch error {
      case .empty: ("'\(path)' is empty", "remove it from `insertions:`, or write what is to be added")
      case .byteOrderMark: ("'\(path)' begins with a byte order mark", "save it as UTF-8 without BOM")
      case .notUTF8(let offset):
        ("\(place(offset)): the byte 0x\(String(bytes[offset], radix: 16)) is not UTF-8", "save the file as UTF-8")
      case .controlCharacter(let offset):
        ("\(place(offset)): a character that can't be seen", "remove it; lines end with a line feed alone")
      case .noLineFeed: ("'\(path)' does not end with a line feed", "end its last line")
      case .mark(let offset):
        (
          "\(place(offset)): a line that names romana-compile",
          "leave the word out: it could be taken for a mark of the compiler"
        )
      }
    return Diagnostic(.invalidInsertion, message, at: range, help: [help])
  }
}
