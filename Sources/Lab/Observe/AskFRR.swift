import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// The daemons of FRR that are asked.
enum FRRDaemon: String, Sendable {
  case bgpd, ospfd, ospf6d
}

extension Lab {
  /// Asks a daemon of FRR over its own socket, as vtysh does: a start of vtysh, which first learns every command of every daemon,
  /// costs more than all that a daemon does for the answer, and labs ask thousands of times.
  ///
  /// The question ends with a zero byte, the answer with three of them and the status of the command (FRR, lib/vty.c).
  func ask(_ node: LabNode, _ daemon: FRRDaemon, _ command: String) async throws(LabError) -> String {
    let path = "/var/run/frr/\(pathspace(node))/\(daemon.rawValue).vty"
    let failure = "\(node.name): \(daemon.rawValue) does not answer '\(command)'"
    let descriptor = try connect(toSocketAt: path, failure)
    defer { close(descriptor) }
    let question = Array(command.utf8) + [0]
    guard send(descriptor, question, question.count, Int32(MSG_NOSIGNAL)) == question.count else {
      throw systemError(failure)
    }
    var answer: [UInt8] = []
    let watch = Stopwatch()
    while !isComplete(answer) {
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 {
        answer += buffer[..<count]
      } else if count < 0, errno == EAGAIN || errno == EINTR, watch.seconds < 20 {
        await pause(0.002)
      } else {
        throw systemError(failure)
      }
    }
    guard answer.last == 0 else { throw LabError("\(failure): status \(answer[answer.count - 1])") }
    return String(decoding: answer.dropLast(4), as: UTF8.self)
  }

  private func isComplete(_ answer: [UInt8]) -> Bool {
    answer.count >= 4 && answer[(answer.count - 4)..<(answer.count - 1)].allSatisfy { $0 == 0 }
  }

  /// Opens a stream to a socket of the file system (unix(7)), not blocking.
  private func connect(toSocketAt path: String, _ failure: String) throws(LabError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let isLong = withUnsafeMutableBytes(of: &address.sun_path) { place in
      guard path.utf8.count < place.count else { return true }
      place.copyBytes(from: path.utf8)
      return false
    }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard !isLong, descriptor >= 0 else { throw systemError(failure) }
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isConnected, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
      let error = systemError(failure)
      close(descriptor)
      throw error
    }
    return descriptor
  }
}
