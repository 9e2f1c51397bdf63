import Packer

extension Printer {
    /// A preview, without its blockers where it is text: they are the command's error.
    mutating func show(_ preview: Preview, name: String) throws {
        if asJSON { return try print(PreviewView(preview, name: name)) }
        for change in preview.changes {
            let target = change.to.map { " -> " + $0 } ?? ""
            try print("\(change.kind.label.padding(to: 13))  \(change.path)\(target)")
            for line in LineDifference.lines(from: change.before, to: change.after) {
                try print("  " + line, line.hasPrefix("+") ? .green : line.hasPrefix("-") ? .red : .grey)
            }
        }
        for warning in preview.warnings {
            try print("\(warning.severity.rawValue): \(warning.place): \(warning.message)", .yellow)
            try print("  remedy: \(warning.remedy)")
        }
        if preview.canBeApplied {
            let changes = Quantity.count(preview.changes.count, "change")
            try print("\(changes) to generation \(preview.generation); nothing was done")
        }
    }
}

extension PlannedChange.Kind {
    fileprivate var label: String {
        switch self {
        case .createFolder: "make folder"
        case .createFile: "create file"
        case .editFile: "edit file"
        case .moveFolder: "move folder"
        case .moveToTrash: "to the trash"
        case .restoreFromTrash: "from trash"
        case .emptyTrash: "empty trash"
        case .editRegistry: "edit registry"
        }
    }
}
