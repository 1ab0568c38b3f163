/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words, the times, and the picture's arithmetic. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsOf } from '../src/connection.js'
import { columnsFor, proportion } from '../src/seats.js'
import { languageOf, textsOf, zoneOf } from '../src/texts.js'

const NOW = Date.parse('2026-11-23T13:05:00Z')
const french = textsOf('fr', 'Europe/Paris')
const english = textsOf('en', 'Europe/Paris')

test('both languages say the same things', () => {
  const keys = table => Object.keys(table).flatMap(key => [key, ...Object.keys(table[key])].join('.')).sort()
  const words = texts => keys(Object.fromEntries(Object.entries(texts).filter(([, value]) => typeof value === 'object')))
  assert.deepEqual(words(french), words(english))
  assert.deepEqual(Object.keys(french), Object.keys(english))
})

test('one and many, each language in its way', () => {
  assert.equal(french.people(0), 'personne sur place')
  assert.equal(french.people(1), 'personne sur place')
  assert.equal(french.people(2), 'personnes sur place')
  assert.equal(english.people(0), 'people here now')
  assert.equal(english.people(1), 'person here now')
  assert.equal(french.places(1), 'place libre')
})

test('times in the zone of the site', () => {
  assert.equal(french.clock(NOW), '14:05')
  assert.equal(french.date(NOW), 'lundi 23 novembre')
  assert.equal(english.date(NOW), 'Monday 23 November')
  assert.equal(french.when(NOW, NOW), '14:05')
  assert.equal(french.when(NOW + 86400000, NOW), 'demain 14:05')
  assert.equal(english.when(NOW - 86400000, NOW), 'yesterday 14:05')
  assert.match(french.when(NOW + 3 * 86400000, NOW), /^jeu\. 26 nov\. 14:05$/)
  assert.equal(french.when(Date.parse('2026-11-22T23:30:00Z'), NOW), '00:30', 'today, in Paris')
  assert.equal(french.clock(Date.parse('2026-07-01T12:00:00Z')), '14:00', 'summer time')
})

test('language and zone, whatever was asked for', () => {
  assert.deepEqual(['en', 'EN-gb', 'fr', 'de', '', null, 'enfin'].map(languageOf), ['en', 'en', 'fr', 'fr', 'fr', 'fr', 'fr'])
  assert.equal(zoneOf(null, 'UTC'), 'Europe/Paris')
  assert.equal(zoneOf('No/Where', undefined), 'Europe/Paris')
  assert.equal(zoneOf(null, 'America/Montreal'), new Intl.DateTimeFormat('en', { timeZone: 'America/Montreal' }).resolvedOptions().timeZone)
})

test('the address of the page says where the broker is', () => {
  const at = address => settingsOf(new URL(address))
  assert.deepEqual(at('http://door:9001/?site=amiens&lang=fr'), { url: 'ws://door:9001/mqtt', prefix: 'cantine', site: 'amiens' })
  assert.equal(at('https://door/').url, 'wss://door/mqtt')
  assert.equal(at('http://door/?broker=ws://other:1').url, 'ws://other:1')
  assert.equal(at('http://door/?broker=javascript:alert(1)').url, 'ws://door/mqtt')
  assert.deepEqual(at('http://door/?prefix=a/b&site=%23'), { url: 'ws://door/mqtt', prefix: 'a/b', site: null })
  assert.equal(at('http://door/?prefix=%23').prefix, 'cantine')
})

test('the picture never says full while a place is left, nor empty while somebody is in', () => {
  assert.deepEqual(proportion(12, 40), { seats: 40, taken: 12 })
  assert.deepEqual(proportion(41, 40), { seats: 40, taken: 40 })
  assert.deepEqual(proportion(0, 0), { seats: 0, taken: 0 })
  assert.equal(proportion(1, 99999).taken, 1)
  assert.equal(proportion(99998, 99999).taken, proportion(0, 99999).seats - 1)
})

test('columns fill the box', () => {
  assert.equal(columnsFor(40, 1000, 400), 10)
  assert.equal(columnsFor(40, 400, 1000), 4)
  assert.equal(columnsFor(0, 400, 100), 1)
})
