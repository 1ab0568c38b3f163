/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which doors a plan or a resource opens. */

#include "store/edit_private.h"

int edit_doors_check(struct edit *edit, const struct edit_doors *doors)
{
    int r = 0;

    for (size_t i = 0; i < doors->n && r == 0; i++)
        r = edit_values_check(edit, &(struct edit_value){"door", doors->names[i]}, 1);
    return r;
}

int edit_doors_replace(struct edit *edit, const char *of, const char *id,
                       const struct edit_doors *doors)
{
    char sql[64], table[32];
    int r;

    if (!doors->given)
        return 0;
    (void)snprintf(table, sizeof(table), "%s_door", of);
    (void)snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s = ?1", table, of);
    r = edit_run(edit, sql, id);
    for (size_t i = 0; i < doors->n && r == 0; i++) {
        const struct edit_value values[] = {{of, id}, {"door", doors->names[i]}};

        r = edit_row_insert(edit, table, values, ELEMENTSOF(values));
    }
    return r;
}
