import Foundation
import Packer

/// One line of `apply`'s input.
enum MutationLine {
    private static let remedy =
        "Write one mutation as a JSON object, or a transaction as an array of them; apply --help shows each."

    static func isBlank(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
    }

    /// - Parameter number: the line's, counted from 1.
    /// - Throws: `mutation.invalid` with the line, and the column where one is known.
    static func parse(_ line: LineSource.Line, _ number: Int) throws(PackerError) -> [Mutation] {
        guard case .bytes(let bytes) = line else {
            throw invalid(number, nil, "it is longer than \(LineSource.longestLine >> 20) MiB")
        }
        if let column = firstInvalid(bytes) { throw invalid(number, column, "it is not valid UTF-8") }
        do throws(JSONSyntax.Problem) {
            try JSONSyntax.check(bytes)
        } catch {
            throw invalid(number, error.column, "it is not JSON: \(error.message)")
        }
        do {
            let data = Data(bytes)
            let decoder = JSONDecoder()
            let isTransaction = bytes.first { !isBlank([$0]) } == UInt8(ascii: "[")
            return try isTransaction
                ? decoder.decode([Mutation].self, from: data) : [decoder.decode(Mutation.self, from: data)]
        } catch let error as DecodingError {
            throw invalid(number, error)
        } catch {
            throw invalid(number, nil, "\(error)")
        }
    }

    /// The column of the first byte that is no part of a UTF-8 text, in bytes from 1.
    private static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var column = 1
        while case .valid(let scalar) = parser.parseScalar(from: &iterator) { column += scalar.count }
        return column
    }

    private static func invalid(_ line: Int, _ column: Int?, _ problem: String) -> PackerError {
        let place = "line \(line)" + (column.map { ", column \($0)" } ?? "")
        return PackerError(.mutationInvalid, "\(place): \(problem)", remedy: remedy)
    }

    private static func invalid(_ line: Int, _ error: DecodingError) -> PackerError {
        switch error {
        case .dataCorrupted(let context):
            return invalid(line, nil, text(context.codingPath, context.debugDescription))
        case .keyNotFound(let key, let context):
            return invalid(line, nil, text(context.codingPath, "the member \"\(key.stringValue)\" is missing"))
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return invalid(line, nil, text(context.codingPath, context.debugDescription))
        @unknown default:
            return invalid(line, nil, "\(error)")
        }
    }

    /// The member that it is about, and what is wrong with it.
    private static func text(_ path: [any CodingKey], _ problem: String) -> String {
        let members = path.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }
        return (members.isEmpty ? "" : members.joined(separator: ".") + ": ") + problem
    }
}
