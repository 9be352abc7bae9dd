import Glibc
import SystemPackage

/// Why a tree could not be written, printed or read: nothing of it is about the topology.
struct PublishError: Error, Sendable, Equatable {
  /// One lower-case sentence without a full stop.
  var message: String
  /// What to do.
  var help: [String] = []
  /// The exit status of the compiler: 74 (EX_IOERR of sysexits(3)), 64 for a request that makes no sense, 128 and
  /// the signal's number if a signal ended the run.
  var exitStatus: Int32 = 74
}

extension PublishError {
  /// A failed system call: what was to be done, to which path, and why it did not happen.
  init(_ attempt: String, _ path: String, _ code: Errno) {
    self.init(message: "cannot \(attempt) \(quoted(path)): \(code.description.lowercasedFirst)")
    help = Self.advice(on: code)
  }

  static func interrupted(by signal: Int32) -> PublishError {
    PublishError(message: "interrupted by signal \(signal)", exitStatus: 128 + signal)
  }

  private static func advice(on code: Errno) -> [String] {
    switch code {
    case .noSpace, .diskQuotaExceeded:
      ["free some space: a build needs room for the new tree beside the old one"]
    case .readOnlyFileSystem, .permissionDenied, .notPermitted:
      ["choose a folder that you may write to; the folder above it must be writable too"]
    case .fileTooLarge: ["raise the limit on the size of files (ulimit -f)"]
    case .improperLink:
      [
        "the folder seems to be of a lower layer of an overlay, such as a container's image: remove it first, or "
          + "name a folder on a volume"
      ]
    case .tooManyOpenFiles: ["raise the limit on open files (ulimit -n)"]
    default: []
    }
  }
}

/// Runs system calls; when one fails, says what was attempted, and on which path.
func explaining<Result: ~Copyable>(
  _ attempt: String, _ path: @autoclosure () -> String, _ body: () throws(Errno) -> Result
) throws(PublishError) -> Result {
  do throws(Errno) { return try body() } catch { throw PublishError(attempt, path(), error) }
}

extension Errno {
  /// The reason of the system call that just failed; to be read before anything else is called.
  static var last: Errno { Errno(rawValue: errno) }
}

/// A path as messages show it: in quotes, with control characters spelled out.
func quoted(_ path: String) -> String { "'\(printable(path))'" }

/// The text with each control character as `\u{hexadecimal}`, so that it can't drive a terminal.
func printable(_ text: some StringProtocol) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    if scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

extension String {
  /// The C library writes "No space left on device"; a message goes on in lower case.
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
