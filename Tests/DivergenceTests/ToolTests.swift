import Packer
import PackerTestSupport
import Testing

/// A program that people edit their files with: what it does to a project, and how it takes that back.
struct ToolCase: Sendable, CustomTestStringConvertible {
    var name: String
    var tool: String
    /// Before the project is opened.
    var before = ""
    var change: String
    /// How many paths are flagged then.
    var flags: Int
    var revert: String

    var testDescription: String { name }

    static let all: [ToolCase] = [
        ToolCase(
            name: "sed -i", tool: "sed", change: "cp $D $K; sed -i s/Dungeon/Cellar/ $D; echo >> $D", flags: 1,
            revert: "sed -i '$d; s/Cellar/Dungeon/' $D; cmp $D $K || cat $K > $D"
        ),
        ToolCase(
            name: "cp --reflink=auto", tool: "cp", change: "cp --reflink=auto $D $K; cp --reflink=auto $W $D",
            flags: 1, revert: "cp --reflink=auto $K $D"
        ),
        ToolCase(name: "mv over it", tool: "mv", change: "cp $I $K; cp $W x; mv x $I", flags: 1, revert: "mv $K $I"),
        ToolCase(
            name: "truncate shorter and longer", tool: "truncate",
            change: "cp $I $K; truncate -s 3 $I; truncate -s $(stat -c %s $K) $I", flags: 1, revert: "cat $K > $I"
        ),
        ToolCase(
            name: "touch changes nothing", tool: "touch", change: "touch $D $I; touch -d 2001-02-03 $W", flags: 0,
            revert: "touch -d 2031-02-03 $D"
        ),
        ToolCase(
            name: "tar unpacks over it", tool: "tar",
            change: "tar cf $K . ; find . -name '*.json' -exec sh -c 'echo >> {}' \\; ; rm $W", flags: 22,
            revert: "tar xf $K"
        ),
        ToolCase(
            name: "rsync over a temporary name", tool: "rsync",
            change: "cp -a . $K; echo >> $D; rm -r data; rsync -a --delete ./ ../other/; mkdir -p new; cp $D new",
            flags: 5,
            revert: "rsync -a --delete --checksum $K/ ./"
        ),
        ToolCase(
            name: "rsync --inplace", tool: "rsync",
            change: "cp -a $I $K; tac $K > $K.new; rsync --inplace --ignore-times $K.new $I",
            flags: 1, revert: "rsync --inplace --ignore-times $K $I"
        ),
        ToolCase(
            name: "git stash and pop", tool: "git",
            before: """
                cd ..; git init -q; git config user.email a@b; git config user.name n; git config gc.auto 0
                git add -A; git commit -qm all; cd assets
                """,
            change: "echo >> $D; git rm -qr --cached data; rm -r data; mkdir n; cp $D n; git add -A", flags: 5,
            revert: "git stash -q; git stash pop -q; git reset -q --hard"
        ),
        ToolCase(
            name: "git switches branches", tool: "git",
            before: """
                cd ..; git init -q -b one; git config user.email a@b; git config user.name n; git config gc.auto 0
                git add -A; git commit -qm one; git checkout -qb two; cd assets; echo >> $D; git mv tiles stone
                git commit -qam two; git checkout -q one
                """,
            change: "git checkout -q two", flags: 14, revert: "git checkout -q one"
        ),
    ]
}

@Suite("Real programs: flags == a diff from scratch, after the change and after it was taken back")
struct ToolTests {
    @Test("what a program changes is flagged exactly, and cleared when it takes it back", arguments: ToolCase.all)
    func tool(_ it: ToolCase) async throws {
        guard Fixtures.has(it.tool) else {
            try Test.cancel("\(it.tool) is not installed")
        }
        let folder = try Fixtures.game()
        if !it.before.isEmpty { try Bench.shell(it.before, in: folder) }
        let bench = try await Bench.open(folder)
        #expect(await bench.check("before") == 0)
        try bench.shell(it.change)
        let flagged = await bench.check("changed")
        #expect(flagged == it.flags)
        try bench.shell(it.revert)
        #expect(await bench.check("taken back") == 0)
        try bench.shell(it.change.replacing("cp -a . $K; ", with: ""))
        await bench.check("changed again")
        await bench.close()
    }

    enum Save: String, CaseIterable {
        case inPlace = "set nobackup nowritebackup"
        case copyFirst = "set nobackup writebackup backupcopy=yes"
        case renameFirst = "set nobackup writebackup backupcopy=no"
        case keepBackup = "set backup writebackup backupcopy=auto"
    }

    @Test(
        "vim saves: the same bytes end clear, other bytes are flagged once",
        .enabled(if: Fixtures.has("vim"), "vim is not installed"), arguments: Save.allCases
    )
    func vim(_ save: Save) async throws {
        let bench = try await Bench.open(try Fixtures.game(), settleTime: .seconds(60))
        func edit(_ commands: String) throws {
            try bench.shell("vim -u NONE -N -es -c '\(save.rawValue)' \(commands) -c wq $D </dev/null")
        }
        try bench.shell("cp $D $K")
        try edit("-c 'normal ix' -c 'normal x' -c 'set modified'")
        try bench.shell("cmp $D $K")
        #expect(await bench.check("the same bytes") == 0)
        try edit("-c '%s/Dungeon/Cellar/ge' -c 'normal Go'")
        #expect(await bench.check("other bytes") == 1)
        await bench.close()
        #expect(bench.sink.events.compactMap(\.divergence).count == 1)
    }
}
