/* A report is looked at once, and passed on: so it is one file that asks nobody for anything. */
#include "keeper/page.h"

#include <string.h>

static const char style[] =
    "<style>:root{color-scheme:light dark;--ink:#1b2733;--paper:#f7f5f0;--sea:#2a6f97;"
    "--red:#b23a48;--dim:#6b7785;--line:#d9d4c7}@media(prefers-color-scheme:dark){:root{"
    "--ink:#e8e6df;--paper:#12181f;--sea:#61a5c2;--red:#e5737f;--dim:#93a1ad;--line:#2b3742}}"
    "body{font:15px/1.5 system-ui,sans-serif;background:var(--paper);color:var(--ink);"
    "max-width:1000px;margin:2rem auto;padding:0 1rem}h1{font-weight:600;margin:0}"
    "p.sub{color:var(--dim);margin:.2rem 0 1.5rem}.cards{display:flex;gap:1rem;flex-wrap:wrap}"
    ".card{border:1px solid var(--line);border-radius:8px;padding:.7rem 1rem;min-width:9rem}"
    ".card b{display:block;font-size:1.5rem}.card span{color:var(--dim)}"
    "svg{width:100%;height:auto;margin:1.5rem 0}table{border-collapse:collapse;width:100%;"
    "font-variant-numeric:tabular-nums}th{text-align:left;color:var(--dim);font-weight:500}"
    "td,th{padding:.25rem .5rem;border-bottom:1px solid var(--line)}td.n{text-align:right}"
    "code{font-size:.9em}</style>";

/* Symbols and names are chosen by strangers. */
void page_add(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("<>&\"'", *text) != NULL)
            fprintf(out, "&#%d;", *text);
        else
            fputc(*text, out);
    }
}

void page_card(FILE *out, const char *value, const char *label)
{
    fprintf(out, "<div class=\"card\"><b>%s</b><span>%s</span></div>", value, label);
}

void page_begin(FILE *out, const char *title)
{
    fprintf(out,
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>%s</title>%s"
            "<h1>%s</h1>",
            title, style, title);
}
