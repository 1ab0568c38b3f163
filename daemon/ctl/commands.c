/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The commands and their options: what there is to type. */

#include "ctl/ctl.h"
#include "util/translate.h"

static const struct option_rule member_options[] = {
    {"plan", "PLAN", "plan"},
    {"email", "E", "email"},
    {"company", "C", "company"},
    {"from", "DAY", "valid_from"},
    {"until", "DAY", "valid_until"},
    {"host", "MEMBER", "host"},
    {"display-name", "NAME", "display_name"},
    {"language", "CODE", "language"},
    {"note", "TEXT", "note"},
    {0},
};

static const struct option_rule member_edit_options[] = {
    {"name", "NAME", "name"},
    {"email", "E", "email"},
    {"company", "C", "company"},
    {"plan", "PLAN", "plan"},
    {"status", "active|suspended|left", "status"},
    {"from", "DAY", "valid_from"},
    {"valid-from", "DAY", "valid_from"},
    {"until", "DAY", "valid_until"},
    {"valid-until", "DAY", "valid_until"},
    {"display-name", "NAME", "display_name"},
    {"language", "CODE", "language"},
    {"host", "MEMBER", "host"},
    {"note", "TEXT", "note"},
    {0},
};

static const struct option_rule member_in_options[] = {{"guests", "N", NULL}, {0}};

static const struct option_rule expiring_options[] = {{"expiring", "DAYS", NULL}, {0}};

static const struct option_rule badge_add_options[] = {
    {"last", NULL, NULL},
    {"label", "L", "label"},
    {"until", "DAY", "valid_until"},
    {0},
};

static const struct option_rule badge_set_options[] = {
    {"label", "L", "label"},
    {"until", "DAY", "valid_until"},
    {0},
};

static const struct option_rule badge_enrol_options[] = {
    {"reader", "R", NULL},
    {"timeout", "30s", NULL},
    {"label", "L", "label"},
    {"until", "DAY", "valid_until"},
    {0},
};

static const struct option_rule resource_add_options[] = {
    {"kind", "room|desk|space", "kind"},
    {"seats", "N", "seats"},
    {"early", "MINUTES", "early"},
    {"late", "MINUTES", "late"},
    {"check-in", "MINUTES", "check_in"},
    {"door", "DOOR …", NULL},
    {0},
};

static const struct option_rule resource_edit_options[] = {
    {"name", "NAME", "name"},     {"kind", "room|desk|space", "kind"},
    {"seats", "N", "seats"},      {"early", "MINUTES", "early"},
    {"late", "MINUTES", "late"},  {"check-in", "MINUTES", "check_in"},
    {"door", "DOOR|all …", NULL}, {0},
};

static const struct option_rule plan_add_options[] = {
    {"access", "always|opening|hours|booking|pass", "access"},
    {"min-assurance", "uid|secure", "min_assurance"},
    {"active", "0|1", "active"},
    {"hours", "\"mon-fri 18:00-23:00\" …", NULL},
    {"door", "DOOR …", NULL},
    {0},
};

static const struct option_rule plan_edit_options[] = {
    {"name", "NAME", "name"},
    {"access", "always|opening|hours|booking|pass", "access"},
    {"min-assurance", "uid|secure", "min_assurance"},
    {"active", "0|1", "active"},
    {"hours", "\"mon-fri 18:00-23:00\"|none …", NULL},
    {"door", "DOOR|all …", NULL},
    {0},
};

static const struct option_rule closure_add_options[] = {
    {"label", "L", "label"},
    {"french-holidays", "YEAR", NULL},
    {0},
};

static const struct option_rule closure_list_options[] = {{"all", NULL, NULL}, {0}};

static const struct option_rule pass_options[] = {
    {"from", "DAY", "valid_from"},
    {"until", "DAY", "valid_until"},
    {0},
};

static const struct option_rule booking_add_options[] = {
    {"title", "T", NULL},
    {"public", NULL, NULL},
    {"guest", "M …", NULL},
    {"guests", "FILE.csv", NULL},
    {0},
};

static const struct option_rule booking_list_options[] = {
    {"resource", "R", NULL},
    {"day", "DAY", NULL},
    {0},
};

static const struct option_rule why_options[] = {{"door", "D", NULL}, {"at", "TIME", NULL}, {0}};

static const struct option_rule hold_options[] = {{"until", "TIME", NULL}, {0}};
static const struct option_rule occupancy_options[] = {{"names", NULL, NULL}, {0}};

static const struct option_rule unlock_options[] = {{"for", "5s", NULL}, {0}};

static const struct option_rule log_options[] = {
    {"since", "TIME", NULL},
    {"member", "M", NULL},
    {"denied", NULL, NULL},
    {"follow", NULL, NULL},
    {0},
};

static const struct option_rule check_options[] = {
    {"records", NULL, NULL},
    {"machine", NULL, NULL},
    {"root", "DIR", NULL},
    {0},
};

static const struct option_rule import_options[] = {
    {"dry-run", NULL, NULL},
    {"plan", "PLAN", NULL},
    {"plan-for", "WORDS=PLAN …", NULL},
    {0},
};

static const struct option_rule export_options[] = {
    {"force", NULL, NULL},
    {"badges", NULL, NULL},
    {"separator", "semicolon|comma|tab", NULL},
    {0},
};

const struct command commands[] = {
    {"member add", "NAME --plan PLAN", N_("add a member; prints the number alone"), 1, 1,
     member_options, member_add},
    {"member list", "[--expiring DAYS]", N_("all members, or whose membership ends soon"), 0, 0,
     expiring_options, member_list},
    {"member show", "M", N_("one member on one screen: badges, passes, bookings, visits"), 1, 1,
     NULL, member_show},
    {"member edit", "M --FIELD VALUE …", N_("change a member; an empty value takes it away"), 1, 1,
     member_edit_options, member_edit},
    {"member suspend", "M", N_("let nobody in as this member, until resumed"), 1, 1, NULL,
     member_suspend},
    {"member resume", "M", N_("let a suspended member in again"), 1, 1, NULL, member_resume},
    {"member leave", "M", N_("end a membership"), 1, 1, NULL, member_leave},
    {"member in", "M [--guests N]",
     N_("count a member inside who came without a badge, or with so many guests who have none"), 1,
     1, member_in_options, member_in},
    {"member out", "M", N_("count a member no longer, who forgot to tap"), 1, 1, NULL, member_out},
    {"badge enrol", "M [--reader R] [--timeout 30s] [--label L] [--until DAY]",
     N_("give a member the badge held to a reader next"), 1, 1, badge_enrol_options, badge_enrol},
    {"badge add", "M UID|--last [--label L] [--until DAY]",
     N_("give a member a badge; --last: the one just refused as unknown"), 1, ARGUMENTS_MOST,
     badge_add_options, badge_add},
    {"badge set", "UID STATUS [--label L] [--until DAY]",
     N_("active, blocked, lost, stolen or returned; badge add gives a returned one to another "
        "member"),
     2, ARGUMENTS_MOST, badge_set_options, badge_set},
    {"badge list", "[M] [--expiring DAYS]", N_("all badges, a member's, or whose end is near"), 0,
     1, expiring_options, badge_list},
    {"enrol", "M …", N_("short for badge enrol"), 1, 1, badge_enrol_options, badge_enrol},
    {"plan add", "ID NAME [--access A] [--hours \"DAYS WINDOW…\"]… [--door D]…",
     N_("add a membership; without --door it opens every door"), 2, 2, plan_add_options, plan_add},
    {"plan edit", "ID --FIELD VALUE … [--hours H|none]… [--door D|all]…",
     N_("change one; hours and doors replace what was there"), 1, 1, plan_edit_options, plan_edit},
    {"plan list", "", N_("what memberships there are, their hours and doors"), 0, 0, NULL,
     plan_list},
    {"opening set", "WEEKDAY OPENS-CLOSES…|closed",
     N_("when the space is open: mon-fri 09:00-12:00 14:00-18:00"), 2, ARGUMENTS_MOST, NULL,
     opening_set},
    {"opening list", "", N_("the opening hours"), 0, 0, NULL, opening_list},
    {"closure add", "FIRST [LAST] [--label L] | --french-holidays YEAR",
     N_("close the space on these days; prints the number alone"), 0, 2, closure_add_options,
     closure_add},
    {"closure list", "[--all]", N_("closed days from today on, or all"), 0, 0, closure_list_options,
     closure_list},
    {"closure remove", "ID", N_("open the space on these days again"), 1, 1, NULL, closure_remove},
    {"pass add", "M day|half_day QUANTITY [--from DAY] [--until DAY]",
     N_("sell a member so many days; prints the number alone"), 3, 3, pass_options, pass_add},
    {"pass list", "[M]", N_("all passes, or a member's"), 0, 1, NULL, pass_list},
    {"resource add", "ID NAME [--door D]…",
     N_("add a room, a desk or the space, to be booked; its doors open for who has booked it"), 2,
     2, resource_add_options, resource_add},
    {"resource edit", "ID --FIELD VALUE … [--door D|all]…",
     N_("change one; an empty value takes it away"), 1, 1, resource_edit_options, resource_edit},
    {"resource list", "", N_("what can be booked"), 0, 0, NULL, resource_list},
    {"booking add", "RESOURCE M START END|DURATION [--title T] [--guest M]… [--guests FILE.csv]",
     N_("book, and invite guests; prints the number alone"), 4, ARGUMENTS_MOST, booking_add_options,
     booking_add},
    {"booking list", "[--resource R] [--day DAY]", N_("what is booked"), 0, 0, booking_list_options,
     booking_list},
    {"booking cancel", "ID", N_("cancel a booking; it stays in the list"), 1, 1, NULL,
     booking_cancel},
    {"door list", "", N_("the doors and how they are"), 0, 0, NULL, door_list},
    {"door unlock", "DOOR [--for 5s]", N_("unlock a door once"), 1, 1, unlock_options, door_unlock},
    {"door hold", "DOOR [--until TIME]", N_("hold a door unlocked"), 1, 1, hold_options, door_hold},
    {"door release", "DOOR", N_("end that, also what the opening hours hold"), 1, 1, NULL,
     door_release},
    {"door lockdown", "on|off", N_("let nobody in; ways out stay"), 1, 1, NULL, door_lockdown},
    {"occupancy", "[--names]", N_("how many people are in, or who (to print for an evacuation)"), 0,
     0, occupancy_options, occupancy_show},
    {"occupancy reset", "", N_("check everybody out"), 0, 0, NULL, occupancy_reset},
    {"why", "UID [--door D] [--at TIME]", N_("the answer that a tap would get, rule by rule"), 1,
     ARGUMENTS_MOST, why_options, why_show},
    {"log", "[--since TIME] [--member M] [--denied] [--follow]",
     N_("what happened, the newest last; --follow goes on until Ctrl-C"), 0, 0, log_options,
     log_list},
    {"import", "FILE.csv [--dry-run] [--plan PLAN] [--plan-for WORDS=PLAN]…",
     N_("add and change the members of a list, all or nothing; --dry-run only shows it"), 1, 1,
     import_options, import_members},
    {"export", "FILE.csv [--force] [--badges]",
     N_("write the members to a list, for a spreadsheet"), 1, 1, export_options, export_members},
    {"check", "[--records] [--machine] [--root DIR]",
     N_("what to mend in the records and on the door's machine, or on its card mounted at DIR"), 0,
     0, check_options, check_run},
};
const size_t n_commands = ELEMENTSOF(commands);
_Static_assert(ELEMENTSOF(commands) <= COMMANDS_MOST, "room for every name");
