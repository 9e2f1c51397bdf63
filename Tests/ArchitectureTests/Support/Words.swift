/// The words that a name is made of, in lower case: `isIncludedInBuild` is is, included, in, build.
func words(of name: some StringProtocol) -> [String] {
    var words: [String] = []
    var previous: Character?
    let characters = Array(name)
    for (index, character) in characters.enumerated() {
        defer { previous = character }
        guard character.isLetter || character.isNumber else { continue }
        let follows = index + 1 < characters.count ? characters[index + 1] : nil
        let startsWord =
            previous.map { before in
                !(before.isLetter || before.isNumber)
                    || (character.isUppercase && (!before.isUppercase || follows?.isLowercase == true))
            } ?? true
        if startsWord { words.append("") }
        words[words.count - 1].append(contentsOf: character.lowercased())
    }
    return words
}

/// The identifiers of some code, in order.
func identifiers(in code: String) -> [String] {
    code.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        .filter { !($0.first?.isNumber ?? true) }
}
