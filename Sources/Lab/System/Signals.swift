import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// The first signal that asked the program to end, or 0.
private let received = Atomic<Int32>(0)

/// Notes interrupts instead of dying from them.
package func catchSignals() {
  // Touched here so that the handler only stores.
  _ = received.load(ordering: .relaxed)
  for number in [SIGINT, SIGTERM, SIGHUP] {
    signal(number) { number in
      _ = received.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    }
  }
  signal(SIGPIPE, SIG_IGN)
}

package func receivedSignal() -> Int32 { received.load(ordering: .relaxed) }
