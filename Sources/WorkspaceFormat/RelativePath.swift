/// A path in a file, which must lead to something beneath the folder that it is relative to.
enum RelativePath {
    /// What is wrong with the path, to be read after its name; nil for one that stays beneath its folder.
    static func problem(in path: UnsafeBufferPointer<UInt8>) -> String? {
        if path.isEmpty { return "is empty" }
        if path[0] == UInt8(ascii: "/") { return "is absolute" }
        var start = 0
        for index in 0...path.count {
            if index < path.count, path[index] != UInt8(ascii: "/") {
                if path[index] == 0 { return "contains a NUL" }
                continue
            }
            switch index - start {
            case 0: return "has an empty component"
            case 1 where path[start] == UInt8(ascii: "."): return "has the component ."
            case 2 where path[start] == UInt8(ascii: ".") && path[start + 1] == UInt8(ascii: "."):
                return "has the component .."
            default: start = index + 1
            }
        }
        return nil
    }
}
