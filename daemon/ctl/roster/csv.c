/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/roster/csv.h"

#include "util/translate.h"

#include "store/edit_text.h"

#include <errno.h>
#include <stdarg.h>

#define MARK       "\xEF\xBB\xBF" /* U+FEFF in UTF-8 */
#define ZIP        "PK\x03\x04"   /* what Office Open XML and OpenDocument are packed in */
#define NBSP       "\xC2\xA0"
#define LATIN_MOST 3 /* bytes of UTF-8 that a byte of Windows-1252 becomes */

struct parsing {
    struct csv csv;
    char *at; /* the next byte */
    unsigned line;
    size_t rows_most;
    size_t capacity; /* rows, the titles too, that there is room for */
    struct csv_error *error;
};

static int fail(struct csv_error *error, int r, unsigned line, const char *format, ...)
    PRINTF(4, 5);

static int fail(struct csv_error *error, int r, unsigned line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(error->text, sizeof(error->text), _(format), args);
    va_end(args);
    error->line = line;
    return r;
}

static int out_of_memory(struct csv_error *error)
{
    return fail(error, -ENOMEM, 0, "not enough memory");
}

void csv_done(struct csv *csv)
{
    free(csv->text);
    free(csv->fields);
    free(csv->lines);
    *csv = (struct csv){0};
}

static void cleanup_parsing(struct parsing *parsing)
{
    csv_done(&parsing->csv);
}

const char *csv_field(const struct csv *csv, size_t row, size_t column)
{
    return csv->fields[row * csv->n_columns + column];
}

/* --- bytes to UTF-8 --------------------------------------------------------------------------- */

/* The line that byte `at` is on; a CR LF counts once. */
static unsigned line_of(const char *bytes, size_t at)
{
    unsigned line = 1;

    for (size_t i = 0; i < at; i++)
        line += bytes[i] == '\n' || (bytes[i] == '\r' && bytes[i + 1] != '\n');
    return line;
}

/* What Windows-1252 has where Latin-1 has control characters, 0x80 to 0x9F; 0 = nothing. */
static uint32_t code_point(unsigned char byte)
{
    static const uint16_t others[] = {
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

    return byte >= 0x80 && byte <= 0x9F ? others[byte - 0x80] : byte;
}

static char *utf8_put(char *end, uint32_t c)
{
    if (c < 0x80) {
        *end++ = (char)c;
    } else if (c < 0x800) {
        *end++ = (char)(0xC0 | c >> 6);
        *end++ = (char)(0x80 | (c & 0x3F));
    } else {
        *end++ = (char)(0xE0 | c >> 12);
        *end++ = (char)(0x80 | (c >> 6 & 0x3F));
        *end++ = (char)(0x80 | (c & 0x3F));
    }
    return end;
}

/* Replaces the text by its UTF-8, read as Windows-1252. */
static int latin_convert(struct csv *csv, size_t n, struct csv_error *error)
{
    char *text = malloc(n * LATIN_MOST + 1), *end = text;

    if (!text)
        return out_of_memory(error);
    for (size_t i = 0; i < n; i++) {
        uint32_t c = code_point((unsigned char)csv->text[i]);

        if (c == 0) {
            free(text);
            return fail(error, -EILSEQ, line_of(csv->text, i),
                        "a byte here is no text, neither in UTF-8 nor in Latin-1: save the file as "
                        "CSV UTF-8");
        }
        end = utf8_put(end, c);
    }
    *end = '\0';
    free(csv->text);
    csv->text = text;
    csv->is_latin = true;
    return 0;
}

/* Copies the bytes as UTF-8 that ends with the first NUL. */
static int text_read(const char *bytes, size_t n, struct csv *csv, struct csv_error *error)
{
    bool is_marked = n >= strlen(MARK) && memcmp(bytes, MARK, strlen(MARK)) == 0;
    const char *nul = memchr(bytes, '\0', n);

    if (n >= strlen(ZIP) && memcmp(bytes, ZIP, strlen(ZIP)) == 0)
        return fail(error, -EILSEQ, 0,
                    "is a spreadsheet's own file (.xlsx, .ods), whatever its name: save it as CSV "
                    "UTF-8 in the spreadsheet");
    if (n >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0))
        return fail(error, -EILSEQ, 0, "is UTF-16: save it as CSV UTF-8");
    if (nul)
        return fail(error, -EILSEQ, line_of(bytes, (size_t)(nul - bytes)),
                    "a NUL is no text: save the file as CSV UTF-8");
    if (is_marked) {
        bytes += strlen(MARK);
        n -= strlen(MARK);
    }
    csv->text = strndup(bytes, n);
    if (!csv->text)
        return out_of_memory(error);
    if (text_valid(csv->text))
        return 0;
    if (is_marked)
        return fail(error, -EILSEQ, 0, "says that it is UTF-8 and isn't: save it as CSV UTF-8");
    return latin_convert(csv, n, error);
}

/* --- text to fields --------------------------------------------------------------------------- */

static bool is_blank(const struct parsing *parsing, char c)
{
    return c == ' ' || (c == '\t' && parsing->csv.separator != '\t');
}

/* Where the text goes on after blanks. */
static char *blanks_skip(const struct parsing *parsing, char *text)
{
    for (;;) {
        if (is_blank(parsing, *text))
            text++;
        else if (starts_with(text, NBSP))
            text += strlen(NBSP);
        else
            return text;
    }
}

/* Ends the field at `end`, without blanks around it; where it begins. */
static const char *trimmed(const struct parsing *parsing, char *text, char *end)
{
    *end = '\0';
    text = blanks_skip(parsing, text);
    for (;;) {
        size_t n = (size_t)(end - text);

        if (n >= 1 && (is_blank(parsing, end[-1]) || end[-1] == '\n' || end[-1] == '\r'))
            end -= 1;
        else if (n >= strlen(NBSP) && streq(end - strlen(NBSP), NBSP))
            end -= strlen(NBSP);
        else
            return text;
        *end = '\0';
    }
}

/* Reads a field in quotes up to what follows it, doubled quotes as one. */
static int quoted_read(struct parsing *parsing, const char **ret)
{
    char *from = parsing->at + 1, *to = from, *text = from;
    unsigned line = parsing->line;

    for (; *from && (*from != '"' || from[1] == '"'); *to++ = *from++) {
        if (*from == '"')
            from++;
        parsing->line += *from == '\n' || (*from == '\r' && from[1] != '\n');
    }
    if (!*from)
        return fail(parsing->error, -EBADMSG, line,
                    "a quote begins here and never ends: add the one at its end");
    parsing->at = blanks_skip(parsing, from + 1);
    if (*parsing->at && !strchr("\r\n", *parsing->at) && *parsing->at != parsing->csv.separator)
        return fail(parsing->error, -EBADMSG, parsing->line,
                    "something follows the quote at a field's end: double the quotes inside a "
                    "field: \"Ada \"\"Countess\"\" Lovelace\"");
    *ret = trimmed(parsing, text, to);
    return 0;
}

static int plain_read(struct parsing *parsing, const char **ret, char **ret_end)
{
    const char stops[] = {parsing->csv.separator, '\r', '\n', '"', '\0'};
    char *text = parsing->at;

    parsing->at += strcspn(text, stops);
    if (*parsing->at == '"')
        return fail(parsing->error, -EBADMSG, parsing->line,
                    "a quote in the middle of a field: put all of the field in quotes and double "
                    "those inside: \"Ada \"\"Countess\"\" Lovelace\"");
    *ret = text;
    *ret_end = parsing->at;
    return 0;
}

/* Reads one field; 1 if its row goes on after it, 0 if not. */
static int field_read(struct parsing *parsing, const char **ret)
{
    char *begin = blanks_skip(parsing, parsing->at), *end = NULL, stop;
    int r;

    if (*begin == '"') {
        parsing->at = begin;
        r = quoted_read(parsing, ret);
    } else {
        r = plain_read(parsing, ret, &end);
    }
    if (r < 0)
        return r;
    stop = *parsing->at;
    if (stop == '\r' && parsing->at[1] == '\n')
        parsing->at++;
    if (stop)
        parsing->at++;
    if (stop == '\r' || stop == '\n')
        parsing->line++;
    if (end)
        *ret = trimmed(parsing, (char *)*ret, end);
    return stop && stop == parsing->csv.separator;
}

static const char *separator_name(char separator)
{
    return separator == '\t' ? "tab" : separator == ';' ? "“;”" : "“,”";
}

/* Reads the fields of one line, of at most `most`; how many. */
static int line_read(struct parsing *parsing, const char *fields[static CSV_COLUMNS_MOST],
                     size_t most)
{
    unsigned line = parsing->line;
    size_t n = 0;
    int r = 1;

    while (r > 0) {
        const char *field = "";

        r = field_read(parsing, &field);
        if (r < 0)
            return r;
        if (n < most)
            fields[n] = field;
        else if (*field && most < CSV_COLUMNS_MOST)
            return fail(parsing->error, -EBADMSG, line,
                        "has more fields than there are titles, from “%.40s” on: put a field with "
                        "a %s in it in quotes",
                        field, separator_name(parsing->csv.separator));
        else if (*field)
            return fail(parsing->error, -E2BIG, line, "has more than %d columns: take some away",
                        CSV_COLUMNS_MOST);
        n++;
    }
    return (int)MIN_OF(n, most);
}

static bool all_empty(const char *const *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (*fields[i])
            return false;
    return true;
}

/* --- the table -------------------------------------------------------------------------------- */

/* What the first line with text, outside of quotes, has most of; a comma in doubt. */
static char separator_find(const char *text)
{
    size_t commas = 0, semicolons = 0, tabs = 0;
    bool quoted = false;

    text += strspn(text, " \t\r\n");
    for (; *text && (quoted || !strchr("\r\n", *text)); text++) {
        if (*text == '"')
            quoted = !quoted;
        commas += !quoted && *text == ',';
        semicolons += !quoted && *text == ';';
        tabs += !quoted && *text == '\t';
    }
    if (tabs > MAX_OF(commas, semicolons))
        return '\t';
    return semicolons > commas ? ';' : ',';
}

/* Adds a row; the titles, the first one, say how many columns there are. */
static int row_add(struct parsing *parsing, unsigned line, const char *const *fields, size_t n)
{
    struct csv *csv = &parsing->csv;
    size_t used = csv->n_columns == 0 ? 0 : csv->n_rows + 1; /* rows, with the titles */

    if (used == 0)
        csv->n_columns = n;
    else if (csv->n_rows == parsing->rows_most)
        return fail(parsing->error, -E2BIG, line,
                    "there are more than %zu rows: split it into several files",
                    parsing->rows_most);
    if (used == parsing->capacity) {
        size_t more = used + used / 2 + 64;
        const char **all = reallocarray(csv->fields, more * csv->n_columns, sizeof(*all));
        unsigned *lines;

        if (!all)
            return out_of_memory(parsing->error);
        csv->fields = all;
        lines = reallocarray(csv->lines, more, sizeof(*lines));
        if (!lines)
            return out_of_memory(parsing->error);
        csv->lines = lines;
        parsing->capacity = more;
    }
    for (size_t i = 0; i < csv->n_columns; i++)
        csv->fields[used * csv->n_columns + i] = i < n ? fields[i] : "";
    csv->lines[used] = line;
    csv->n_rows += used > 0;
    return 0;
}

static int table_read(struct parsing *parsing)
{
    const char *fields[CSV_COLUMNS_MOST];

    while (*parsing->at) {
        size_t n_columns = parsing->csv.n_columns;
        unsigned line = parsing->line;
        int r = line_read(parsing, fields, n_columns > 0 ? n_columns : CSV_COLUMNS_MOST);

        if (r < 0)
            return r;
        if (all_empty(fields, (size_t)r))
            continue;
        r = row_add(parsing, line, fields, (size_t)r);
        if (r < 0)
            return r;
    }
    return 0;
}

int csv_parse(const char *bytes, size_t n, size_t rows_most, struct csv *ret,
              struct csv_error *error)
{
    CLEANUP(cleanup_parsing) struct parsing parsing = {
        .line = 1,
        .rows_most = MIN_OF(rows_most, (size_t)CSV_ROWS_MOST),
        .error = error,
    };
    int r;

    if (n > CSV_BYTES_MOST)
        return fail(error, -EFBIG, 0, "is larger than 16 MiB: split it into several files");
    r = text_read(bytes, n, &parsing.csv, error);
    if (r < 0)
        return r;
    parsing.at = parsing.csv.text;
    parsing.csv.separator = separator_find(parsing.csv.text);
    r = table_read(&parsing);
    if (r < 0)
        return r;
    if (parsing.csv.n_columns == 0)
        return fail(error, -ENODATA, 0,
                    "is empty: it needs a line of titles and below it a line for each");
    *ret = parsing.csv;
    parsing.csv = (struct csv){0};
    return 0;
}
