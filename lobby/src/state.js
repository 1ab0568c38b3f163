/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the page knows, as a plain value: pure functions from a state and a piece of news to the next state.
 * No clock, no DOM, no network; `now` is milliseconds since 1970.
 *
 * Promises: a payload that isn't what schemas/mqtt says changes nothing; everything that a name, a topic or
 * a number can grow to is bounded; and nothing old passes for fresh. For the last, each fact carries the
 * session in which it was heard: a session ends when the link or the publisher goes away, and `isCurrent`
 * holds only for the facts of the present one.
 */

export const LIMITS = {
  payload: 65536, // characters; a longer one is ignored
  name: 120, // characters of any name or title; the rest is cut off
  entries: 32, // doors, readers and rooms, each
  people: 99999, // a greater count is no count
  greeting: 6000, // ms that a greeting is shown
  patience: 2500 // ms after the start before "no news" is said
}

const LOCKS = ['locked', 'unlocked', 'held', 'lockdown']
const CONTACTS = ['open', 'closed', 'unknown']
const ALARMS = ['forced', 'held_open', 'faulty', 'fire']
const READER_STATES = ['ready', 'absent', 'faulty']
const ROOM_STATES = ['free', 'busy']

export function initial(now) {
  return {
    started: now,
    linked: false,
    status: null, // 'online', 'offline', or null: not heard in this session
    session: 0,
    sureAt: null, // when link and publisher were last known to be there
    newestAt: null, // the newest time that a payload named
    name: null,
    occupancy: null,
    greeting: null,
    doors: new Map(),
    readers: new Map(),
    rooms: new Map()
  }
}

// --- asking ---------------------------------------------------------------------------------------

/* Link and publisher are there: the facts of this session are the truth. */
export const isFresh = state => state.linked && state.status === 'online'

export const isCurrent = (state, fact) => fact !== null && fact.session === state.session

/* When the last news came: null while there is news, and shortly after the start. */
export function silentSince(state, now) {
  if (isFresh(state)) return null
  if (state.sureAt !== null) return state.sureAt
  if (state.status === null && now - state.started < LIMITS.patience) return null
  return state.newestAt ?? state.started
}

/* The facts to show: this session's while they are fresh, else the last known ones. */
export function known(state, fact) {
  return fact !== null && (!isFresh(state) || isCurrent(state, fact)) ? fact : null
}

export function knownEntries(state, map) {
  return [...map.values()].filter(fact => known(state, fact))
}

// --- being told -----------------------------------------------------------------------------------

export function linkUp(state) {
  return { ...state, linked: true }
}

export function linkDown(state) {
  return { ...state, linked: false, status: null, session: state.session + 1 }
}

/* Something came over the link. */
export function alive(state, now) {
  return isFresh(state) ? { ...state, sureAt: now } : state
}

/* A message on `topic` (below the site's), `payload` as text. */
export function message(state, topic, payload, now) {
  if (payload.length > LIMITS.payload) return state
  const slash = topic.indexOf('/')
  const kind = slash < 0 ? topic : topic.slice(0, slash)
  const id = slash < 0 ? null : topic.slice(slash + 1)

  if (kind === 'status' && id === null) return statusTold(state, payload, now)

  const place = PLACES.get(kind)
  if (place && id && payload === '') return forget(state, place, id)
  const data = parse(payload)
  if (!data) return state
  if (place && id) return entryTold(state, place, id, READINGS[kind](data, id), data, now)
  if (id !== null) return state
  if (kind === 'occupancy') return occupancyTold(state, data, now)
  if (kind === 'greeting') return greetingTold(state, data, now)
  if (kind === 'spaceapi') return nameTold(state, data)
  return state
}

const PLACES = new Map([['door', 'doors'], ['reader', 'readers'], ['room', 'rooms']])

const READINGS = {
  door: (data, id) =>
    LOCKS.includes(data.lock)
      ? {
          name: clean(id),
          lock: data.lock,
          contact: CONTACTS.includes(data.contact) ? data.contact : 'unknown',
          alarm: ALARMS.includes(data.alarm) ? data.alarm : null
        }
      : null,

  reader: (data, id) =>
    READER_STATES.includes(data.state) ? { name: clean(id), state: data.state } : null,

  room: (data, id) =>
    ROOM_STATES.includes(data.state)
      ? {
          name: clean(data.name) ?? clean(id),
          busy: data.state === 'busy',
          until: time(data.until),
          title: clean(data.title),
          next: booking(data.next)
        }
      : null
}

function statusTold(state, payload, now) {
  if (payload === 'online') return alive({ ...state, status: 'online' }, now)
  if (payload !== 'offline') return state
  // What was heard until now was the last of its session; it was true until this moment.
  const session = isFresh(state) ? state.session + 1 : state.session
  return { ...alive(state, now), status: 'offline', session }
}

function occupancyTold(state, data, now) {
  if (!isCount(data.count)) return state
  const { count } = data
  const capacity = isCount(data.capacity) && data.capacity > 0 ? data.capacity : null
  const left = isCount(data.free) ? data.free : Math.max(0, capacity - count)
  return dated(
    {
      ...state,
      occupancy: {
        session: state.session,
        count,
        capacity,
        free: capacity === null ? null : left,
        full: typeof data.full === 'boolean' ? data.full : capacity !== null && count >= capacity,
        open: typeof data.open === 'boolean' ? data.open : null
      }
    },
    data,
    now
  )
}

function greetingTold(state, data, now) {
  const name = clean(data.name)
  return name ? { ...state, greeting: { name, until: now + LIMITS.greeting } } : state
}

function nameTold(state, data) {
  const name = clean(data.space)
  return name ? { ...state, name } : state
}

function entryTold(state, place, id, fact, data, now) {
  if (!fact || !fact.name) return state
  let entries = state[place]
  if (!entries.has(id) && entries.size >= LIMITS.entries) {
    entries = new Map([...entries].filter(([, old]) => isCurrent(state, old)))
    if (entries.size >= LIMITS.entries) return state
  }
  entries = new Map(entries).set(id, { ...fact, session: state.session })
  return dated({ ...state, [place]: entries }, data, now)
}

function forget(state, place, id) {
  const entries = new Map(state[place])
  return entries.delete(id) ? { ...state, [place]: entries } : state
}

/* A time from the future says nothing about when the news came. */
function dated(state, data, now) {
  const at = time(data.at)
  return at !== null && at <= now && at > (state.newestAt ?? 0) ? { ...state, newestAt: at } : state
}

// --- reading what others wrote ----------------------------------------------------------------------

function parse(payload) {
  try {
    const data = JSON.parse(payload)
    return data !== null && typeof data === 'object' && !Array.isArray(data) ? data : null
  } catch {
    return null
  }
}

const isCount = value => Number.isInteger(value) && value >= 0 && value <= LIMITS.people

/* RFC 3339 to milliseconds, or null. */
function time(value) {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return null
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : at
}

function booking(next) {
  if (next === null || typeof next !== 'object') return null
  const from = time(next.from ?? next.starts_at ?? next.start ?? next.at)
  return from === null ? null : { from, title: clean(next.title) }
}

/* Control characters and whatever turns the direction of other people's text. */
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]+/gu

/* A person's words, fit for one line of text; null if nothing is left. */
export function clean(value) {
  if (typeof value !== 'string') return null
  const line = value.slice(0, 8 * LIMITS.name).replace(UNFIT, ' ').replace(/\s+/g, ' ').trim()
  const characters = Array.from(line)
  const cut = characters.length > LIMITS.name ? `${characters.slice(0, LIMITS.name).join('')}…` : line
  return cut === '' ? null : cut
}
