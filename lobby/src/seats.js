/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The picture: one seat a place, taken ones filled, in as many columns as make them largest. A house with
 * more places than can be told apart from afar gets the same picture in proportion.
 */

export const MOST = 160
const SEAT = 0.8 // of the room that it has

/* How many of how many seats to draw: never none while somebody is in, never all while a place is left. */
export function proportion(count, capacity) {
  const seats = Math.min(capacity, MOST)
  if (count <= 0 || seats === 0) return { seats, taken: 0 }
  if (count >= capacity) return { seats, taken: seats }
  return { seats, taken: Math.min(Math.max(Math.round((count * seats) / capacity), 1), seats - 1) }
}

/* The number of columns for the largest seats in a box; of equals, that with the fullest last row. */
export function columnsFor(seats, width, height) {
  let best = { columns: 1, score: 0 }
  for (let columns = 1; columns <= seats; columns++) {
    const rows = Math.ceil(seats / columns)
    const gaps = rows * columns - seats
    const score = Math.min(width / columns, height / rows) * (1 - (0.35 * gaps) / columns)
    if (score > best.score) best = { columns, score }
  }
  return best.columns
}

export function seatsOf(svg) {
  const document = svg.ownerDocument
  const drawn = { key: '', taken: -1 }
  let last = [0, 0]

  function draw(count, capacity) {
    last = [count, capacity]
    const { seats, taken } = proportion(count, capacity)
    const { clientWidth: width, clientHeight: height } = svg
    const key = `${seats} ${width} ${height}`
    if (key === drawn.key && taken === drawn.taken) return
    if (key !== drawn.key) place(seats, width, height)
    svg.querySelectorAll('use').forEach((seat, i) => seat.setAttribute('class', i < taken ? 'taken' : 'left'))
    Object.assign(drawn, { key, taken })
  }

  function place(seats, width, height) {
    const columns = columnsFor(seats, width, height)
    const rows = Math.max(1, Math.ceil(seats / columns))
    const pitch = Math.min(width / columns, height / rows)
    const size = pitch * SEAT
    // From edge to edge, unless that tears the rows apart.
    const across = columns > 1 ? Math.min((width - size) / (columns - 1), pitch * 1.4) : 0
    const uses = [...svg.querySelectorAll('use')]
    while (uses.length > seats) uses.pop().remove()
    for (let i = 0; i < seats; i++) {
      const seat = uses[i] ?? svg.appendChild(document.createElementNS(svg.namespaceURI, 'use'))
      seat.setAttribute('href', '#seat')
      seat.setAttribute('x', (i % columns) * across)
      seat.setAttribute('y', Math.floor(i / columns) * pitch)
      seat.setAttribute('width', size)
      seat.setAttribute('height', size)
    }
  }

  new ResizeObserver(() => draw(...last)).observe(svg)
  return draw
}
