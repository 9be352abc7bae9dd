import Glibc
import Synchronization

/// The signal that asked the run to end, 0 while there is none.
private let pendingSignal = Atomic<Int32>(0)

/// Throws once SIGINT, SIGTERM or SIGHUP has arrived under `withInterrupts`.
func checkInterrupts() throws(PublishError) {
  let signal = pendingSignal.load(ordering: .relaxed)
  if signal != 0 { throw .interrupted(by: signal) }
}

/// Runs `body` so that SIGINT, SIGTERM and SIGHUP are noted for `checkInterrupts` and do not end the process.
///
/// A second signal of the same kind ends it at once. A file size limit becomes an error of write(2).
func withInterrupts<Result>(
  _ handles: Bool, _ body: () throws(PublishError) -> Result
) throws(PublishError) -> Result {
  guard handles else { return try body() }
  // Also initializes the variable before a handler can run.
  pendingSignal.store(0, ordering: .relaxed)
  let former = [SIGINT, SIGTERM, SIGHUP].map { ($0, noteSignal($0)) }
  let formerLimit = signal(SIGXFSZ, SIG_IGN)
  defer {
    for (number, action) in former {
      var action = action
      sigaction(number, &action, nil)
    }
    _ = signal(SIGXFSZ, formerLimit)
  }
  return try body()
}

/// Installs the handler of one signal, unless the process was started with the signal ignored (nohup(1)).
private func noteSignal(_ number: Int32) -> sigaction {
  var former = sigaction()
  sigaction(number, nil, &former)
  if unsafeBitCast(former.__sigaction_handler.sa_handler, to: Int.self) == ignoredHandler { return former }
  var action = sigaction()
  action.__sigaction_handler.sa_handler = { pendingSignal.store($0, ordering: .relaxed) }
  action.sa_flags = Int32(SA_RESTART) | Int32(truncatingIfNeeded: SA_RESETHAND)
  sigaction(number, &action, nil)
  return former
}

/// SIG_IGN (signal.h).
private let ignoredHandler = 1
