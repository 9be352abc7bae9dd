/// The stable codes of all messages, `RC0101` and so on. A number is never used again for something else.
///
/// The case's name, in kebab case, names the folder of its golden pair. Hundreds: 1 reading, 2 the schema,
/// 3 names, 4 addresses, 5 routing, 6 the lock file and, from 610 on, EC2, 7 policies and services.
package enum DiagnosticCode: UInt16, Sendable, Hashable, CaseIterable {
  case cannotRead = 101
  case isDirectory = 102
  case notUTF8 = 103
  case emptyTopology = 104
  case yamlSyntax = 105
  case severalDocuments = 106
  case tagNotAllowed = 107
  case undefinedAlias = 108
  case aliasExpansion = 109
  case nestingTooDeep = 110
  case duplicateKey = 111
  case controlCharacter = 112
  case fileTooLarge = 113
  case includeMatchesNothing = 114
  case includeCycle = 115
  case keyOnlyInMainFile = 116
  case keyNotScalar = 117
  case byteOrderMark = 118
  case insertionUnreadable = 119
  case insertionPath = 120
  case invalidInsertion = 121

  case unknownKey = 201
  case missingKey = 202
  case wrongKind = 203
  case invalidChoice = 204
  case invalidNumber = 205
  case invalidName = 206
  case invalidAddress = 207
  case invalidPrefix = 208
  case invalidInterface = 209
  case invalidASN = 210
  case invalidRange = 211
  case notSupportedYet = 212
  case conflictingKeys = 213
  case unsupportedVersion = 214
  case invalidService = 215
  case wrongFamily = 216
  case invalidText = 217
  case unknownCode = 218

  case duplicateName = 301
  case caseOnlyDifference = 302
  case undefinedName = 303
  case duplicateID = 304
  case splitDefinition = 305

  case layoutSum = 401
  case overlappingNetworks = 402
  case overlappingUnderlay = 403
  case idTooLarge = 404
  case networkTooNarrow = 405
  case prefixGroupFull = 406
  case hostOutsideSubnet = 407
  case duplicateAddress = 408
  case missingSubnet = 409
  case linkPoolFull = 410
  case missingLinkPool = 411
  case excludedAllocation = 412
  case excludeOutsideNetwork = 413
  case reservedEndpoint = 414
  case wrongLinkAddress = 415
  case noNetworkForTenant = 416
  case idsExhausted = 417
  case unusableAddress = 418
  case blockLength = 420
  case blockBesideBits = 421
  case noBlockNetwork = 422
  case noRoomForBlocks = 423
  case duplicateBlocks = 424
  case endpointOutsideBlocks = 425
  case tooManyBlocks = 426

  case duplicateVLANID = 430
  case vlansNotPossible = 431
  case vlanNotInRack = 432
  case dedicatedToSeveral = 433
  case endpointVLAN = 434
  case vlanMTU = 435
  case vlanWithoutNetwork = 436
  case networkOnNoHost = 437
  case vlanGateway = 438
  case subinterface = 439

  case asnLoop = 501
  case asnPoolFull = 502
  case speakerConflict = 503
  case systemWithoutBGP = 504
  case tooManyStaticRoutes = 505
  case staticBlindness = 506
  case interfaceConflict = 507
  case missingSpines = 508
  case speakerLacksFeature = 510
  case speakerLacksProtocol = 511
  case ospfNotPossible = 520
  case switchPort = 521
  case ospfRogueHost = 522
  case ospfWithoutKey = 523
  case fabricSecretOnHost = 524
  case dualHomedHost = 525
  case singleHomedHost = 526
  case torsDisagree = 527
  case dualHomingNeedsBGP = 528
  case pairUnusable = 529
  case surplusToR = 530
  case uplinkMTU = 531
  case segmentMTU = 532
  case upstreamDevice = 533
  case upstreamLink = 534
  case rackWithoutSwitch = 535
  case mixedRacks = 536
  case nobodyToSpeakTo = 537
  case noDefaultGateway = 538
  case reservedSegmentAddress = 539
  case tooManyGateways = 540
  case upstreamAcceptsOwn = 541
  case upstreamLimit = 542
  case upstreamNotSpread = 543
  case upstreamUnused = 544
  case clearTextSecret = 550
  case secretWithoutSession = 551
  case unknownInsertionPoint = 552
  case insertionWithoutPlace = 553
  case insertionTwice = 554
  case aggregateHidesLoss = 560

  case reflectorASN = 545
  case unnumberedNeedsBGP = 546
  case unnumberedWithoutLink = 547
  case addressOfUnnumberedLink = 548
  case unnumberedReflectors = 549
  case rackASN = 555
  case pairOfOneAS = 556

  case lockOutOfDate = 601
  case wouldRenumber = 602
  case lockUnreadable = 603
  case idReserved = 604
  case renamedFromExists = 605
  case lockOfOtherFabric = 606

  case unknownCloudName = 610
  case invalidCloudID = 611
  case sameCloudID = 612
  case cloudPrefixLength = 613
  case zoneOutsideVPC = 614
  case networkInVPC = 615
  case overlappingVPCs = 616
  case routesQuota = 617
  case zoneAggregates = 618
  case noSecondForwarder = 619
  case noForwarder = 620
  case sourceDestCheck = 621
  case reservedDestination = 622
  case settingOfEC2 = 623
  case templateTooLarge = 624
  case interconnectRegions = 625
  case tunnelGateways = 626
  case twoWaysToRegion = 627
  case gatewaySpeaker = 628
  case gatewayAddress = 629
  case openTunnel = 630
  case tunnelPoolFull = 631
  case tunnelPort = 632
  case nothingInCommon = 633
  case invalidTunnelKey = 634
  case tunnelMTU = 635
  case tunnelUnderlay = 636
  case serviceWithTranslation = 637
  case peeringWithoutTunnels = 638
  case peeringWithoutPrefix = 639
  case transitRoutesQuota = 640
  case repeatedASN = 641

  case policyNeverReached = 701
  case policyContradicted = 702
  case policyMatchesNothing = 703
  case policyWithoutServices = 704
  case contradictsIsolation = 705
  case peerConflict = 706
  case policyDirection = 707
  case invalidComment = 708
  case policyWithoutEffect = 709
  case notRepresentable = 710
  case unmappedLabel = 711
  case unknownPolicyForm = 712
  case objectLeftOut = 713
  case importedWithoutEffect = 714
  case invalidForeignPolicy = 715
  case importedTextChanged = 716
  case nothingToImport = 717
  case functionWithoutInterface = 725
  case functionConflict = 726
  case functionOutsideNetworks = 727
  case functionElsewhere = 728
  case serviceWithoutSource = 729
  case servicePeer = 730
  case chainThroughItself = 731
  case chainTooLong = 732
  case servicesContradict = 733
  case returnFromOutside = 734
  case serviceMatchesNothing = 735
  case functionOnDrainedHost = 736
  case strictWithoutManagement = 740
  case managementFromEndpoints = 741
  case managementWithoutStrict = 742
  case strictBesideOthers = 743
  case setsOfOtherBackend = 744

  case invalidForeignTopology = 780
  case groupNotRepresentable = 781
  case missingUnderlay = 782
  case romanaPartLeftOut = 783
  case regionsApart = 784

  /// The code as users see it: `RC` and four digits.
  package var text: String {
    let digits = String(rawValue)
    return "RC" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  package init?(text: String) {
    let digits = text.utf8.dropFirst(2)
    guard text.utf8.count == 6, text.uppercased().hasPrefix("RC"), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = UInt16(text.dropFirst(2))
    else { return nil }
    self.init(rawValue: number)
  }

  package var severity: Severity {
    switch self {
    case .staticBlindness, .upstreamUnused, .aggregateHidesLoss, .ospfRogueHost, .ospfWithoutKey, .policyNeverReached,
      .policyContradicted, .policyMatchesNothing, .policyWithoutEffect, .objectLeftOut, .importedWithoutEffect,
      .importedTextChanged, .managementWithoutStrict, .vlanWithoutNetwork, .networkOnNoHost, .serviceMatchesNothing,
      .functionOnDrainedHost, .zoneAggregates, .noSecondForwarder, .templateTooLarge, .openTunnel, .romanaPartLeftOut,
      .regionsApart:
      .warning
    default: .error
    }
  }

  /// The case's name in kebab case, e.g. `duplicate-key`.
  package var slug: String {
    var slug = ""
    var previousIsLower = false
    for character in "\(self)" {
      if character.isUppercase, previousIsLower { slug.append("-") }
      previousIsLower = character.isLowercase
      slug.append(contentsOf: character.lowercased())
    }
    return slug
  }
}
