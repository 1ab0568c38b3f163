/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/remarks.h"

#include "ctl/ctl.h"
#include "util/translate.h"

void remark_add(struct remarks *remarks, unsigned line, char *text)
{
    size_t n = MIN_OF(remarks->n, (size_t)REMARKS_SHOWN), at = n;

    remarks->n++;
    while (at > 0 && remarks->first[at - 1].line > line)
        at--;
    if (at == REMARKS_SHOWN) {
        free(text);
        return;
    }
    if (n == REMARKS_SHOWN)
        free(remarks->first[--n].text);
    memmove(&remarks->first[at + 1], &remarks->first[at], (n - at) * sizeof(remarks->first[0]));
    remarks->first[at].line = line;
    remarks->first[at].text = text;
}

void remarks_tell(const struct remarks *remarks, const char *path, bool as_cautions)
{
    for (size_t i = 0; i < MIN_OF(remarks->n, (size_t)REMARKS_SHOWN); i++) {
        const char *text = remarks->first[i].text ? remarks->first[i].text : _("not enough memory");
        unsigned line = remarks->first[i].line;

        if (as_cautions)
            caution("%.200s:%u: %s", path, line, text);
        else
            (void)complain("%.200s:%u: %s", path, line, text);
    }
}

void remarks_done(struct remarks *remarks)
{
    for (size_t i = 0; i < MIN_OF(remarks->n, (size_t)REMARKS_SHOWN); i++)
        free(remarks->first[i].text);
    *remarks = (struct remarks){0};
}
