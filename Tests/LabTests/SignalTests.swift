import Testing

@testable import Lab

#if canImport(Glibc)
  import Glibc
#endif

/// What ends a lab, each in a process of its own.
@Suite struct SignalTests {
  @Test func `a hangup asks a lab to end`() async {
    await #expect(processExitsWith: .exitCode(SIGHUP)) {
      signal(SIGHUP, SIG_DFL)
      exit(afterHangup())
    }
  }

  @Test func `a lab under nohup does not end with its terminal`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      signal(SIGHUP, SIG_IGN)
      exit(afterHangup())
    }
  }
}

/// The signal that a process that catches signals has received once it was sent SIGHUP.
private func afterHangup() -> Int32 {
  // The threads that tests run on block signals.
  var all = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_UNBLOCK, &all, nil)
  catchSignals()
  raise(SIGHUP)
  return receivedSignal()
}
