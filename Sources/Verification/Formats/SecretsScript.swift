import TopologyModel

/// Finds the names of a plan's secrets in `secrets.sh`; the program itself is the same in every file.
func checkSecretsScript(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let file = try TextFile(bytes, comment: "#", interpreter: "#!/bin/sh", of: device)
  guard let start = file.lines.firstIndex(where: { $0.text == "names() {" }),
    file.lines[start...].dropFirst().first?.text == "  cat <<'END'"
  else { throw ParseFailure("the list of names is missing", line: 1) }
  let names = file.lines[(start + 2)...].prefix { $0.text != "END" }.map { (String($0.text), $0.number) }
  let findings = compareLists(
    expected: device.secrets.map(\.text), found: names.map { (value: $0.0, line: $0.1) }, "secret")
  return findings + checkFrame(file)
}
