/*
 * A node's name, an account's label, a reason: all of it is text that strangers may have had a hand
 * in, and the page is opened by the one who owns the key.
 */
#include "report/html.h"

#include <string.h>

#include "report/view_words.h"

void html_add(struct text *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            text_add(out, "&lt;");
            break;
        case '>':
            text_add(out, "&gt;");
            break;
        case '&':
            text_add(out, "&amp;");
            break;
        case '"':
            text_add(out, "&quot;");
            break;
        case '\'':
            text_add(out, "&#39;");
            break;
        default:
            text_add_char(out, *text);
        }
    }
}

void html_cell(struct text *out, const char *kind, const char *text)
{
    text_add(out, "<td");
    if (kind[0] != '\0') {
        text_add(out, " class=\"");
        text_add(out, kind);
        text_add_char(out, '"');
    }
    text_add_char(out, '>');
    html_add(out, text);
    text_add(out, "</td>");
}

void html_cell_u64(struct text *out, uint64_t number)
{
    TEXT digits = {0};
    TEXT shown = {0};
    text_add_u64(&digits, number);
    words_add_thousands(&shown, text_string(&digits));
    html_cell(out, "n", text_string(&shown));
}

void html_cell_hex(struct text *out, const char *hex)
{
    TEXT shown = {0};
    words_add_short(&shown, hex);
    text_add(out, "<td class=\"m\" title=\"");
    html_add(out, hex);
    text_add(out, "\">");
    html_add(out, text_string(&shown));
    text_add(out, "</td>");
}

void html_table_begin(struct text *out, const char *title, const char *const *names, size_t count)
{
    text_add(out, "<section><h2>");
    html_add(out, title);
    text_add(out, "</h2><div class=\"scroll\"><table><thead><tr>");
    for (size_t i = 0; i < count; i++) {
        /* a name with a '#' in front heads numbers */
        bool is_number = names[i][0] == '#';
        text_add(out, is_number ? "<th class=\"n\">" : "<th>");
        html_add(out, names[i] + (is_number ? 1 : 0));
        text_add(out, "</th>");
    }
    text_add(out, "</tr></thead><tbody>\n");
}

void html_table_end(struct text *out)
{
    text_add(out, "</tbody></table></div></section>\n");
}

void html_nothing(struct text *out, const char *title, const char *line)
{
    text_add(out, "<section><h2>");
    html_add(out, title);
    text_add(out, "</h2><p class=\"faint\">");
    html_add(out, line);
    text_add(out, "</p></section>\n");
}
