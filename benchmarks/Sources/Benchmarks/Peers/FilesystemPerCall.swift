import Foundation

/// The service that the runtime replaces: every call lists folders and parses files anew.
struct FilesystemPerCall: Sendable {
    let assets: String

    init(project: String) { assets = project + "/assets" }

    private func object(at path: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw BenchmarkError("\(path) is no object")
        }
        return object
    }

    /// A page of the list: every declaration is found and parsed, since only then is the order known.
    func page(limit: Int) throws -> UInt64 {
        var rows: [(root: String, name: String)] = []
        let files = FileManager.default.enumerator(atPath: assets)
        while let path = files?.nextObject() as? String {
            if path.hasPrefix(".prometeu") || !path.hasSuffix("/asset.json") { continue }
            let declaration = try object(at: assets + "/" + path)
            rows.append((String(path.dropLast("/asset.json".count)), declaration["name"] as? String ?? ""))
        }
        rows.sort { $0.root < $1.root }
        return rows.prefix(limit).reduce(0) { $0 &+ UInt64($1.name.utf8.count) }
    }

    /// The details of an asset whose root is known: its declaration and what its inputs are.
    func details(root: String) throws -> UInt64 {
        let declaration = try object(at: "\(assets)/\(root)/asset.json")
        var sum = UInt64(declaration.count)
        for paths in (declaration["inputs"] as? [String: [String]] ?? [:]).values {
            for path in paths {
                var status = stat()
                if stat("\(assets)/\(root)/\(path)", &status) == 0 { sum &+= UInt64(status.st_size) }
            }
        }
        return sum
    }

    /// The asset of an id: its registry segment, then its declaration.
    func lookup(id: UInt32) throws -> UInt64 {
        let index = Int(id) / 128
        let name = index == 0 ? "index.json" : String(format: "index-%04d.json", index)
        let entries = try object(at: "\(assets)/.prometeu/\(name)")["assets"] as? [[String: Any]] ?? []
        guard let entry = entries.first(where: { $0["asset_id"] as? Int == Int(id) }),
            let root = entry["root"] as? String
        else { throw BenchmarkError("no asset \(id)") }
        return UInt64(try object(at: "\(assets)/\(root)/asset.json").count)
    }
}
