/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page: joins address, connection, state and view.
 *
 *     ?site=amiens&lang=fr       the site (else the first one seen) and the language (fr, en)
 *     &broker=ws://HOST:PORT     another broker than the one that served the page
 *     &prefix=cantine            as [mqtt] prefix= in Cantine's configuration
 *     &timezone=Europe/Paris     another zone than the browser's
 *
 * News are drawn at once, all that came together in one go; besides, the page is drawn once a second for
 * the clock and for whatever ends by itself.
 */

import { listen, settingsOf } from './connection.js'
import * as state from './state.js'
import { languageOf, textsOf, zoneOf } from './texts.js'
import { viewOf } from './view.js'

const query = new URLSearchParams(location.search)
const zone = zoneOf(query.get('timezone'), Intl.DateTimeFormat().resolvedOptions().timeZone)
const settings = settingsOf(location)
const draw = viewOf(document, textsOf(languageOf(query.get('lang')), zone))

let site = settings.site
let present = state.initial(Date.now())
let planned = false

function drawNow() {
  planned = false
  draw(present, site, Date.now())
}

function change(next) {
  if (next === present) return
  present = next
  if (planned) return
  planned = true
  setTimeout(drawNow, 0)
}

function tick() {
  drawNow()
  setTimeout(tick, 1000 - (Date.now() % 1000))
}

tick()
listen(settings, {
  onUp(found) {
    site = found
    change(state.linkUp(present))
  },
  onDown: () => change(state.linkDown(present)),
  onAlive: () => (present = state.alive(present, Date.now())),
  onMessage: (topic, payload) => change(state.message(present, topic, payload, Date.now()))
})
