#include "cjson.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <rapidjson/reader.h>

struct CJSONParser {
    CJSONNode *nodes;
    size_t capacity;
    size_t count;
    /// A copy of the source in which RapidJSON decodes strings in place; `copy_capacity` counts the padding.
    char *copy;
    size_t copy_capacity;
    uint32_t *keys;
    size_t keys_capacity;
    uint32_t open[CJSON_MAXIMUM_DEPTH];
    int depth;
    uint32_t duplicates;
    /// The string that is being read, or was read last.
    size_t string_start;
    size_t string_end;
    CJSONFault fault;
    size_t fault_offset;
};

namespace {

/// RapidJSON's UTF-8 validation takes up to four bytes past the end before it sees the terminator.
constexpr size_t padding = 8;

template <typename T>
bool reserve(T *&memory, size_t &capacity, size_t wanted) {
    if (wanted <= capacity) return true;
    size_t larger = std::max(wanted, capacity * 2);
    void *moved = std::realloc(memory, larger * sizeof(T));
    if (!moved) return false;
    memory = static_cast<T *>(moved);
    capacity = larger;
    return true;
}

/// RapidJSON's in-situ string stream, which also tells where a string's quotes stand: the reader works on a local copy
/// of the stream while it is in a string, so the handler cannot ask.
struct SourceStream {
    typedef char Ch;

    CJSONParser *parser;
    char *read;
    char *write;

    Ch Peek() const { return *read; }
    Ch Take() { return *read++; }
    size_t Tell() const { return static_cast<size_t>(read - parser->copy); }
    Ch *PutBegin() {
        parser->string_start = Tell() - 1;
        return write = read;
    }
    void Put(Ch c) { *write++ = c; }
    void Flush() {}
    size_t PutEnd(Ch *begin) {
        parser->string_end = Tell();
        return static_cast<size_t>(write - begin);
    }
};

}  // namespace

namespace rapidjson {
template <>
struct StreamTraits<SourceStream> {
    enum { copyOptimization = 1 };
};

/// Passes over plain text eight bytes at a time, where RapidJSON asks for each; it asks here only in documents whose
/// encoding needs no check. The padding ends every string.
template <>
template <>
inline void Reader::ScanCopyUnescapedString(SourceStream &is, SourceStream &) {
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte is the lowest");
    constexpr uint64_t ones = 0x0101010101010101u, high = 0x80 * ones;
    // Nonzero where a byte of `word` is 0, with no bit below the first such byte.
    auto zeros = [](uint64_t word) { return (word - ones) & ~word & high; };
    size_t length = 0;
    for (;; length += 8) {
        uint64_t word;
        std::memcpy(&word, is.read + length, 8);
        uint64_t stops = zeros(word ^ '"' * ones) | zeros(word ^ '\\' * ones) | ((word - 0x20 * ones) & ~word & high);
        if (!stops) continue;
        length += static_cast<size_t>(__builtin_ctzll(stops)) / 8;
        break;
    }
    if (is.write != is.read) std::memmove(is.write, is.read, length);
    is.read += length;
    is.write += length;
}
}  // namespace rapidjson

namespace {

struct TapeBuilder : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, TapeBuilder> {
    CJSONParser &parser;
    SourceStream &stream;
    const uint8_t *source;

    TapeBuilder(CJSONParser &parser, SourceStream &stream, const uint8_t *source)
        : parser(parser), stream(stream), source(source) {}

    bool stop(CJSONFault fault, size_t offset) {
        parser.fault = fault;
        parser.fault_offset = offset;
        return false;
    }

    bool add(CJSONKind kind, size_t start, size_t length, size_t text_length = 0) {
        size_t index = parser.count;
        if (index == parser.capacity && !reserve(parser.nodes, parser.capacity, index + 64))
            return stop(CJSONFaultMemory, start);
        parser.nodes[index] = {
            static_cast<uint32_t>(start), static_cast<uint32_t>(length), static_cast<uint32_t>(text_length),
            static_cast<uint32_t>(index + 1), 0, kind,
        };
        parser.count = index + 1;
        return true;
    }

    bool literal(CJSONKind kind, size_t length) { return add(kind, stream.Tell() - length, length); }
    bool Null() { return literal(CJSONKindNull, 4); }
    bool Bool(bool value) { return value ? literal(CJSONKindTrue, 4) : literal(CJSONKindFalse, 5); }

    bool RawNumber(const char *text, rapidjson::SizeType length, bool) {
        return add(CJSONKindNumber, static_cast<size_t>(text - parser.copy), length);
    }

    bool String(const char *text, rapidjson::SizeType length, bool) { return string(CJSONKindString, text, length); }
    bool Key(const char *text, rapidjson::SizeType length, bool) { return string(CJSONKindKey, text, length); }

    bool string(CJSONKind kind, const char *text, size_t text_length) {
        size_t start = parser.string_start, length = parser.string_end - start;
        if (length != text_length + 2 && !check_escapes(start, text, text_length)) return false;
        return add(kind, start, length, text_length);
    }

    /// RapidJSON 1.1 takes `\u0000`, and makes invalid UTF-8 of a low surrogate that stands alone.
    bool check_escapes(size_t start, const char *text, size_t text_length) {
        bool suspect = false;
        for (size_t i = 0; i < text_length && !suspect; i++)
            suspect = text[i] == 0 || (static_cast<uint8_t>(text[i]) == 0xED && static_cast<uint8_t>(text[i + 1]) >= 0xA0);
        if (!suspect) return true;
        for (size_t i = start + 1; source[i] != '"'; i++) {
            if (source[i] != '\\') continue;
            size_t escape = i++;
            if (source[i] != 'u') continue;
            char digits[5] = {};
            std::memcpy(digits, source + i + 1, 4);
            unsigned long unit = std::strtoul(digits, nullptr, 16);
            if (unit == 0) return stop(CJSONFaultNul, escape);
            if (unit >= 0xDC00 && unit <= 0xDFFF) return stop(CJSONFaultSurrogate, escape);
            i += unit >= 0xD800 && unit <= 0xDBFF ? 10 : 4;
        }
        return true;
    }

    bool StartObject() { return enter(CJSONKindObject); }
    bool StartArray() { return enter(CJSONKindArray); }

    bool enter(CJSONKind kind) {
        size_t start = stream.Tell() - 1;
        if (parser.depth == CJSON_MAXIMUM_DEPTH) return stop(CJSONFaultDepth, start);
        parser.open[parser.depth] = static_cast<uint32_t>(parser.count);
        if (!add(kind, start, 1)) return false;
        parser.depth++;
        return true;
    }

    bool EndArray(rapidjson::SizeType elements) {
        leave(elements);
        return true;
    }

    bool EndObject(rapidjson::SizeType members) {
        uint32_t object = leave(members);
        return members < 2 || mark_duplicates(object, members);
    }

    uint32_t leave(rapidjson::SizeType count) {
        uint32_t index = parser.open[--parser.depth];
        CJSONNode &node = parser.nodes[index];
        node.length = static_cast<uint32_t>(stream.Tell() - node.start);
        node.next = static_cast<uint32_t>(parser.count);
        node.count = count;
        return index;
    }

    int compare(uint32_t left, uint32_t right) const {
        const CJSONNode &a = parser.nodes[left], &b = parser.nodes[right];
        if (a.text_length != b.text_length) return a.text_length < b.text_length ? -1 : 1;
        return std::memcmp(parser.copy + a.start + 1, parser.copy + b.start + 1, a.text_length);
    }

    bool mark_duplicates(uint32_t object, size_t members) {
        if (!reserve(parser.keys, parser.keys_capacity, members))
            return stop(CJSONFaultMemory, parser.nodes[object].start);
        uint32_t *keys = parser.keys, key = object + 1;
        for (size_t i = 0; i < members; i++) {
            keys[i] = key;
            key = parser.nodes[key + 1].next;
        }
        if (members <= 16) {
            for (size_t i = 1; i < members; i++)
                for (size_t j = 0; j < i; j++)
                    if (compare(keys[i], keys[j]) == 0) {
                        mark(keys[i], keys[j]);
                        break;
                    }
            return true;
        }
        std::sort(keys, keys + members, [this](uint32_t left, uint32_t right) {
            int order = compare(left, right);
            return order != 0 ? order < 0 : left < right;
        });
        for (size_t first = 0, i = 1; i < members; i++) {
            if (compare(keys[first], keys[i]) == 0)
                mark(keys[i], keys[first]);
            else
                first = i;
        }
        return true;
    }

    void mark(uint32_t key, uint32_t first) {
        parser.nodes[key].count = first + 1;
        parser.duplicates++;
    }
};

CJSONFault fault_of(rapidjson::ParseErrorCode code, uint8_t found) {
    switch (code) {
    case rapidjson::kParseErrorNone: return CJSONFaultNone;
    case rapidjson::kParseErrorDocumentEmpty: return CJSONFaultEmpty;
    case rapidjson::kParseErrorDocumentRootNotSingular: return CJSONFaultTrailing;
    case rapidjson::kParseErrorObjectMissName: return CJSONFaultKey;
    case rapidjson::kParseErrorObjectMissColon: return CJSONFaultColon;
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket: return CJSONFaultCommaOrBrace;
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket: return CJSONFaultCommaOrBracket;
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex: return CJSONFaultHex;
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid: return CJSONFaultSurrogate;
    case rapidjson::kParseErrorStringEscapeInvalid:
        return found == '\\' ? CJSONFaultEscape : CJSONFaultControlCharacter;
    case rapidjson::kParseErrorStringMissQuotationMark: return CJSONFaultUnclosedString;
    case rapidjson::kParseErrorStringInvalidEncoding: return CJSONFaultEncoding;
    case rapidjson::kParseErrorNumberTooBig: return CJSONFaultNumberRange;
    case rapidjson::kParseErrorNumberMissFraction: return CJSONFaultFraction;
    case rapidjson::kParseErrorNumberMissExponent: return CJSONFaultExponent;
    default: return CJSONFaultValue;
    }
}

}  // namespace

CJSONParser *cjson_create(void) { return static_cast<CJSONParser *>(std::calloc(1, sizeof(CJSONParser))); }

void cjson_destroy(CJSONParser *parser) {
    if (!parser) return;
    std::free(parser->nodes);
    std::free(parser->copy);
    std::free(parser->keys);
    std::free(parser);
}

CJSONResult cjson_parse(CJSONParser *parser, const uint8_t *source, size_t length) {
    parser->count = 0;
    parser->depth = 0;
    parser->duplicates = 0;
    parser->fault = CJSONFaultNone;
    parser->fault_offset = 0;

    const void *nul = length ? std::memchr(source, 0, length) : nullptr;
    if (nul) {
        parser->fault = CJSONFaultNul;
        parser->fault_offset = static_cast<size_t>(static_cast<const uint8_t *>(nul) - source);
    } else if (!reserve(parser->copy, parser->copy_capacity, length + padding)) {
        parser->fault = CJSONFaultMemory;
    } else {
        uint8_t all = 0;
        for (size_t i = 0; i < length; i++) all |= source[i];
        if (length) std::memcpy(parser->copy, source, length);
        std::memset(parser->copy + length, 0, padding);
        SourceStream stream{parser, parser->copy, nullptr};
        TapeBuilder builder(*parser, stream, source);
        // In situ the reader never allocates. It recurses once a container; the builder stops it at the maximum depth.
        rapidjson::Reader reader;
        constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
        if (all < 0x80)
            reader.Parse<flags>(stream, builder);
        else
            reader.Parse<flags | rapidjson::kParseValidateEncodingFlag>(stream, builder);
        if (reader.HasParseError() && parser->fault == CJSONFaultNone) {
            size_t offset = reader.GetErrorOffset();
            parser->fault = fault_of(reader.GetParseErrorCode(), offset < length ? source[offset] : 0);
            // The end of the file says little about a string that was never closed.
            parser->fault_offset = parser->fault == CJSONFaultUnclosedString ? parser->string_start : offset;
        }
    }

    if (parser->fault != CJSONFaultNone) {
        if (parser->count && parser->nodes[parser->count - 1].kind == CJSONKindKey) parser->count--;
        while (parser->depth) {
            CJSONNode &node = parser->nodes[parser->open[--parser->depth]];
            node.next = static_cast<uint32_t>(parser->count);
            node.length = static_cast<uint32_t>(parser->fault_offset - node.start);
        }
    }
    return {
        parser->nodes, static_cast<uint32_t>(parser->count), parser->duplicates,
        reinterpret_cast<const uint8_t *>(parser->copy), static_cast<uint32_t>(parser->fault_offset), parser->fault,
    };
}
