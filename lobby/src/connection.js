/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way to the broker: MQTT 3.1.1 over a WebSocket, reading the site's public topics and nothing else.
 *
 * Promises: it comes back by itself, after 0.5 s at first and at most every 5 s; each connection is a clean
 * session of a client of its own, so that nothing of a dead one lingers; a cable that was pulled out is
 * noticed within 15 s. Without a site it takes the first one whose status it sees, and stays with it.
 */

import mqtt from 'mqtt'

const KEEPALIVE = 10 // seconds; half as much again without an answer is the end
const CONNECT = 5000 // ms
const FIRST_WAIT = 500 // ms, doubled each time…
const LONGEST_WAIT = 5000 // …up to this

const STATES = ['status', 'occupancy', 'door/+', 'reader/+', 'room/+', 'spaceapi']
const MOMENTS = ['greeting']

const isSite = id => /^[a-z0-9-]{1,64}$/.test(id)
const clientId = () =>
  'lobby-' + Array.from(crypto.getRandomValues(new Uint8Array(8)), b => b.toString(16).padStart(2, '0')).join('')

/*
 * Listens for as long as the page lives. `told` has onUp(site or null), onDown(), onAlive(), and
 * onMessage(topic below the site's, payload as text).
 */
export function listen({ url, prefix, site }, told) {
  let wait = FIRST_WAIT

  function open() {
    let client
    let over = false

    const end = () => {
      if (over) return
      over = true
      client?.end(true)
      told.onDown()
      setTimeout(open, wait * (0.8 + 0.4 * Math.random()))
      wait = Math.min(2 * wait, LONGEST_WAIT)
    }

    try {
      client = mqtt.connect(url, {
        protocolVersion: 4,
        clean: true,
        clientId: clientId(),
        keepalive: KEEPALIVE,
        connectTimeout: CONNECT,
        reconnectPeriod: 0,
        resubscribe: false,
        timerVariant: 'native'
      })
    } catch {
      end()
      return
    }

    const subscribe = () => {
      if (site === null) {
        client.subscribe(`${prefix}/+/status`, { qos: 1 })
        return
      }
      client.subscribe(STATES.map(topic => `${prefix}/${site}/${topic}`), { qos: 1 })
      client.subscribe(MOMENTS.map(topic => `${prefix}/${site}/${topic}`), { qos: 0 })
    }

    const found = topic => {
      const id = topic.slice(prefix.length + 1, -'/status'.length)
      if (!isSite(id)) return
      site = id
      told.onUp(site)
      client.unsubscribe(`${prefix}/+/status`, subscribe)
    }

    client.on('connect', () => {
      wait = FIRST_WAIT
      told.onUp(site)
      subscribe()
    })
    client.on('packetreceive', () => over || told.onAlive())
    client.on('message', (topic, payload, packet) => {
      if (over) return
      if (site === null) {
        found(topic)
      } else if (topic.startsWith(`${prefix}/${site}/`)) {
        const below = topic.slice(prefix.length + site.length + 2)
        // A greeting is for whoever is at the door now: one that was kept is none.
        if (!packet.retain || !MOMENTS.includes(below)) told.onMessage(below, payload.toString())
      }
    })
    client.on('error', end)
    client.on('close', end)
  }

  open()
}

/* The settings in the page's address; whatever doesn't fit is as if it weren't there. */
export function settingsOf(location) {
  const query = new URLSearchParams(location.search)
  const site = query.get('site')
  const prefix = query.get('prefix')
  const broker = query.get('broker')
  const own = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host || 'localhost'}/mqtt`
  return {
    url: /^wss?:\/\/./.test(broker ?? '') ? broker : own,
    prefix: prefix && !/[+#\0]/.test(prefix) ? prefix : 'cantine',
    site: site && isSite(site) ? site : null
  }
}
