import Testing
import TopologyModel

@testable import Verification
