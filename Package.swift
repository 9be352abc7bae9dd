// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
]

/// For what only tests use, and takes millions of packets through files: in debug builds too.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "romana-compile",
  products: [
    .executable(name: "romana-compile", targets: ["romana-compile"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .systemLibrary(
      name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(
      name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CNamespaces"),
    .target(
      name: "TopologyModel",
      dependencies: ["CLibYAML"],
      swiftSettings: strict),
    .target(name: "Emitters", dependencies: ["TopologyModel"], swiftSettings: strict),
    .target(name: "Difference", dependencies: ["Emitters", "TopologyModel"], swiftSettings: strict),
    .target(name: "Verification", dependencies: ["TopologyModel"], swiftSettings: strict + optimized),
    .target(
      name: "Lab",
      dependencies: [
        "CNamespaces", "Emitters", "TopologyModel",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "romana-compile",
      dependencies: [
        "CLibCrypto", "CLinux", "Difference", "Emitters", "Lab", "TopologyModel", "Verification",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TopologyModelTests", dependencies: ["TopologyModel"], swiftSettings: strict),
    .testTarget(
      name: "EmittersTests", dependencies: ["Emitters", "TopologyModel"], swiftSettings: strict),
    .testTarget(
      name: "VerificationTests", dependencies: ["Emitters", "TopologyModel", "Verification"],
      swiftSettings: strict + optimized),
    .testTarget(
      name: "GoldenTests",
      dependencies: [
        "romana-compile", "Difference", "Emitters", "TopologyModel", "Verification",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["Models", "Scripts"], swiftSettings: strict),
    .testTarget(
      name: "LabTests",
      dependencies: [
        "Difference", "Emitters", "Lab", "TopologyModel",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CLITests",
      dependencies: [
        "romana-compile", "Emitters", "TopologyModel",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
  ]
)
