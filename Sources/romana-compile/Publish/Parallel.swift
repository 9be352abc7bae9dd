import Dispatch
import Glibc
import Synchronization

/// Applies `body` to consecutive ranges that cover `0..<count`, on several threads, and gives the results in order.
///
/// Neither the results nor, when several ranges fail, the error that is thrown depend on the number of threads: ranges are
/// taken in order, none is taken after a failure, and the failure of the lowest range counts.
/// - Parameters:
///   - threadCount: nil takes all processors.
///   - scratch: Makes what one thread uses over and over.
func mapRanges<Scratch: ~Copyable, Result: Sendable>(
  of count: Int, threadCount: Int?, stopsOnSignal: Bool = true, scratch makeScratch: @Sendable () -> Scratch,
  _ body: @Sendable (Range<Int>, inout Scratch) throws(PublishError) -> Result
) throws(PublishError) -> [Result] {
  let threads = max(1, threadCount ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  let size = max(1, min(32, count / (threads * 4)))
  let rangeCount = (count + size - 1) / size
  let next = Atomic<Int>(0)
  let failed = Atomic<Bool>(false)
  let state = Mutex<RangeResults<Result>>(RangeResults(count: rangeCount))
  DispatchQueue.concurrentPerform(iterations: min(threads, rangeCount)) { _ in
    var scratch = makeScratch()
    while !failed.load(ordering: .relaxed) {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= rangeCount { return }
      do throws(PublishError) {
        if stopsOnSignal { try checkInterrupts() }
        let result = try body(index * size..<min(count, (index + 1) * size), &scratch)
        state.withLock { $0.results[index] = result }
      } catch {
        failed.store(true, ordering: .relaxed)
        state.withLock { $0.note(error, at: index) }
      }
    }
  }
  return try state.withLock { (state) throws(PublishError) in
    if let failure = state.failure { throw failure.error }
    return state.results.map { $0! }
  }
}

private struct RangeResults<Result> {
  var results: [Result?]
  var failure: (index: Int, error: PublishError)?

  init(count: Int) { results = Array(repeating: nil, count: count) }

  mutating func note(_ error: PublishError, at index: Int) {
    if failure.map({ index < $0.index }) ?? true { failure = (index, error) }
  }
}
