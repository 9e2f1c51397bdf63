import Foundation
import Testing

@testable import PackerModel

@Suite("Mutations as JSON")
struct MutationJSONTests {
    private static func root(_ path: String) -> AssetReference { .root(Sample.root(path)) }

    static let all: [(Mutation, String)] = [
        (
            .create(NewAsset(root: Sample.root("a/b"), type: .map)),
            #"{"do":"create","root":"a/b","type":"map"}"#
        ),
        (
            .create(
                NewAsset(
                    root: Sample.root("a"), name: "A", type: .data,
                    output: Declaration.Output(format: "X/y", codec: "Z", metadata: "{\"m\":1}"),
                    inputs: [.init(role: "r", paths: ["p", "q"])], preloadEnabled: true, isIncludedInBuild: false)),
            #"{"do":"create","root":"a","name":"A","type":"data","format":"X/y","codec":"Z","metadata":"{\"m\":1}","#
                + #""inputs":[{"role":"r","paths":["p","q"]}],"preload":true,"included":false}"#
        ),
        (.register(root("a")), #"{"do":"register","asset":"a"}"#),
        (.register(root("a"), isIncludedInBuild: false), #"{"do":"register","asset":"a","included":false}"#),
        (.include(.id(Sample.id(7))), #"{"do":"include","asset":7}"#),
        (.exclude(.id(Sample.id(7))), #"{"do":"exclude","asset":"7"}"#),
        (
            .update(root("7"), [.outputCodec("LZ4"), .preloadEnabled(true)]),
            #"{"do":"update","asset":"root:7","set":{"preload.enabled":true,"output.codec":"LZ4"}}"#
        ),
        (
            .update(
                root("a"),
                [
                    .inputs([]), .inputPaths(role: "x.y", ["p"]), .name("N"), .outputFormat("F/g"),
                    .outputMetadata("{}"),
                    .type(.map),
                ]),
            #"{"do":"update","asset":"a","set":{"type":"map","inputs":[],"inputs.x.y":["p"],"name":"N","#
                + #""output.format":"F/g","output.metadata":"{}"}}"#
        ),
        (.relocate(root("a"), to: Sample.root("b")), #"{"do":"relocate","asset":"a","to":"b"}"#),
        (.unregister(.uuid(Sample.uuid(3))), #"{"do":"unregister","asset":"\#(Sample.uuid(3))"}"#),
        (.delete(root("a")), #"{"do":"delete","asset":"a"}"#),
        (.restore(root("a")), #"{"do":"restore","asset":"a"}"#),
        (.restore(root("a"), to: Sample.root("b")), #"{"do":"restore","asset":"a","to":"b"}"#),
        (.emptyTrash, #"{"do":"emptyTrash"}"#),
        (.reidentify(root("a")), #"{"do":"reidentify","asset":"a"}"#),
    ]

    @Test("each is read from its JSON, and what is written reads back as the same", arguments: all.indices)
    func roundTrip(index: Int) throws {
        let (mutation, text) = Self.all[index]
        #expect(try JSONDecoder().decode(Mutation.self, from: Data(text.utf8)) == mutation)
        #expect(try JSONDecoder().decode(Mutation.self, from: try JSONEncoder().encode(mutation)) == mutation)
    }

    @Test("every kind of mutation is among them")
    func complete() { #expect(Set(Self.all.map(\.0.name)).count == 11) }

    @Test(
        "what is misspelled, missing or too much is refused, and the reason names it",
        arguments: [
            (#"{"do":"mend","asset":"a"}"#, "mend"), (#"{"asset":"a"}"#, "do"),
            (#"{"do":"relocate","asset":"a"}"#, "to"), (#"{"do":"include","asset":"a","to":"b"}"#, "\"to\""),
            (#"{"do":"include","aset":"a"}"#, "aset"),
            (#"{"do":"create","root":"a","type":"map","preloaded":1}"#, "preloaded"),
            (#"{"do":"update","asset":"a","set":{"output.codek":"x"}}"#, "output.codek"),
            (#"{"do":"update","asset":"a","set":{"preload.enabled":"yes"}}"#, "preload.enabled"),
            (#"{"do":"delete","asset":""}"#, "asset"), (#"{"do":"delete","asset":0}"#, "asset"),
        ])
    func refused(text: String, reason: String) {
        do {
            _ = try JSONDecoder().decode(Mutation.self, from: Data(text.utf8))
            Issue.record("it is taken")
        } catch {
            #expect("\(error)".contains(reason), "\(error)")
        }
    }
}
