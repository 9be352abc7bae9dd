import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// The first signal that asked the program to end, or 0.
private let received = Atomic<Int32>(0)

/// Notes interrupts instead of dying from them, but for those that the program was started to ignore (nohup(1)).
package func catchSignals() {
  // Touched here so that the handler only stores.
  _ = received.load(ordering: .relaxed)
  for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
    signal(number) { number in
      _ = received.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    }
  }
  signal(SIGPIPE, SIG_IGN)
}

private func isIgnored(_ number: Int32) -> Bool {
  var action = sigaction()
  sigaction(number, nil, &action)
  return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}

package func receivedSignal() -> Int32 { received.load(ordering: .relaxed) }
