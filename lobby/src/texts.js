/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every word on the page, in French and in English, and how times are said. Pure: the language, the zone
 * and `now` are given. A text with {name} is filled by the view, which isolates names from the text around.
 */

const TABLE = {
  fr: {
    locale: 'fr-FR',
    people: { one: 'personne sur place', other: 'personnes sur place' },
    places: { one: 'place libre', other: 'places libres' },
    full: 'Complet pour l’instant',
    kind: 'Une place se libère bientôt, merci de patienter',
    open: 'Ouvert',
    closed: 'Fermé',
    silent: 'Pas de nouvelles depuis {time}',
    greeting: 'Bonjour {name}',
    rooms: 'Salles',
    more: { one: 'et {n} autre', other: 'et {n} autres' },
    free: 'libre',
    freeUntil: 'libre jusqu’à {time}',
    busy: 'occupée',
    busyUntil: 'occupée jusqu’à {time}',
    next: 'À suivre',
    booked: 'Réservé',
    lock: {
      locked: 'verrouillée',
      unlocked: 'déverrouillée',
      held: 'maintenue ouverte',
      lockdown: 'verrouillage en cours'
    },
    ajar: 'ouverte',
    alarm: {
      forced: 'forcée',
      held_open: 'restée ouverte',
      faulty: 'capteur en panne',
      fire: 'alarme incendie'
    },
    reader: 'Le lecteur de badges est en panne\u00a0: sonnez',
    readerNamed: 'Le lecteur «\u00a0{name}\u00a0» est en panne\u00a0: sonnez'
  },
  en: {
    locale: 'en-GB',
    people: { one: 'person here now', other: 'people here now' },
    places: { one: 'place left', other: 'places left' },
    full: 'Full for the moment',
    kind: 'A place will be free soon, thank you for waiting',
    open: 'Open',
    closed: 'Closed',
    silent: 'No news since {time}',
    greeting: 'Hello {name}',
    rooms: 'Rooms',
    more: { one: 'and {n} more', other: 'and {n} more' },
    free: 'free',
    freeUntil: 'free until {time}',
    busy: 'busy',
    busyUntil: 'busy until {time}',
    next: 'What comes next',
    booked: 'Booked',
    lock: { locked: 'locked', unlocked: 'unlocked', held: 'held open', lockdown: 'lockdown' },
    ajar: 'open',
    alarm: {
      forced: 'forced',
      held_open: 'left open',
      faulty: 'sensor out of order',
      fire: 'fire alarm'
    },
    reader: 'The badge reader is out of order: please ring',
    readerNamed: 'The reader “{name}” is out of order: please ring'
  }
}

/* English if asked for, else French. */
export const languageOf = wanted => (/^en\b/i.test(wanted ?? '') ? 'en' : 'fr')

/* The zone that was asked for, else the browser's; a computer without one, or in UTC, stands in Paris. */
export function zoneOf(wanted, browsers) {
  for (const zone of [wanted, browsers]) {
    try {
      if (zone && !/^(Etc\/.*|UTC|GMT|UCT)$/.test(zone)) {
        return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
      }
    } catch {
      // not a zone
    }
  }
  return 'Europe/Paris'
}

export function textsOf(language, zone) {
  const table = TABLE[language]
  const format = options => new Intl.DateTimeFormat(table.locale, { timeZone: zone, ...options })
  const clock = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const date = format({ weekday: 'long', day: 'numeric', month: 'long' })
  const shortDate = format({ weekday: 'short', day: 'numeric', month: 'short' })
  const dayParts = new Intl.DateTimeFormat('en-CA', { timeZone: zone }) // 2026-11-23
  const dayNumber = at => Date.parse(dayParts.format(at)) / 86400000
  const relative = new Intl.RelativeTimeFormat(table.locale, { numeric: 'auto' })
  const plural = new Intl.PluralRules(table.locale)
  const number = new Intl.NumberFormat(table.locale)
  const counted = (forms, n) => (plural.select(n) === 'one' ? forms.one : forms.other)

  return {
    ...table,
    language,
    number: n => number.format(n),
    people: n => counted(table.people, n),
    places: n => counted(table.places, n),
    more: n => counted(table.more, n).replace('{n}', number.format(n)),
    clock: at => clock.format(at),
    date: at => date.format(at).replace(',', ''), // some versions put one after the weekday

    /* "14:05" today, "hier 14:05", "demain 9:00", "dim. 22 nov. 14:05". */
    when(at, now) {
      const days = dayNumber(at) - dayNumber(now)
      if (days === 0) return clock.format(at)
      const day = Math.abs(days) === 1 ? relative.format(days, 'day') : shortDate.format(at)
      return `${day} ${clock.format(at)}`
    }
  }
}
