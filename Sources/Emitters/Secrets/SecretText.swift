import TopologyModel

/// The longest key of keyed MD5 (RFC 2328 section D.3); longer ones are cut off by some implementations.
let maximumOSPFKey = 16

/// The longest key of TCP MD5 that Linux takes (TCP_MD5SIG_MAXKEYLEN, tcp(7)).
let maximumMD5Key = 80

extension TextWriter {
  /// Leaves the place of a secret: `secrets.sh` fills it in on the device.
  ///
  /// The two spaces make a line that is not filled in a syntax error to every daemon.
  ///
  /// - Parameters:
  ///   - maximum: how many bytes the secret may have at most.
  ///   - quoted: whether it gets double quotes.
  mutating func write(secret name: Name, maximum: Int, quoted: Bool = false) {
    write(quoted ? "<quoted-secret " : "<secret ")
    write(name)
    write(" ")
    write(maximum)
    write(">")
  }
}
