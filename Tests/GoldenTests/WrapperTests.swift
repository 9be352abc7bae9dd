import Foundation
import Subprocess
import SystemPackage
import Testing
import TopologyModel

@testable import romana_compile

#if canImport(Glibc)
  import Glibc
#endif

/// What a pipeline meets: `-`, reports in files, `init`, and the wrappers with linters of their own.
@Suite(.disabled(if: Repository.isRewriting, "the files are being rewritten"))
struct WrapperTests {
  private struct Result {
    var status: Int32
    var output, errors: String
  }

  private func sh(_ script: String, _ arguments: [String] = [], in folder: FilePath? = nil) async throws -> Result {
    let path = "\(AnsibleTests.programs):\(Repository.program.removingLastComponent()):/usr/sbin:/usr/bin:/sbin:/bin"
    let result = try await Subprocess.run(
      .path("/bin/bash"), arguments: Arguments(["-euc", script, "bash"] + arguments),
      environment: .inherit.updating(["PATH": path, "LC_ALL": "C.UTF-8", "HOME": folder?.string ?? "/tmp"]),
      workingDirectory: folder ?? Repository.root, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    return Result(status: result.terminationStatus.code, output: result.standardOutput, errors: result.standardError)
  }

  private var starter: String { Repository.examples.appending("starter").appending("topology.yaml").string }

  @Test func `init's topology passes check and build, and is not written over another file`() async throws {
    let folder = try await Scratch.folder("init")
    let result = try await sh(
      """
      romana-compile init
      romana-compile check topology.yaml
      romana-compile init - | cmp - topology.yaml && echo same
      romana-compile build topology.yaml -o out
      echo mine > topology.yaml
      romana-compile init || echo status $?
      cat topology.yaml
      """, in: folder)
    await Scratch.remove(folder)
    #expect(
      result.output.split(separator: "\n").map(String.init) == [
        "topology.yaml written; next: romana-compile check topology.yaml",
        "example: 1 region, 2 racks, 17 hosts, 1 network, 2 tenants: no errors; a build will write topology.lock.yaml",
        "same", "out: 21 devices, 169 files written", "status 74", "mine",
      ], "\(result.output)")
    #expect(
      result.errors
        == "error: cannot create 'topology.yaml': file exists\n = help: name another file, or '-' to look at it\n")
  }

  @Test func `a topology from standard input is checked and built`() async throws {
    let folder = try await Scratch.folder("stdin")
    let result = try await sh(
      """
      romana-compile check - < "$1"
      romana-compile build - -o out < "$1" || echo status $?
      romana-compile build - --lock net.lock.yaml -o out < "$1"
      romana-compile build - --lock net.lock.yaml --locked -o - < "$1" | grep -c '^==> hosts/h1/'
      """, [starter], in: folder)
    await Scratch.remove(folder)
    let lines = result.output.split(separator: "\n")
    #expect(lines.first == "starter: 1 region, 2 racks, 4 hosts, 1 network, 2 tenants: no errors")
    #expect(lines.dropFirst().first == "status 64" && result.errors.contains("needs --lock FILE"), "\(result.errors)")
    #expect(lines.count == 4 && lines[2].hasPrefix("out: 7 devices, ") && Int(lines[3]) ?? 0 >= 8, "\(lines)")
  }

  @Test func `a report goes to a file, and what was done to standard output`() async throws {
    let folder = try await Scratch.folder("report")
    let result = try await sh(
      """
      romana-compile check "$1" --format sarif --report messages.sarif
      python3 -c 'import json; print(json.load(open("messages.sarif"))["version"])'
      romana-compile check "$1" --report x || echo status $?
      romana-compile check "$1" --format json --report none/x || echo status $?
      """, [starter], in: folder)
    await Scratch.remove(folder)
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 4 && lines[0].hasPrefix("starter: ") && lines[1] == "2.1.0", "\(lines)")
    #expect(lines.suffix(2) == ["status 64", "status 74"], "\(result.errors)")
  }

  /// As after `git clone`: new files, new times, no tree of the compiler's own making.
  @Test func `a build into a fresh checkout of its tree touches nothing`() async throws {
    let folder = try await Scratch.folder("checkout")
    let result = try await sh(
      """
      cp -r "$(dirname "$1")" net
      cp -r "$2" out
      list() { find out -printf '%p %i %T@ %C@ %m\\n' | sort; }
      list > before
      romana-compile build net/topology.yaml --locked -o out
      romana-compile verify net/topology.yaml --locked --golden out
      list | cmp before - && echo untouched
      """, [starter, Repository.golden.appending("starter").string], in: folder)
    await Scratch.remove(folder)
    let lines = result.output.split(separator: "\n")
    #expect(
      lines.count == 3 && lines[0].hasSuffix("nothing to change") && lines[1].hasSuffix("as compiled"), "\(lines)")
    #expect(lines.last == "untouched", "\(result.errors)")
  }

  @Test(arguments: [
    ("check-jsonschema", "check-jsonschema --builtin-schema vendor.github-actions action.yml"),
    ("pre-commit", "pre-commit validate-manifest .pre-commit-hooks.yaml"),
    ("hadolint", "hadolint --no-color Dockerfile"),
  ])
  func `the wrappers pass their own linters`(_ program: String, _ command: String) async throws {
    let path = "\(AnsibleTests.programs)/\(program)"
    guard Sandbox.hasFile(path, for: program, hint: "scripts/ensure-ansible") else { return }
    let result = try await sh(command)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  /// Every message that there is a golden for, and a report without any. In Python's dialect of regular expressions: the schema
  /// has one that is none in JavaScript's.
  @Test func `SARIF is what the schema of the format says`() async throws {
    let path = "\(AnsibleTests.programs)/check-jsonschema"
    guard Sandbox.hasFile(path, for: "check-jsonschema", hint: "scripts/ensure-ansible") else { return }
    let folder = try await Scratch.folder("sarif")
    for pair in DiagnosticPair.all {
      let (diagnostics, sources) = pair.messages(in: pair.folder)
      let text = MessageFormat.sarif.spell(diagnostics.reported(sources), topology: "input.yaml")
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder.appending("\(pair.name).sarif").string))
    }
    let result = try await sh(
      """
      romana-compile check "$1" --format sarif > without-messages.sarif
      schema=$(dirname "$(command -v check-jsonschema)")/../share/sarif-2.1.0-rtm.4.json
      holds() { check-jsonschema --regex-variant python --schemafile "$schema" "$@"; }
      holds *.sarif
      sed 's/"results"/"findings"/' without-messages.sarif > wrong.json
      holds wrong.json || echo refused
      """, [starter], in: folder)
    await Scratch.remove(folder)
    #expect(result.status == 0 && result.output.hasSuffix("refused\n"), "\(result.output)\(result.errors)")
    #expect(result.output.contains("ok -- validation done"), "\(result.output)\(result.errors)")
  }

  /// The steps of action.yml, with what GitHub would put into their environment.
  @Test func `the action ends with the status of the compiler, and annotates`() async throws {
    let folder = try await Scratch.folder("action")
    let result = try await sh(
      """
      cp -r "$(dirname "$1")" net
      cp -r "$2" out
      python3 - "$3/action.yml" <<'END'
      import sys, yaml
      for number, step in enumerate(yaml.safe_load(open(sys.argv[1]))["runs"]["steps"]):
          open(f"step{number}", "w").write(step["run"])
      END
      export TOPOLOGY=net/topology.yaml SARIF= ARGUMENTS= TREE=out SOURCE=none
      for step in 0 1 2; do bash -e step$step; done
      SARIF=m.sarif ARGUMENTS="--allow RC0506" bash -e step1 && test -s m.sarif
      echo >> out/hosts/h1/bird.conf
      bash -e step2 >/dev/null || echo status $?
      sed -i 's/10.0.0.0.16/10.0.0.1\\/16/' net/topology.yaml
      bash -e step1 || echo status $?
      """, [starter, Repository.golden.appending("starter").string, Repository.root.string], in: folder)
    await Scratch.remove(folder)
    let lines = result.output.split(separator: "\n")
    #expect(lines.contains("status 2") && lines.last == "status 1", "\(lines) \(result.errors)")
    #expect(lines.contains { $0.hasPrefix("::error file=net/topology.yaml,line=8,") }, "\(lines)")
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions know every command`(_ shell: String) async throws {
    let result = try await sh("romana-compile --generate-completion-script \(shell)")
    let again = try await sh("romana-compile --generate-completion-script \(shell)")
    #expect(result.status == 0 && result.output == again.output && !result.output.isEmpty)
    for command in RomanaCompile.configuration.subcommands {
      let name = try #require(command.configuration.commandName)
      #expect(result.output.contains(name), "\(name)")
    }
    if shell == "bash" {
      let folder = try await Scratch.folder("completion")
      try Repository.write(result.output, to: folder.appending("script"))
      let check = try await sh("bash -n script && . ./script && complete -p romana-compile", in: folder)
      await Scratch.remove(folder)
      #expect(check.status == 0 && check.output.contains("romana-compile"), "\(check.errors)")
    }
  }
}
