import LinuxFiles

/// Every place in this module where the disk is touched.
enum PackerPoint {
    static let openWorkspace = FaultPoint("packer.open.workspace")
    static let scanFolder = FaultPoint("packer.scan.folder")
    static let scanList = FaultPoint("packer.scan.list")
    static let scanDeclaration = FaultPoint("packer.scan.declaration")
    static let scanRead = FaultPoint("packer.scan.read")
    static let scanInput = FaultPoint("packer.scan.input")
    static let scanRegistry = FaultPoint("packer.scan.registry")
    static let scanTrash = FaultPoint("packer.scan.trash")
    static let scanConflicts = FaultPoint("packer.scan.conflicts")
    static let removeEmptied = FaultPoint("packer.trash.remove")
    static let checkPath = FaultPoint("packer.check.path")
    static let checkRead = FaultPoint("packer.check.read")
    static let followLook = FaultPoint("packer.follow.look")
    static let adoptLook = FaultPoint("packer.adopt.look")
    static let contentsLook = FaultPoint("packer.contents.look")
    static let contentsRead = FaultPoint("packer.contents.read")
    static let ledgerLook = FaultPoint("packer.ledger.look")
    static let ledgerRead = FaultPoint("packer.ledger.read")
}
