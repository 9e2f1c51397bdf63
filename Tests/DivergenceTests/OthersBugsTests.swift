import Packer
import PackerTestSupport
import Testing

/// A bug that another watcher had: scripts that run into it, one after the other.
struct OthersBug: Sendable, CustomTestStringConvertible {
    struct Step: Sendable {
        var script: String
        /// How many paths are flagged after it.
        var flags: Int

        init(_ script: String, _ flags: Int) {
            self.script = script
            self.flags = flags
        }
    }

    var name: String
    /// Before the project is opened.
    var before = ""
    var coverage = ["complete"]
    var steps: [Step]

    var testDescription: String { name }

    private static let fifty = "for i in $(seq 50); do mkdir -p deep/$i; cp tiles/dungeon/asset.json deep/$i; done; "

    static let all: [OthersBug] = [
        OthersBug(
            name: "mkdir -p with a file inside at once (notify 727)",
            steps: [
                Step("mkdir -p n/e/w && cp $D n/e/w/asset.json", 1), Step("mkdir -p n/e/r/s && cp $D n/e/r/s", 2),
                Step("rm -r n", 0),
            ]
        ),
        OthersBug(
            name: "a folder deleted and made again goes deaf (syncthing 10870)",
            steps: [
                Step("cp -a data $K; rm -r data", 3), Step("cp -a $K data", 0), Step("echo >> $I", 1),
                Step("rm -r data; cp -a $K data; rm -r data; cp -a $K data", 0), Step("rm $I", 1),
            ]
        ),
        OthersBug(
            name: "a folder renamed, its old name made again, both edited (syncthing 9612)",
            steps: [
                Step("mv data old; cp -a old data; echo >> $I", 2), Step("echo >> old/items/asset.json", 2),
                Step("rm -r old; mkdir old; cp $D old", 2), Step("rm -r data; mv old data", 4),
            ]
        ),
        OthersBug(
            name: "a tree of fifty folders renamed, a leaf edited (inotify-tools 59)", before: fifty,
            steps: [
                Step("mv deep down", 100), Step("rm down/17/asset.json", 99), Step("mv down deep", 1),
                Step("cp deep/1/asset.json deep/17", 0), Step("mv deep/50 deep/1", 2), Step("mv deep/1/50 deep", 0),
                Step("echo >> deep/50/asset.json", 1),
            ]
        ),
        OthersBug(
            name: "a tree moved out, then edited outside (inotify-tools 137)",
            steps: [
                Step("mv data $K", 3), Step("echo >> $K/items/items.csv; rm $K/items/asset.json", 3),
                Step("mv $K data", 2),
            ]
        ),
        OthersBug(
            name: "reading everything is no change (tgrep 151)",
            steps: [Step("for i in $(seq 20); do find . -type f -exec cat {} + >/dev/null; done", 0)]
        ),
        OthersBug(
            name: "truncate, then write: no digest of the middle stays (deno 13035)",
            steps: [
                Step("cp $I $K; : > $I", 1), Step("head -c 9 $K >> $I", 1), Step("tail -c +10 $K >> $I", 0),
                Step("cat $W > $I; cat $K > $I", 0),
            ]
        ),
        OthersBug(
            name: "the same size and a restored time (unison 664)",
            steps: [
                Step("cp -p $W $K; printf X | dd of=$W bs=1 seek=60 conv=notrunc 2>/dev/null; touch -r $K $W", 1),
                Step("cat $K > $W; touch -r $K $W", 0),
                Step("cp -p $D $K; sed s/D/E/g $K > x; touch -r $K x; mv x $D", 1), Step("cp -p $K $D", 0),
            ]
        ),
        OthersBug(
            name: "an inode is used again for other bytes of the same size",
            steps: [
                Step("cp -p $I $K; rm $I; tr a-y b-z < $K > $I; touch -r $K $I", 1),
                Step("for i in $(seq 50); do rm $I; cp -p $K $I; done", 0),
            ]
        ),
        OthersBug(
            name: "a write through a memory map (watchdog 1073)",
            steps: [
                Step(
                    """
                    python3 -c "
                    import mmap,sys
                    f=open(sys.argv[1],'r+b'); m=mmap.mmap(f.fileno(),0); m[60]=(m[60]+1)%256; m.close(); f.close()" $W
                    """, 1),
                Step(
                    """
                    python3 -c "
                    import mmap,sys
                    f=open(sys.argv[1],'r+b'); m=mmap.mmap(f.fileno(),0); m[60]=(m[60]-1)%256; m.close(); f.close()" $W
                    """, 0),
            ]
        ),
        OthersBug(
            name: "a write through a hard link outside of the tree (osquery 5704)", before: "ln $I $K; ln $D $K.json",
            coverage: ["degraded"],
            steps: [
                Step("cp $K $K.copy; echo >> $K", 1), Step("cat $K.copy > $K", 0), Step("echo >> $K.json", 1),
                Step("echo >> $K", 2),
            ]
        ),
        OthersBug(
            name: "a write through a hard link made inside the tree", coverage: ["degraded"],
            steps: [
                Step("ln $I data/other.csv; cp $I $K; echo >> data/other.csv", 1), Step("cat $K > data/other.csv", 0),
                Step("ln $W audio/other; mkdir a; cp $D a; ln a/asset.json a/x; echo >> audio/other", 2),
            ]
        ),
        OthersBug(
            name: "names that are not UTF-8, and composed beside decomposed ones (syncthing 7674)",
            before: """
                for f in caf\u{e9} cafe\u{301}; do mkdir -p names/$f; cp data/items/items.csv names/$f
                sed 's/eed8025e/'$(printf $f | md5sum | head -c 8)'/; /descriptions/s/, "texts.*]/ /' data/items/asset.json \
                > names/$f/asset.json; done
                """,
            steps: [
                Step("n=$(printf '\\377\\376'); mkdir $n; cp $D $n; touch names/$n", 0),
                Step("echo >> names/caf\u{e9}/items.csv", 1), Step("echo >> names/cafe\u{301}/items.csv", 2),
                Step("rm names/caf\u{e9}/asset.json", 3), Step("rm -r names/cafe\u{301}", 4),
                Step("mkdir names/cafe\u{301}; echo x > names/cafe\u{301}/asset.json", 4),
            ]
        ),
        OthersBug(
            name: "a declaration at the top of the workspace is none",
            steps: [
                Step("cp $D asset.json", 0), Step("mkdir -p x/asset.json; cp $D x/asset.json", 2), Step("rm -r x", 0),
            ]
        ),
        OthersBug(
            name: "the registry gains and loses segments",
            steps: [
                Step("echo x > .prometeu/index-0007.json", 1),
                Step("mv .prometeu/index-0007.json .prometeu/index-7.json", 0),
                Step("mv .prometeu $K", 1), Step("mv $K .prometeu", 0),
            ]
        ),
        OthersBug(
            name: "a folder is replaced by a link to its own copy",
            steps: [
                Step("mv data ../real; ln -s ../../real data", 3), Step("echo >> ../real/items/items.csv", 3),
                Step("rm data; mv ../real data", 1),
            ]
        ),
    ]
}

@Suite("Bugs that others had")
struct OthersBugsTests {
    @Test("flags == a diff from scratch after each step", arguments: OthersBug.all)
    func bug(_ it: OthersBug) async throws {
        let folder = try Fixtures.game()
        if !it.before.isEmpty { try Bench.shell(it.before, in: folder) }
        let bench = try await Bench.open(folder)
        for (index, step) in it.steps.enumerated() {
            try bench.shell(step.script)
            let isDegraded = it.coverage == ["degraded"] && index == it.steps.indices.last
            let flagged = await bench.check(
                "step \(index + 1)", coverage: isDegraded ? it.coverage : ["complete", "degraded"])
            #expect(flagged == step.flags, "step \(index + 1)")
        }
        // The host accepts what stands there.
        _ = try await bench.project.refresh().result
        await bench.rebase()
        #expect(await bench.check("refreshed", coverage: ["complete", "degraded"]) == 0)
        await bench.close()
    }

    @Test("a commit of ours, then an outside revert of it, is flagged (mutagen 319)")
    func revertedCommit() async throws {
        let bench = try await Bench.open(try Fixtures.game())
        try bench.shell("cp -a . $K")
        _ = try await bench.project.submit(
            .relocate(.root(AssetRoot(validating: "tiles/dungeon")), to: AssetRoot(validating: "tiles/cellar"))
        ).result
        await bench.rebase()
        #expect(await bench.check("committed") == 0)
        try bench.shell("mv tiles/cellar tiles/dungeon; cp $K/.prometeu/index.json .prometeu/index.json")
        // The registry, the declaration that moved, where it is now, and its inputs.
        #expect(await bench.check("reverted") == 5)
        await bench.close()
    }
}
