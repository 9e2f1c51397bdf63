import CJSON
import PackerModel

@testable import WorkspaceFormat

/// The input is a file, and behind each byte 0xff, which no JSON holds, one edit of it: a letter for what is set, and
/// the text to set.
func edit(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0xff, omittingEmptySubsequences: false).map(Array.init)
    var file = parts[0]
    let format = DeclarationFormat()
    for part in parts.dropFirst() {
        guard let letter = part.first else { continue }
        let text = String(decoding: part.dropFirst(), as: UTF8.self)
        if let declaration = format.read(file, path: "").declaration {
            update(file, declaration, letter, text, format)
        }
        guard let edit = rawEdit(letter, text), let edited = try? format.edit(file, [edit]) else { continue }
        checkSplice(edit, file, edited)
        file = edited
    }
}

private func rawEdit(_ letter: UInt8, _ text: String) -> DeclarationEdit? {
    let names = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let path = names[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let value = names.count > 1 ? names[1] : ""
    switch letter {
    case UInt8(ascii: "s"): return DeclarationEdit(path, .string(value))
    case UInt8(ascii: "b"): return DeclarationEdit(path, .bool(value.isEmpty))
    case UInt8(ascii: "p"): return DeclarationEdit(path, .paths(value.split(separator: "\n").map(String.init)))
    case UInt8(ascii: "j"): return DeclarationEdit(path, .json(value))
    default: return nil
    }
}

/// One range of bytes was replaced, and the member has the value that was asked for.
private func checkSplice(_ edit: DeclarationEdit, _ before: [UInt8], _ after: [UInt8]) {
    let old = range(of: edit.path, in: before) { _, _ in }
    var isAsAsked = false
    let new = range(of: edit.path, in: after) { tape, node in
        switch edit.value {
        case .string(let text): isAsAsked = tape.text(node).elementsEqual(text.utf8)
        case .bool(let flag): isAsAsked = tape.kind(node) == (flag ? .true : .false)
        case .paths(let paths):
            isAsAsked = tape.elements(node).map { Array(tape.text($0)) } == paths.map { Array($0.utf8) }
        case .json(let text): isAsAsked = text.utf8.count >= tape.raw(node).count
        case .inputs: isAsAsked = true
        }
    }
    guard let new else { return promise(false, "\(edit) is not in \(String(decoding: after, as: UTF8.self))") }
    promise(isAsAsked, "\(edit) came out as \(String(decoding: after[new], as: UTF8.self))")
    if let old {
        promise(before.prefix(old.lowerBound) == after.prefix(old.lowerBound), "bytes before \(edit) changed")
        var tail = after[new.upperBound...]
        // JSON text is written with the white space around it.
        if case .json = edit.value { tail = tail.suffix(before.count - old.upperBound) }
        promise(before[old.upperBound...] == tail, "bytes behind \(edit) changed")
    } else {
        let kept = zip(before, after).prefix { $0 == $1 }.count
        let rest = before.count - kept
        promise(after.count > before.count && before.suffix(rest) == after.suffix(rest), "more than \(edit) changed")
    }
}

private func range(of path: [String], in bytes: [UInt8], _ found: (Tape, Int) -> Void) -> Range<Int>? {
    bytes.withUnsafeBufferPointer { source in
        JSONParser().withTape(source, maximumBytes: Declaration.maximumBytes) { tape, problem in
            guard problem == nil else { return nil }
            var node = 0
            for name in path {
                guard tape.kind(node) == .object, let value = tape.value(of: name, in: node) else { return nil }
                node = value
            }
            found(tape, node)
            return tape.range(node)
        }
    }
}

/// What could be written as a file of its own can be set in any file, and reads back.
private func update(
    _ file: [UInt8], _ old: Declaration, _ letter: UInt8, _ text: String, _ format: DeclarationFormat
) {
    var new = old
    switch letter {
    case UInt8(ascii: "n"): new.name = text
    case UInt8(ascii: "t"): new.type = AssetType(rawValue: text)
    case UInt8(ascii: "f"): new.output.format = text
    case UInt8(ascii: "c"): new.output.codec = text
    case UInt8(ascii: "m"): new.output.metadata = text
    case UInt8(ascii: "i"):
        let lines = text.split(separator: "\n").map(String.init)
        new.inputs = lines.map { Declaration.InputRole(role: String($0.prefix(4)), paths: [String($0.dropFirst(4))]) }
    case UInt8(ascii: "e"): new.preloadEnabled.toggle()
    default: return
    }
    let written = format.read(DeclarationFormat.write(new), path: "").declaration
    guard written == new else { return }
    do throws(DeclarationEditError) {
        let edited = try format.edit(file, DeclarationEdit.changes(from: old, to: new))
        let reading = format.read(edited, path: "")
        promise(reading.declaration == new, "\(new) was asked for, and this is read: \(reading)")
    } catch {
        if case .resultRefused = error { return }
        promise(false, "\(new) can be written and not set: \(error)")
    }
}
