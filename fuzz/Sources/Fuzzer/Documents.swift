import Foundation
import PackerModel

@testable import WorkspaceFormat

/// What is read is written, and what was written reads back as the same value without an error.
func declaration(_ bytes: [UInt8]) {
    let format = DeclarationFormat()
    let reading = format.read(bytes, path: "a/asset.json")
    promise(reading.declaration != nil || !reading.diagnostics.isEmpty, "a refusal without a diagnostic")
    guard let declaration = reading.declaration else { return }
    let again = format.read(DeclarationFormat.write(declaration), path: "a/asset.json")
    promise(again.declaration == declaration, "\(declaration) is read back as \(again)")
}

func registry(_ bytes: [UInt8]) {
    let format = RegistryFormat()
    for index in [0, 1] {
        let reading = format.read(bytes, index: index, path: ".prometeu/index.json")
        promise(reading.segment != nil || !reading.diagnostics.isEmpty, "a refusal without a diagnostic")
        guard let segment = reading.segment else { continue }
        let written = RegistryFormat.write(segment)
        guard let again = format.read(written, index: index, path: "").segment else {
            return promise(false, "what was written of \(segment) is refused")
        }
        promise(RegistryFormat.write(again) == written, "\(segment) has two forms")
    }
}

func trash(_ bytes: [UInt8]) {
    let format = TrashFormat()
    var generator = SystemRandomNumberGenerator()
    let operation = OperationID(using: &generator)
    guard let item = format.read(bytes, operation: operation, number: 1) else { return }
    promise(format.read(TrashFormat.write(item), operation: operation, number: 1) == item, "\(item) is lost")
}

func mutation(_ bytes: [UInt8]) {
    guard let mutation = try? JSONDecoder().decode(Mutation.self, from: Data(bytes)) else { return }
    let again = (try? JSONEncoder().encode(mutation)).flatMap { try? JSONDecoder().decode(Mutation.self, from: $0) }
    promise(again == mutation, "\(mutation) is read back as \(String(describing: again))")
}
