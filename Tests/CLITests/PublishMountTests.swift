import Glibc
import Testing

@testable import romana_compile

/// Runs only as root, in mount namespaces of its own; under CI=true it must run.
private let canMount = geteuid() == 0

@Suite(.enabled(if: canMount || getenv("CI") != nil, "left out: needs root to mount file systems"))
struct PublishMountTests {
  /// Runs a script in a mount namespace that ends with it. `$compiler`, `$topology` and `$folder` are set.
  private func runWithMounts(_ workshop: Workshop, _ script: String) throws -> FinishedProgram {
    try #require(canMount, "needs root to mount file systems")
    let prelude = "compiler=$0 topology=$1 folder=$2\n"
    return try runProgram(
      "unshare",
      [
        "--mount", "--propagation", "private", "sh", "-c", prelude + script, compiler(), workshop.topology,
        workshop.folder.path,
      ])
  }

  @Test(arguments: [[], ["--force"]]) func `a mount point is not replaced`(options: [String]) throws {
    let workshop = try Workshop()
    let finished = try runWithMounts(
      workshop,
      """
      mkdir $folder/out
      mount -t tmpfs none $folder/out
      $compiler build $topology -o $folder/out \(options.joined(separator: " "))
      """)
    #expect(finished.status == 74)
    #expect(finished.errors.contains("out' is a mount point"), "\(finished.errors)")
  }

  @Test func `a folder mounted onto itself is a mount point too`() throws {
    let workshop = try Workshop()
    let finished = try runWithMounts(
      workshop,
      """
      mkdir "$folder/a b"
      mount --bind "$folder/a b" "$folder/a b"
      $compiler build $topology -o "$folder/a b"
      """)
    #expect(finished.status == 74)
    #expect(finished.errors.contains("a b' is a mount point"), "\(finished.errors)")
  }

  @Test func `a mount inside the tree stops the run, forced or not`() throws {
    let workshop = try Workshop()
    let finished = try runWithMounts(
      workshop,
      """
      $compiler build $topology -o $folder/out
      mkdir $folder/other && echo mine > $folder/other/x
      mount --bind $folder/other $folder/out/hosts/r1-h1
      $compiler build $topology -o $folder/out --force
      echo status $?
      cat $folder/other/x
      """)
    #expect(finished.output.hasSuffix("status 74\nmine\n"), "\(finished.output)")
    #expect(finished.errors.contains("out/hosts/r1-h1', inside the output folder"), "\(finished.errors)")
  }

  @Test func `a read-only file system is named`() throws {
    let workshop = try Workshop()
    let finished = try runWithMounts(
      workshop,
      """
      mkdir $folder/ro && mount -t tmpfs none $folder/ro
      $compiler build $topology -o $folder/ro/out
      mount -o remount,ro $folder/ro
      $compiler build $topology -o $folder/ro/out
      echo status $?
      cd $folder/ro/out && sha256sum -c --quiet MANIFEST.sha256
      """)
    #expect(finished.status == 0 && finished.output.hasSuffix("status 74\n"), "\(finished.output)")
    #expect(finished.errors.contains("ead-only file system"), "\(finished.errors)")
    #expect(finished.errors.contains("help: choose a folder that you may write to"), "\(finished.errors)")
  }

  @Test(arguments: ["size=1200k", "nr_inodes=200"])
  func `a full disk leaves the old tree and says so`(limit: String) throws {
    let workshop = try Workshop()
    let large = try Workshop(TestTopology(racks: 6, hostsPerRack: 20))
    let finished = try runWithMounts(
      workshop,
      """
      mkdir $folder/disk && mount -t tmpfs -o \(limit) none $folder/disk && cd $folder/disk
      $compiler build $topology -o out && cp out/manifest.json $folder/before
      $compiler build \(large.topology) -o out
      echo status $?
      cmp $folder/before out/manifest.json && (cd out && sha256sum -c --quiet MANIFEST.sha256)
      ls -A
      $compiler build \(large.topology) -o fresh
      echo status $?
      ls -A
      """)
    #expect(finished.output.hasSuffix("status 74\nout\nstatus 74\nout\n"), "\(finished.output)")
    #expect(
      finished.errors.contains("o space left on device; 'out' is as it was before"), "\(finished.errors)")
    #expect(finished.errors.contains("nothing is at 'fresh', as before"), "\(finished.errors)")
    #expect(finished.errors.contains("help: free some space"), "\(finished.errors)")
  }

  @Test func `a folder that its user may not write to is named`() throws {
    let workshop = try Workshop()
    let finished = try runWithMounts(
      workshop,
      """
      chmod 755 $folder && $compiler build $topology -o $folder/out
      cp $compiler $folder/ && cd $folder && mkdir open && chmod 777 open
      setpriv --reuid 65534 --clear-groups ./romana-compile build topology.yaml -o out --lock open/lock.yaml
      echo status $?
      """)
    #expect(finished.output.hasSuffix("status 74\n"), "\(finished.output) \(finished.errors)")
    #expect(finished.errors.contains("ermission denied"), "\(finished.errors)")
  }

  @Test func `a folder of a lower layer is named`() throws {
    let workshop = try Workshop()
    let finished = try runWithMounts(
      workshop,
      """
      cd $folder && mkdir low up work all && $compiler build $topology -o low/out
      mkdir space && mount -t tmpfs none space && mkdir space/up space/work
      mount -t overlay none -o lowerdir=low,upperdir=space/up,workdir=space/work all || exit 0
      sed -i 's/fabric: .*/fabric: rome/' $topology && rm -f $folder/topology.lock.yaml
      $compiler build $topology -o all/out
      echo status $?
      (cd all/out && sha256sum -c --quiet MANIFEST.sha256)
      """)
    // With `redirect_dir` the kernel can rename such a folder.
    let isRefused = finished.errors.contains("is as it was before\n = help: the folder seems to be of a lower layer")
    #expect(finished.output.hasSuffix("status 0\n") || isRefused, "\(finished.errors)")
    #expect(!finished.output.contains("FAILED"), "\(finished.output)")
  }
}
