import Foundation

/// The one place where Foundation is used: the standard library shows no normalisation.
enum UnicodeForm {
    static func composed(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping
    }

    static func isComposed(_ text: String) -> Bool {
        composed(text).utf8.elementsEqual(text.utf8)
    }

    /// The text without differences of case and of composition. Folding what is folded changes nothing.
    static func folded(_ text: String) -> String {
        // Composed first, since case mappings and the order of marks do not commute. Small, capital, small: ẞ becomes
        // ß becomes SS becomes ss, as ß itself does.
        composed(composed(text).lowercased().uppercased().lowercased())
    }
}
