import Testing
import TopologyModel

@testable import Emitters

@Suite struct TextWriterTests {
  @Test func `numbers and addresses are written in canonical text`() throws {
    var writer = TextWriter()
    writer.write(4_294_967_295 as UInt32)
    writer.write(" ")
    writer.write(try Prefix(parsing: "fd00::/8"))
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "4294967295 fd00::/8")
  }
}
