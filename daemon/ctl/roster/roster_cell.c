/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/roster/roster_cell.h"

#include "core/words.h"
#include "ctl/roster/csv_cell.h"

#include <errno.h>

#define BADGE_STOPS     ",;/+\n\r"
#define BADGE_TEXT_SIZE 64

/* A word as csv_title_word() makes it. */
struct word {
    const char *word;
    int meaning;
};

static const struct word title_words[] = {
    {"id", ROSTER_ID},
    {"name", ROSTER_NAME},
    {"fullname", ROSTER_NAME},
    {"lastname", ROSTER_NAME},
    {"surname", ROSTER_NAME},
    {"familyname", ROSTER_NAME},
    {"member", ROSTER_NAME},
    {"membername", ROSTER_NAME},
    {"nom", ROSTER_NAME},
    {"nomcomplet", ROSTER_NAME},
    {"nometprenom", ROSTER_NAME},
    {"prenometnom", ROSTER_NAME},
    {"nomprenom", ROSTER_NAME},
    {"prenomnom", ROSTER_NAME},
    {"nomdefamille", ROSTER_NAME},
    {"nomadherent", ROSTER_NAME},
    {"nomdeladherent", ROSTER_NAME},
    {"nommembre", ROSTER_NAME},
    {"nomdumembre", ROSTER_NAME},
    {"nomparticipant", ROSTER_NAME},
    {"firstname", ROSTER_FIRST_NAME},
    {"givenname", ROSTER_FIRST_NAME},
    {"prenom", ROSTER_FIRST_NAME},
    {"prenomadherent", ROSTER_FIRST_NAME},
    {"prenomdeladherent", ROSTER_FIRST_NAME},
    {"prenommembre", ROSTER_FIRST_NAME},
    {"prenomdumembre", ROSTER_FIRST_NAME},
    {"prenomparticipant", ROSTER_FIRST_NAME},
    {"email", ROSTER_EMAIL},
    {"mail", ROSTER_EMAIL},
    {"emailaddress", ROSTER_EMAIL},
    {"courriel", ROSTER_EMAIL},
    {"mel", ROSTER_EMAIL},
    {"adresseemail", ROSTER_EMAIL},
    {"adressemail", ROSTER_EMAIL},
    {"adressecourriel", ROSTER_EMAIL},
    {"adresseelectronique", ROSTER_EMAIL},
    {"emailadherent", ROSTER_EMAIL},
    {"mailadherent", ROSTER_EMAIL},
    {"emaildeladherent", ROSTER_EMAIL},
    {"emailparticipant", ROSTER_EMAIL},
    {"company", ROSTER_COMPANY},
    {"companyname", ROSTER_COMPANY},
    {"organisation", ROSTER_COMPANY},
    {"organization", ROSTER_COMPANY},
    {"societe", ROSTER_COMPANY},
    {"entreprise", ROSTER_COMPANY},
    {"raisonsociale", ROSTER_COMPANY},
    {"structure", ROSTER_COMPANY},
    {"plan", ROSTER_PLAN},
    {"membership", ROSTER_PLAN},
    {"membershiptype", ROSTER_PLAN},
    {"formule", ROSTER_PLAN},
    {"tarif", ROSTER_PLAN},
    {"forfait", ROSTER_PLAN},
    {"abonnement", ROSTER_PLAN},
    {"typeadhesion", ROSTER_PLAN},
    {"typedadhesion", ROSTER_PLAN},
    {"tarifdelinscription", ROSTER_PLAN},
    {"status", ROSTER_STATUS},
    {"statut", ROSTER_STATUS},
    {"etat", ROSTER_STATUS},
    {"validfrom", ROSTER_FROM},
    {"from", ROSTER_FROM},
    {"start", ROSTER_FROM},
    {"startdate", ROSTER_FROM},
    {"debut", ROSTER_FROM},
    {"datedebut", ROSTER_FROM},
    {"datededebut", ROSTER_FROM},
    {"dateadhesion", ROSTER_FROM},
    {"datedadhesion", ROSTER_FROM},
    {"debutadhesion", ROSTER_FROM},
    {"debutdadhesion", ROSTER_FROM},
    {"valableapartirdu", ROSTER_FROM},
    {"validuntil", ROSTER_UNTIL},
    {"until", ROSTER_UNTIL},
    {"end", ROSTER_UNTIL},
    {"enddate", ROSTER_UNTIL},
    {"expires", ROSTER_UNTIL},
    {"expirationdate", ROSTER_UNTIL},
    {"fin", ROSTER_UNTIL},
    {"datefin", ROSTER_UNTIL},
    {"datedefin", ROSTER_UNTIL},
    {"finadhesion", ROSTER_UNTIL},
    {"findadhesion", ROSTER_UNTIL},
    {"expiration", ROSTER_UNTIL},
    {"dateexpiration", ROSTER_UNTIL},
    {"datedexpiration", ROSTER_UNTIL},
    {"expirele", ROSTER_UNTIL},
    {"echeance", ROSTER_UNTIL},
    {"datedecheance", ROSTER_UNTIL},
    {"valablejusquau", ROSTER_UNTIL},
    {"displayname", ROSTER_DISPLAY_NAME},
    {"nickname", ROSTER_DISPLAY_NAME},
    {"nomaffiche", ROSTER_DISPLAY_NAME},
    {"pseudo", ROSTER_DISPLAY_NAME},
    {"surnom", ROSTER_DISPLAY_NAME},
    {"language", ROSTER_LANGUAGE},
    {"langue", ROSTER_LANGUAGE},
    {"host", ROSTER_HOST},
    {"hostemail", ROSTER_HOST},
    {"hote", ROSTER_HOST},
    {"invitepar", ROSTER_HOST},
    {"note", ROSTER_NOTE},
    {"notes", ROSTER_NOTE},
    {"comment", ROSTER_NOTE},
    {"comments", ROSTER_NOTE},
    {"remarque", ROSTER_NOTE},
    {"remarques", ROSTER_NOTE},
    {"commentaire", ROSTER_NOTE},
    {"commentaires", ROSTER_NOTE},
    {"badge", ROSTER_BADGES},
    {"badges", ROSTER_BADGES},
    {"uid", ROSTER_BADGES},
    {"badgeuid", ROSTER_BADGES},
    {"badgenumber", ROSTER_BADGES},
    {"numerobadge", ROSTER_BADGES},
    {"numerodebadge", ROSTER_BADGES},
    {"orderstatus", ROSTER_ORDER},
    {"statutcommande", ROSTER_ORDER},
    {"statutdelacommande", ROSTER_ORDER},
    {"nompayeur", ROSTER_PAYER_NAME},
    {"nomdupayeur", ROSTER_PAYER_NAME},
    {"prenompayeur", ROSTER_PAYER_FIRST_NAME},
    {"prenomdupayeur", ROSTER_PAYER_FIRST_NAME},
    {"emailpayeur", ROSTER_PAYER_EMAIL},
    {"emaildupayeur", ROSTER_PAYER_EMAIL},
};

static const struct word status_words[] = {
    {"active", MEMBER_ACTIVE},       {"actif", MEMBER_ACTIVE},
    {"suspended", MEMBER_SUSPENDED}, {"suspendu", MEMBER_SUSPENDED},
    {"suspendue", MEMBER_SUSPENDED}, {"left", MEMBER_LEFT},
    {"parti", MEMBER_LEFT},          {"partie", MEMBER_LEFT},
    {"ancien", MEMBER_LEFT},         {"ancienne", MEMBER_LEFT},
    {"ancienmembre", MEMBER_LEFT},
};

/* An order that was paid, also by other means ("hors ligne"). */
static const struct word order_words[] = {
    {"valide", 1}, {"validee", 1},   {"valid", 1},      {"paid", 1},      {"paye", 1},
    {"payee", 1},  {"processed", 1}, {"registered", 1}, {"horsligne", 1},
};

static int word_find(const struct word *words, size_t n, const char *text)
{
    char word[TITLE_WORD_SIZE];

    csv_title_word(text, word);
    for (size_t i = 0; i < n; i++)
        if (streq(words[i].word, word))
            return words[i].meaning;
    return -ENOENT;
}

int roster_title(const char *title)
{
    return word_find(title_words, ELEMENTSOF(title_words), title);
}

bool roster_order_stands(const char *cell)
{
    return word_find(order_words, ELEMENTSOF(order_words), cell) > 0;
}

const char *roster_status(const char *cell)
{
    int status = word_find(status_words, ELEMENTSOF(status_words), cell);

    if (status >= 0)
        return member_status_word((enum member_status)status);
    return roster_order_stands(cell) ? "" : NULL;
}

const char *roster_language(const char *cell)
{
    static const struct {
        const char *word, *code;
    } languages[] = {{"francais", "fr"}, {"french", "fr"}, {"anglais", "en"}, {"english", "en"}};
    char word[TITLE_WORD_SIZE];

    csv_title_word(cell, word);
    for (size_t i = 0; i < ELEMENTSOF(languages); i++)
        if (streq(languages[i].word, word))
            return languages[i].code;
    return cell;
}

/* Reads up to four digits; `*text` moves on. How many, 0 = too many or none. */
static size_t digits_read(const char **text, int *ret)
{
    size_t n = strspn(*text, "0123456789");

    if (n < 1 || n > 4)
        return 0;
    *ret = atoi(*text);
    *text += n;
    return n;
}

int roster_day(const char *cell, char ret[static TIME_TEXT_SIZE])
{
    char day[TIME_TEXT_SIZE];
    int first = 0, month = 0, last = 0;
    size_t n_first, n_last;
    char separator;
    day_t unused;

    n_first = digits_read(&cell, &first);
    separator = *cell;
    if (n_first == 0 || !separator || !strchr("-/.", separator))
        return -EINVAL;
    cell++;
    if (digits_read(&cell, &month) == 0 || *cell++ != separator)
        return -EINVAL;
    n_last = digits_read(&cell, &last);
    if (*cell && ((*cell != ' ' && *cell != 'T') || cell[1 + strspn(cell + 1, "0123456789:.Z")]))
        return -EINVAL;
    if (n_first == 4 && n_last >= 1 && n_last <= 2 && separator != '.')
        (void)snprintf(day, sizeof(day), "%04d-%02d-%02d", first, month, last);
    else if (n_last == 4 && n_first <= 2)
        (void)snprintf(day, sizeof(day), "%04d-%02d-%02d", last, month, first);
    else
        return -EINVAL;
    if (day_parse(day, &unused) < 0)
        return -EINVAL;
    (void)strcpy(ret, day);
    return 0;
}

int roster_badge(const char **cell, char ret[static UID_TEXT_SIZE])
{
    char text[BADGE_TEXT_SIZE];
    struct uid uid;
    size_t n;

    *cell += strspn(*cell, BADGE_STOPS " ");
    n = strcspn(*cell, BADGE_STOPS);
    if (n == 0)
        return 0;
    if (n >= sizeof(text))
        return -EINVAL;
    (void)snprintf(text, sizeof(text), "%.*s", (int)n, *cell);
    *cell += n;
    if (uid_parse(text, &uid) < 0)
        return -EINVAL;
    if (uid_is_weak(&uid))
        return -ERANGE;
    uid_format(&uid, ret);
    return 1;
}
