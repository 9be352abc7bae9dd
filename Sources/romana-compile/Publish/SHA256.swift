import CLibCrypto

#if canImport(Glibc)
  import Glibc
#endif

/// A SHA-256 digest (FIPS 180-4).
struct SHA256Digest: Sendable {
  fileprivate(set) var bytes = InlineArray<32, UInt8>(repeating: 0)

  /// Appends the 64 lower-case hexadecimal digits.
  func appendHex(to text: inout [UInt8]) {
    let digits: StaticString = "0123456789abcdef"
    for index in bytes.indices {
      text.append(digits.utf8Start[Int(bytes[index] >> 4)])
      text.append(digits.utf8Start[Int(bytes[index] & 15)])
    }
  }

  /// 64 lower-case hexadecimal digits.
  var hex: String {
    var text: [UInt8] = []
    appendHex(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  init() {}

  /// The digest of several texts, each preceded by its length, so that moving a byte from one to the next changes it.
  init(of parts: [[UInt8]]) {
    var hasher = SHA256Hasher()
    for part in parts {
      withUnsafeBytes(of: UInt64(part.count).littleEndian) { hasher.update($0) }
      hasher.update(part)
    }
    self = hasher.finish()
  }
}

/// Computes SHA-256 digests one after the other; one a thread.
struct SHA256Hasher: ~Copyable {
  private let context: OpaquePointer
  private let algorithm: OpaquePointer

  init() {
    // Fetched once: the one-call functions of OpenSSL 3 look the algorithm up again at every call.
    // No configuration file of the machine may choose another implementation.
    guard OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil) == 1,
      let algorithm = EVP_MD_fetch(nil, "SHA256", nil), let context = EVP_MD_CTX_new()
    else { exitWithoutSHA256() }
    self.algorithm = algorithm
    self.context = context
    start()
  }

  deinit {
    EVP_MD_CTX_free(context)
    EVP_MD_free(algorithm)
  }

  private func start() {
    guard EVP_DigestInit_ex2(context, algorithm, nil) == 1 else { exitWithoutSHA256() }
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else { exitWithoutSHA256() }
  }

  mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  /// The digest of all since the last one; the next digest starts here.
  mutating func finish() -> SHA256Digest {
    var digest = SHA256Digest()
    var span = digest.bytes.mutableSpan
    span.withUnsafeMutableBufferPointer {
      guard EVP_DigestFinal_ex(context, $0.baseAddress, nil) == 1 else { exitWithoutSHA256() }
    }
    start()
    return digest
  }

  mutating func digest(of bytes: [UInt8]) -> SHA256Digest {
    update(bytes)
    return finish()
  }
}

/// A libcrypto that lacks SHA-256 or fails at it is broken or stripped: no file can be written that could be checked.
private func exitWithoutSHA256() -> Never {
  writeText(
    "error: this machine's libcrypto cannot compute SHA-256\n = help: install OpenSSL 3 anew (Debian: apt install --reinstall libssl3)\n",
    to: .standardError)
  exit(74)
}
