/* A reader of JSON (RFC 8259) that keeps each value's place. */
#include "abi.h"
#include "format.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 128 };

typedef struct {
    const char *at, *end, *start;
    const char *fault; /* NULL as long as all is well */
    int depth;
} reader;

static bool give_up(reader *in, const char *fault) {
    if (!in->fault) in->fault = fault;
    return false;
}

static void skip_space(reader *in) {
    while (in->at < in->end && strchr(" \t\r\n", *in->at) && *in->at) in->at++;
}

static bool take(reader *in, char wanted) {
    skip_space(in);
    if (in->at == in->end || *in->at != wanted) return false;
    in->at++;
    return true;
}

static bool take_word(reader *in, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length)) return give_up(in, "a value is no JSON");
    in->at += length;
    return true;
}

static bool hex4(reader *in, uint32_t *value) {
    *value = 0;
    for (int i = 0; i < 4; i++, in->at++) {
        if (in->at == in->end) return give_up(in, "a text does not end");
        char c = *in->at;
        uint32_t digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 16;
        if (digit == 16) return give_up(in, "\\u wants four hexadecimal digits");
        *value = *value << 4 | digit;
    }
    return true;
}

static char *put_utf8(char *to, uint32_t c) {
    if (c < 0x80) return *to++ = (char)c, to;
    if (c < 0x800) return *to++ = (char)(0xC0 | c >> 6), *to++ = (char)(0x80 | (c & 63)), to;
    if (c >= 0x10000) {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 63));
    } else {
        *to++ = (char)(0xE0 | c >> 12);
    }
    return *to++ = (char)(0x80 | (c >> 6 & 63)), *to++ = (char)(0x80 | (c & 63)), to;
}

static bool read_escape(reader *in, char **to) {
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    if (in->at == in->end) return give_up(in, "a text does not end");
    char c = *in->at++;
    const char *letter = strchr(letters, c);
    if (c && letter) return *(*to)++ = meant[letter - letters], true;
    if (c != 'u') return give_up(in, "there is no such escape");
    uint32_t high, low;
    if (!hex4(in, &high)) return false;
    if (high >= 0xD800 && high < 0xDC00) {
        if (!take_word(in, "\\u") || !hex4(in, &low) || low < 0xDC00 || low > 0xDFFF)
            return give_up(in, "half of a surrogate pair is missing");
        high = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    } else if (high >= 0xDC00 && high <= 0xDFFF) {
        return give_up(in, "half of a surrogate pair is missing");
    }
    *to = put_utf8(*to, high);
    return true;
}

static bool read_text(reader *in, lf_text *text) {
    if (!take(in, '"')) return give_up(in, "a text is missing");
    const char *close = in->at;
    while (close < in->end && *close != '"') close += *close == '\\' ? 2 : 1;
    if (close >= in->end) return give_up(in, "a text does not end");
    /* Without its escapes, a text is never longer. */
    char *to = lf_alloc((size_t)(close - in->at) + 1), *start = to;
    while (in->at < in->end && *in->at != '"') {
        if ((unsigned char)*in->at < 0x20) return give_up(in, "a control character in a text has to be escaped");
        if (*in->at != '\\') *to++ = *in->at++;
        else if (in->at++, !read_escape(in, &to)) return false;
    }
    in->at++;
    *text = (lf_text){start, (size_t)(to - start)};
    return true;
}

static bool digits(reader *in) {
    const char *start = in->at;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9') in->at++;
    return in->at > start || give_up(in, "a number lacks digits");
}

static bool read_number(reader *in, lf_json *value) {
    const char *start = in->at;
    if (*in->at == '-') in->at++;
    if (in->at < in->end && *in->at == '0') in->at++;
    else if (!digits(in)) return false;
    if (in->at < in->end && *in->at == '.' && (in->at++, !digits(in))) return false;
    if (in->at < in->end && (*in->at | 32) == 'e') {
        in->at++;
        if (in->at < in->end && (*in->at == '+' || *in->at == '-')) in->at++;
        if (!digits(in)) return false;
    }
    value->text = (lf_text){start, (size_t)(in->at - start)};
    value->number = strtod(lf_c_string(value->text), NULL);
    return true;
}

/* A place one step further down; `~` and `/` in a key are escaped. */
static lf_text below(lf_text pointer, lf_text key) {
    char *to = lf_alloc(pointer.length + 1 + 2 * key.length), *start = to;
    if (pointer.length) memcpy(to, pointer.at, pointer.length);
    to += pointer.length;
    *to++ = '/';
    for (size_t i = 0; i < key.length; i++) {
        if (key.at[i] == '~' || key.at[i] == '/') *to++ = '~', *to++ = key.at[i] == '~' ? '0' : '1';
        else *to++ = key.at[i];
    }
    return (lf_text){start, (size_t)(to - start)};
}

static bool read_value(reader *in, lf_json *value);

static bool read_items(reader *in, lf_json *value, char close) {
    if (++in->depth > DEEPEST) return give_up(in, "it is nested too deep");
    if (!take(in, close)) {
        do {
            lf_json item = {0};
            if (close == '}') {
                if (!read_text(in, &item.key)) return false;
                if (!take(in, ':')) return give_up(in, "a key lacks its colon");
                item.pointer = below(value->pointer, item.key);
            } else {
                item.pointer = lf_format(LF_TEXT_FORMAT "/%zu", LF_TEXT(value->pointer), value->items.length);
            }
            if (!read_value(in, &item)) return false;
            LF_ADD(&value->items, item);
        } while (take(in, ','));
        if (!take(in, close)) return give_up(in, "a list or object does not end");
    }
    in->depth--;
    return true;
}

static bool read_value(reader *in, lf_json *value) {
    skip_space(in);
    if (in->at == in->end) return give_up(in, "a value is missing");
    switch (*in->at) {
    case '{': return value->kind = LF_JSON_OBJECT, in->at++, read_items(in, value, '}');
    case '[': return value->kind = LF_JSON_LIST, in->at++, read_items(in, value, ']');
    case '"': return value->kind = LF_JSON_TEXT, read_text(in, &value->text);
    case 't': return value->kind = LF_JSON_BOOL, value->flag = true, take_word(in, "true");
    case 'f': return value->kind = LF_JSON_BOOL, take_word(in, "false");
    case 'n': return take_word(in, "null");
    default:
        if (*in->at != '-' && (*in->at < '0' || *in->at > '9')) return give_up(in, "a value is no JSON");
        return value->kind = LF_JSON_NUMBER, read_number(in, value);
    }
}

const lf_json *lf_parse_json(lf_text text, lf_text *error) {
    reader in = {.at = text.at, .end = text.at + text.length, .start = text.at};
    lf_json *root = lf_alloc(sizeof *root);
    root->pointer = LF_LIT("");
    if (read_value(&in, root)) {
        skip_space(&in);
        if (in.at == in.end) return root;
        give_up(&in, "there is more behind the value");
    }
    *error = lf_format("%s, at byte %zu", in.fault, (size_t)(in.at - in.start));
    return NULL;
}

const lf_json *lf_member(const lf_json *object, const char *key) {
    if (!object || object->kind != LF_JSON_OBJECT) return NULL;
    for (size_t i = 0; i < object->items.length; i++)
        if (lf_is(object->items.at[i].key, key)) return &object->items.at[i];
    return NULL;
}
