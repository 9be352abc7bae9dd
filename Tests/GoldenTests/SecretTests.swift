import Emitters
import Foundation
import Testing
import TopologyModel

/// What the golden tests give for every secret.
func filledIn(_ file: String) -> String {
  var file = file.replacing(/\ ! <until-secret>\n.*\n/, with: "")
  file.replace(/<secret [^>]*>/, with: "golden-secret")
  return file
}

/// Secrets reach a device by name only, and no session is open without its own.
@Suite(.serialized, .disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct SecretTests {
  /// Every line of every golden file that takes a key has the place of one, and nothing else.
  @Test(arguments: Example.names)
  func `no golden file holds a secret`(name: String) throws {
    let example = try Example.named(name)
    for device in example.devices() {
      var found: Set<String> = []
      for kind in device.artifacts where kind != .secretsScript {
        let bytes = try example.read(kind, of: device)
        // Most files have none of the words: to look at each of their lines takes minutes.
        let words = ["password", "message-digest-key", "key-string", "<secret "]
        guard words.contains(where: { Data(bytes).range(of: Data($0.utf8)) != nil }) else { continue }
        let file = String(decoding: bytes, as: UTF8.self)
        for line in file.split(separator: "\n") {
          guard
            let word = line.firstMatch(of: /(^|\ )(md5-password|password|message-digest-key 1 md5|key-string) (.*)$/)
          else { continue }
          let place = try #require(
            word.3.wholeMatch(of: /<(quoted-)?secret ([^ <>]+) [0-9]+>( \{|;)?/),
            "\(device.name) \(kind.fileName): \(line)")
          found.insert(String(place.2))
        }
        #expect(file.contains("<until-secret>") || !file.contains(" neighbor ") || !file.contains("<secret "))
      }
      #expect(found.isSubset(of: device.secrets.map(\.text)), "\(device.name)")
      #expect(device.bgp == nil || found == Set(device.secrets.map(\.text)), "\(device.name)")
      #expect(device.artifacts.contains(.secretsScript) == !device.secrets.isEmpty)
    }
  }

  @Test func `where keys are given every session has one`() throws {
    let example = try Example.named("tcp-md5")
    for device in example.devices() {
      for session in device.bgp?.sessions ?? [] {
        #expect(session.secret != nil, "\(device.name) and \(session.neighbor)")
      }
    }
    let pair = try #require(try example.device("tor2").bgp?.sessions.first { $0.neighbor.text == "tor3" })
    #expect(pair.secret?.text == "fabric-core")
  }

  /// TCP MD5 in the kernel: the session comes up with the key of the other end, and not with another.
  @Test(arguments: [("h1", ArtifactKind.bird), ("h3", .exabgp)])
  func `a session comes up with the right key only`(host: String, kind: ArtifactKind) async throws {
    let example = try Example.named("tcp-md5")
    let device = try example.device(host)
    let bgp = try #require(device.bgp)
    let session = try #require(bgp.sessions.first { $0.family == .ipv4 })
    let output = try await Sandbox.run(
      "md5-pair.sh",
      [
        example.folder(device), "\(kind.fileName)", "\(try #require(session.localAddress))", "\(bgp.asn)",
        "\(try #require(session.neighborAddress))", "\(session.neighborASN)", "provider",
      ], needs: ["bird", "birdc", "exabgp", "ip"])
    guard let output else { return }
    #expect(output["golden-secret"] == ["Established"], "\(output)")
    #expect(output["wrong-secret"]?.count == 1 && output["wrong-secret"] != ["Established"], "\(output)")
  }
}
