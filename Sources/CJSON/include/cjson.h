#ifndef CJSON_H
#define CJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// RapidJSON behind a C face: a strict RFC 8259 parser that gives, in one pass, each value, the bytes where it stands,
/// and the offset of an error. Stricter than the RFC: no byte order mark, no NUL (raw or escaped), no lone surrogate
/// escape, valid UTF-8, at most CJSON_MAXIMUM_DEPTH containers deep, no number with an exponent beyond a double's.
/// Duplicate keys are no fault, but marked.

#define CJSON_MAXIMUM_DEPTH 64

typedef enum __attribute__((enum_extensibility(closed))) CJSONKind : uint8_t {
    CJSONKindObject,
    CJSONKindArray,
    CJSONKindKey,
    CJSONKindString,
    CJSONKindNumber,
    CJSONKindTrue,
    CJSONKindFalse,
    CJSONKindNull,
} CJSONKind;

typedef enum __attribute__((enum_extensibility(closed))) CJSONFault : uint8_t {
    CJSONFaultNone,
    CJSONFaultEmpty,
    CJSONFaultTrailing,
    CJSONFaultValue,
    CJSONFaultKey,
    CJSONFaultColon,
    CJSONFaultCommaOrBrace,
    CJSONFaultCommaOrBracket,
    CJSONFaultEscape,
    CJSONFaultHex,
    CJSONFaultSurrogate,
    CJSONFaultControlCharacter,
    CJSONFaultUnclosedString,
    CJSONFaultEncoding,
    CJSONFaultNumberRange,
    CJSONFaultFraction,
    CJSONFaultExponent,
    CJSONFaultNul,
    CJSONFaultDepth,
    CJSONFaultMemory,
} CJSONFault;

/// One token of the document. Nodes stand in document order: the first thing in a container is the node after it, and a
/// key's value is the node after the key.
typedef struct CJSONNode {
    /// Where it stands in the source, quotes and brackets included.
    uint32_t start;
    uint32_t length;
    /// Keys and strings: bytes of the decoded text, which stands at `text + start + 1`.
    uint32_t text_length;
    /// The first node after it and everything in it.
    uint32_t next;
    /// Containers: how many members or elements. Keys: 0, or 1 + the node of the first equal key in the same object.
    uint32_t count;
    CJSONKind kind;
} CJSONNode;

typedef struct CJSONResult {
    /// With a fault: what was read before it; containers that were still open end there.
    const CJSONNode *nodes;
    uint32_t count;
    /// How many keys repeat an earlier one of their object. 0 while containers are open.
    uint32_t duplicates;
    const uint8_t *text;
    uint32_t fault_offset;
    CJSONFault fault;
} CJSONResult;

typedef struct CJSONParser CJSONParser;

/// NULL without memory. A parser is for one thread at a time, and keeps its memory for the next document.
CJSONParser *cjson_create(void);
void cjson_destroy(CJSONParser *parser);

/// What the result points to holds until the next parse or destroy. `length` below 4 GiB; the source is only read.
CJSONResult cjson_parse(CJSONParser *parser, const uint8_t *source, size_t length);

#ifdef __cplusplus
}
#endif

#endif
