/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the page makes of what it hears: honest, bounded, deaf to nonsense. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as page from '../src/state.js'

const NOW = Date.parse('2026-11-23T14:05:00Z')
const OCCUPANCY = { count: 12, capacity: 40, free: 28, full: false, open: true, at: '2026-11-23T14:00:00.000Z' }
const DOOR = { lock: 'locked', contact: 'closed', alarm: null, at: '2026-11-23T14:00:00.000Z' }

const tell = (state, topic, payload, now = NOW) =>
  page.message(state, topic, typeof payload === 'string' ? payload : JSON.stringify(payload), now)

const online = () => tell(page.linkUp(page.initial(NOW)), 'status', 'online')

test('figures are fresh with the link, the publisher and their own message, and only then', () => {
  let state = page.linkUp(page.initial(NOW))
  state = tell(state, 'occupancy', OCCUPANCY)
  assert.equal(page.isFresh(state), false)
  state = tell(state, 'status', 'online')
  assert.equal(page.isFresh(state), true)
  assert.equal(page.known(state, state.occupancy).count, 12)
  assert.equal(page.silentSince(state, NOW), null)
})

test('after the link was away old figures are not shown as fresh, until they are heard again', () => {
  let state = tell(online(), 'occupancy', OCCUPANCY)
  state = page.linkDown(state)
  assert.equal(page.isFresh(state), false)
  assert.equal(page.known(state, state.occupancy).count, 12, 'dimmed, but there')
  state = page.linkUp(state)
  assert.equal(page.isFresh(state), false, 'the link alone says nothing about the publisher')
  state = tell(state, 'status', 'online')
  assert.equal(page.known(state, state.occupancy), null)
  state = tell(state, 'occupancy', { ...OCCUPANCY, count: 13 })
  assert.equal(page.known(state, state.occupancy).count, 13)
})

test('after the publisher was away likewise, doors, readers and rooms too', () => {
  let state = tell(tell(online(), 'occupancy', OCCUPANCY), 'door/front', DOOR)
  state = tell(tell(state, 'status', 'offline'), 'status', 'online')
  assert.equal(page.known(state, state.occupancy), null)
  assert.deepEqual(page.knownEntries(state, state.doors), [])
})

test('states that come between offline and online count', () => {
  let state = tell(tell(online(), 'occupancy', OCCUPANCY), 'status', 'offline')
  state = tell(tell(state, 'occupancy', { ...OCCUPANCY, count: 14 }), 'status', 'online')
  assert.equal(page.known(state, state.occupancy).count, 14)
})

test('silent since the last sure moment', () => {
  let state = page.alive(online(), NOW + 60000)
  state = page.linkDown(state)
  assert.equal(page.silentSince(state, NOW + 90000), NOW + 60000)
  state = page.alive(page.linkUp(state), NOW + 120000)
  assert.equal(page.silentSince(state, NOW + 120000), NOW + 60000, 'a broker alone is no news')
})

test('never heard: patient first, then silent since the start, or since what was kept', () => {
  const started = page.initial(NOW)
  assert.equal(page.silentSince(started, NOW + page.LIMITS.patience - 1), null)
  assert.equal(page.silentSince(started, NOW + page.LIMITS.patience), NOW)
  const kept = tell(tell(page.linkUp(started), 'occupancy', OCCUPANCY), 'status', 'offline')
  assert.equal(page.silentSince(kept, NOW), Date.parse(OCCUPANCY.at))
})

test('a payload that is not what it should be changes nothing', () => {
  const state = tell(tell(online(), 'occupancy', OCCUPANCY), 'door/front', DOOR)
  const nonsense = [
    '', '{', 'null', '[]', '12', '"online"', '\u0000', '{"count":"12"}', '{"count":-1}', '{"count":1e99}',
    '{"count":1.5}', '{"count":null}', '{"lock":"ajar"}', '{"state":[]}', '{"name":7}', '{"name":"\u0007"}',
    '['.repeat(30000), JSON.stringify({ ...OCCUPANCY, name: 'x'.repeat(page.LIMITS.payload) })
  ]
  for (const topic of ['status', 'occupancy', 'door/other', 'reader/x', 'room/y', 'greeting', 'spaceapi', 'event', '', '/', 'door', 'door/', 'occupancy/x', '__proto__/x', 'constructor/x']) {
    for (const payload of nonsense) assert.equal(tell(state, topic, payload), state, `${topic}: ${payload.slice(0, 40)}`)
  }
})

test('no limit of places: only the number', () => {
  for (const capacity of [null, 0, undefined, 'many']) {
    const { occupancy } = tell(online(), 'occupancy', { ...OCCUPANCY, capacity, free: null })
    assert.deepEqual([occupancy.count, occupancy.capacity, occupancy.free, occupancy.full], [12, null, null, false])
  }
})

test('an empty payload takes a door away', () => {
  const state = tell(online(), 'door/front', DOOR)
  assert.equal(tell(state, 'door/front', '').doors.size, 0)
})

test('rooms: state, end, title and what comes next, whatever is null', () => {
  const state = tell(online(), 'room/a', {
    name: 'Atelier', state: 'busy', until: '2026-11-23T15:00:00.000Z', title: null,
    next: { title: 'Yoga', from: '2026-11-23T16:00:00.000Z', until: null }
  })
  const room = state.rooms.get('a')
  assert.equal(room.busy, true)
  assert.equal(room.until, Date.parse('2026-11-23T15:00:00Z'))
  assert.deepEqual(room.next, { from: Date.parse('2026-11-23T16:00:00Z'), title: 'Yoga' })
  const bare = tell(state, 'room/a', { name: null, state: 'free', until: 'soon', title: 7, next: 'x' }).rooms.get('a')
  assert.deepEqual([bare.name, bare.until, bare.title, bare.next], ['a', null, null, null])
})

test('entries are bounded, and old ones make way', () => {
  let state = online()
  for (let i = 0; i < 1000; i++) state = tell(state, `door/d${i}`, DOOR)
  assert.equal(state.doors.size, page.LIMITS.entries)
  state = tell(page.linkUp(page.linkDown(state)), 'status', 'online')
  state = tell(state, 'door/new', DOOR)
  assert.deepEqual([...state.doors.keys()], ['new'])
})

test('names are one bounded line, without control characters or marks that turn the direction', () => {
  assert.equal(page.clean('A\u0000d\n\ta\u202E!\u2066'), 'A d a !')
  assert.equal(page.clean('  '), null)
  assert.equal(page.clean(7), null)
  assert.equal(page.clean('<b>Ada</b>'), '<b>Ada</b>')
  assert.equal([...page.clean('👩‍💻'.repeat(500))].length, page.LIMITS.name + 1)
  assert.equal(page.clean('مرحبا'), 'مرحبا')
})

test('a greeting ends by itself', () => {
  const { greeting } = tell(online(), 'greeting', { name: 'Ada', door: 'front' })
  assert.deepEqual(greeting, { name: 'Ada', until: NOW + page.LIMITS.greeting })
})

test('asking changes nothing: a state is never written to', () => {
  const state = tell(online(), 'door/front', DOOR)
  const before = structuredClone(state)
  tell(tell(state, 'door/front', { ...DOOR, lock: 'held' }), 'door/back', DOOR)
  page.linkDown(state)
  assert.deepEqual(state, before)
})
