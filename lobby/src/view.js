/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Draws a state into the page. Names are text and nothing else (textContent), in elements that keep their
 * direction to themselves; what hasn't changed isn't touched; lists reuse their elements.
 */

import { isFresh, known, knownEntries, silentSince } from './state.js'
import { seatsOf } from './seats.js'

/* As many as a wall holds in letters that can be read from afar. */
const DOORS = 4
const AGENDA = { lines: 6, rooms: 5, next: 4 }

export function viewOf(document, texts) {
  const at = id => document.getElementById(id)
  const drawSeats = seatsOf(at('seats'))

  document.documentElement.lang = texts.language
  write(at('rooms-title'), texts.rooms)
  write(at('next-title'), texts.next)

  return function draw(state, site, now) {
    const since = silentSince(state, now)
    const occupancy = known(state, state.occupancy)
    const news = isFresh(state) ? 'fresh' : since === null ? 'waiting' : 'silent'
    mark(document.documentElement, 'news', news)

    const name = state.name ?? (site ? named(site) : 'Cantine')
    write(at('name'), name)
    if (document.title !== name) document.title = name
    write(at('clock'), texts.clock(now))
    write(at('date'), texts.date(now))

    drawBand(since, state.greeting, now)
    drawPeople(occupancy)
    drawAgenda(knownEntries(state, state.rooms), now)
    drawDoors(knownEntries(state, state.doors))
    drawReaders(knownEntries(state, state.readers))
  }

  /* One place for what matters more than the name of the house. */
  function drawBand(since, greeting, now) {
    const band = at('band')
    const greets = since === null && greeting !== null && greeting.until > now
    mark(band, 'kind', since !== null ? 'silence' : greets ? 'greeting' : '')
    show(band, since !== null || greets)
    if (since !== null) say(band, texts.silent.replace('{time}', texts.when(since, now)))
    else if (greets) say(band, texts.greeting, greeting.name)
    else say(band, '')
  }

  function drawPeople(occupancy) {
    const people = at('people')
    const { count = null, capacity = null, free = null, full = false, open = null } = occupancy ?? {}
    const number = count === null ? '–' : texts.number(count)
    write(at('count'), number)
    mark(people, 'digits', count === null ? 0 : String(count).length)
    mark(people, 'full', full)
    mark(people, 'seats', capacity !== null)
    write(at('count-words'), count === null ? '' : texts.people(count))
    write(at('free'), full ? texts.full : free === null ? '' : `${texts.number(free)} ${texts.places(free)}`)
    write(at('kind'), full ? texts.kind : '')
    write(at('open'), open === null ? '' : open ? texts.open : texts.closed)
    mark(at('open'), 'open', open === null ? '' : open)
    drawSeats(count ?? 0, capacity ?? 0)
  }

  function drawAgenda(rooms, now) {
    rooms.sort((a, b) => a.name.localeCompare(b.name, texts.locale))
    const lines = rooms.map(room => ({
      mark: room.busy ? 'busy' : 'free',
      parts: { name: room.name, state: roomState(room, now), title: (room.busy && room.title) || '' }
    }))
    const height = () => lines.reduce((sum, line) => sum + (line.parts.title ? 1.5 : 1), 0)
    let more = 0
    while (height() + (more ? 1 : 0) > AGENDA.rooms) {
      lines.pop()
      more++
    }
    if (more) lines.push({ mark: 'more', parts: { name: texts.more(more), state: '', title: '' } })
    const left = Math.min(Math.max(Math.floor(AGENDA.lines - height()), 1), AGENDA.next)
    const next = rooms
      .filter(room => room.next && room.next.from > now - 60000)
      .sort((a, b) => a.next.from - b.next.from)
      .slice(0, left)

    mark(at('main'), 'agenda', rooms.length > 0)
    show(at('agenda'), rooms.length > 0)
    show(at('later'), next.length > 0)
    list(at('rooms'), lines)
    list(at('next'), next.map(room => ({
      mark: '',
      parts: {
        time: texts.when(room.next.from, now),
        title: room.next.title ?? texts.booked,
        name: room.name
      }
    })))
  }

  function roomState(room, now) {
    const until = room.until !== null && room.until > now ? texts.when(room.until, now) : null
    if (until === null) return room.busy ? texts.busy : texts.free
    return (room.busy ? texts.busyUntil : texts.freeUntil).replace('{time}', until)
  }

  function drawDoors(doors) {
    const urgency = door => (door.alarm ? 0 : door.lock === 'lockdown' ? 1 : 2)
    doors.sort((a, b) => urgency(a) - urgency(b) || a.name.localeCompare(b.name, texts.locale))
    mark(at('doors'), 'many', Math.min(doors.length, DOORS))
    list(at('doors'), doors.slice(0, DOORS).map(door => ({
      mark: door.alarm ? 'alarm' : door.lock,
      parts: { name: named(door.name), state: doorState(door) }
    })))
  }

  function doorState(door) {
    const words = door.alarm ? [texts.alarm[door.alarm]] : [texts.lock[door.lock]]
    if (door.contact === 'open' && door.lock !== 'held' && door.alarm !== 'held_open') words.push(texts.ajar)
    return words.join(', ')
  }

  function drawReaders(readers) {
    const broken = readers.filter(reader => reader.state !== 'ready')
    show(at('reader'), broken.length > 0)
    if (broken.length === 0) say(at('reader'), '')
    else if (readers.length === 1) say(at('reader'), texts.reader)
    else say(at('reader'), texts.readerNamed, broken.map(reader => named(reader.name)).join(', '))
  }
}

/* A configuration's identifier as people write it: "front-door" → "Front door". */
const named = id => (id.charAt(0).toUpperCase() + id.slice(1)).replace(/[-_]/g, ' ')

function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

function mark(element, key, value) {
  if (element.dataset[key] !== String(value)) element.dataset[key] = value
}

function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible
}

/* A text in which {name} is somebody's, isolated from the words around it. */
function say(element, text, name = '') {
  if (element.textContent === text.replace('{name}', () => name)) return
  const [before, after] = text.split('{name}')
  element.textContent = before
  if (after === undefined) return
  element.append(isolated(element.ownerDocument, name), after)
}

function isolated(document, name) {
  const bdi = document.createElement('bdi')
  bdi.textContent = name
  return bdi
}

/* Lines of { mark, parts }: each part a span of its own, class = its key. */
function list(element, lines) {
  while (element.children.length > lines.length) element.lastChild.remove()
  lines.forEach(({ mark: value, parts }, i) => {
    const line = element.children[i] ?? element.appendChild(lineOf(element.ownerDocument, parts))
    mark(line, 'is', value)
    Object.values(parts).forEach((text, k) => write(line.children[k], text))
  })
}

function lineOf(document, parts) {
  const line = document.createElement('li')
  for (const key of Object.keys(parts)) {
    const part = document.createElement('span')
    part.className = key
    part.dir = 'auto'
    line.append(part)
  }
  return line
}
