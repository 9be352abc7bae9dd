import Testing

@testable import romana_compile

@Suite struct VersionTests {
  @Test func `the version has three numbers`() { #expect(compilerVersion.split(separator: ".").count == 3) }
}
