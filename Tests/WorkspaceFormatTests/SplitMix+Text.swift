import PackerTestSupport

extension SplitMix {
    mutating func text() -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\t", "\u{1f}", "\u{7f}", "ä", "€", "😀", "\u{301}",
        ]
        return String(
            String.UnicodeScalarView(
                (0..<Int.random(in: 0...6, using: &self)).map { _ in
                    scalars.randomElement(using: &self)!
                }
            )
        )
    }
}
