import Foundation

/// The one place where Foundation is used: the standard library shows no normalisation.
enum UnicodeForm {
    static func composed(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping
    }

    static func isComposed(_ text: String) -> Bool {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return true }
        return composed(text).utf8.elementsEqual(text.utf8)
    }
}
